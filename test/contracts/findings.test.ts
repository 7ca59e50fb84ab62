// Each finding about a library, by section and number (docs/reference/libraries.md shows them all): a test of this folder
// whose name has the number holds the library to it, or findings.json says why none does.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import lock from "../../package-lock.json" with { type: "json" };
import { findings, type Finding } from "./findings.ts";

const keyOf = ({ section, number }: Pick<Finding, "section" | "number">): string =>
  `${section} finding ${number}`;

test("row 92: every finding about a library is tested here or says why not", () => {
  const named = namedFindings();
  const known = new Set(findings.map(keyOf));
  expect([...named].filter((key) => !known.has(key))).toEqual([]);

  const tested = findings.filter((finding) => finding.tested === true).map(keyOf);
  expect(tested.filter((key) => !named.has(key))).toEqual([]);
  expect([...named].filter((key) => !tested.includes(key))).toEqual([]);

  const unclear = findings.filter(
    ({ tested: shown, reason, unused }) =>
      [shown, reason, unused].filter((answer) => answer !== undefined).length !== 1,
  );
  expect(unclear.map(keyOf)).toEqual([]);
});

test("the findings of a section are numbered without a gap", () => {
  for (const section of new Set(findings.map((finding) => finding.section))) {
    const numbers = findings.filter((finding) => finding.section === section);
    expect(numbers.map(keyOf)).toEqual(
      numbers.map((_finding, at) => keyOf({ section, number: at + 1 })),
    );
  }
});

test("what a finding calls unused is not installed", () => {
  const installed = new Set(
    Object.keys(lock.packages).map((path) => path.split("node_modules/").at(-1)),
  );
  const used = findings.flatMap(({ unused = [] }) => unused.filter((name) => installed.has(name)));
  expect(used).toEqual([]);
});

function namedFindings(): ReadonlySet<string> {
  const named = new Set<string>();
  for (const file of readdirSync(import.meta.dirname)) {
    if (!file.endsWith(".test.ts")) continue;
    const text = readFileSync(join(import.meta.dirname, file), "utf8");
    for (const [, section = "", numbers = ""] of text.matchAll(
      /["'`](\d+\.\d+) findings? (\d+(?:(?:, | and )\d+)*):/g,
    ))
      for (const number of numbers.match(/\d+/g) ?? [])
        named.add(keyOf({ section, number: Number(number) }));
  }
  return named;
}
