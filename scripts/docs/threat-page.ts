// docs/threats.md: each attack and fault, what the gateway does about it, and the tests that carry its number.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import rows from "./threat-rows.json" with { type: "json" };

interface Row {
  readonly row: number;
  readonly area: string;
  readonly fault: string;
  readonly expected: string;
  /** Why no test has the number. */
  readonly notYet?: string;
}

const root = join(import.meta.dirname, "../..");

/** Throws where a row has neither a test nor a reason. */
export function threatPage(): string {
  const tests = testsByRow();
  const list: readonly Row[] = rows;
  const bare = list.filter(({ row, notYet }) => !tests.has(row) && notYet === undefined);
  if (bare.length > 0)
    throw new Error(`no test and no reason for rows ${bare.map(({ row }) => row).join(", ")}`);
  const covered = list.filter(({ row }) => tests.has(row)).length;
  const areas = [...new Set(list.map(({ area }) => area))];
  return `# Threats

${list.length} attacks and faults, what the gateway does about each, and the tests that show it. A test carries the row's number in its name
(\`row 45: …\`), so \`npm test -- -t "row 45"\` runs it. ${covered} rows have a test; for each of the others it says why not yet.
Generated from the tests' names and \`scripts/docs/threat-rows.json\` by \`npm run docs\`.

${areas.map((area) => section(area, list, tests)).join("\n")}`;
}

function section(
  area: string,
  list: readonly Row[],
  tests: ReadonlyMap<number, ReadonlySet<string>>,
): string {
  const lines = list
    .filter((row) => row.area === area)
    .map(({ row, fault, expected, notYet }) => {
      const files = [...(tests.get(row) ?? [])].toSorted();
      const shown =
        files.length === 0
          ? `_${notYet ?? ""}_`
          : files.map((file) => `[${file.split("/").at(-1) ?? ""}](../${file})`).join("<br>");
      return `| ${row} | ${fault} | ${expected} | ${shown} |`;
    });
  return `## ${area}

| row | attack or fault | what the gateway does | tests |
| --- | --- | --- | --- |
${lines.join("\n")}
`;
}

function testsByRow(): ReadonlyMap<number, ReadonlySet<string>> {
  const found = new Map<number, Set<string>>();
  for (const folder of ["test", "src"])
    for (const entry of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!entry.endsWith(".test.ts")) continue;
      const text = readFileSync(join(root, folder, entry), "utf8");
      for (const [, numbers] of text.matchAll(/["'`]rows? (\d+(?:(?:, | and )\d+)*):/g))
        for (const number of numbers?.match(/\d+/g) ?? []) {
          const files = found.get(Number(number)) ?? new Set();
          found.set(Number(number), files.add(`${folder}/${entry}`));
        }
    }
  return found;
}
