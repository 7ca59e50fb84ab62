// What comments, tests and pages cite is in this repository: each page by its name, and of three pages the row or section.
import { globSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

import { expect, test } from "vitest";

import rows from "../scripts/docs/threat-rows.json" with { type: "json" };
import findings from "./contracts/findings.json" with { type: "json" };

const root = resolve(import.meta.dirname, "..");
const find = (patterns: readonly string[]): readonly string[] => globSync(patterns, { cwd: root });
const read = (file: string): string => readFileSync(join(root, file), "utf8");

const pages = find(["docs/**/*.md", "*.md"]);

/** On one line each, as a citation may go on in the next line of its comment. */
const sources = [...find(["{src,test,scripts,config}/**/*.{ts,json,yaml}"]), ...pages]
  .filter((file) => file !== "test/citations.test.ts")
  .map((file) => ({ file, text: read(file).replace(/\n\s*(?:(?:\/\/|\*|#) ?)?/g, " ") }));

const law = read("docs/law.md");
const lawRows = [...law.matchAll(/^- \*\*([A-Z]+-?\d+)\*\* /gm)].map(([, row = ""]) => row);
const lawSections = [...law.matchAll(/^##+ ([\d.]*\d)\.? /gm)].map(([, at = ""]) => `§${at}`);

const lawThing = String.raw`(?:§\d+(?:\.\d+)?|[A-Z]{1,2}-?\d+(?:[–…](?:[A-Z]{1,2}-?)?\d+)?)`;
const numbers = String.raw`\d+(?:–\d+)?(?:(?:, | and )(?:row )?\d+(?:–\d+)?)*`;

/** `cited`: what stands behind the page's name · `thingsOf`: each thing in it, by the name that it has in `known`. */
test.each([
  {
    page: "law.md",
    cited: `${lawThing}(?:(?:, | and )${lawThing})*`,
    thingsOf: (words: string) => words.split(/, | and /).flatMap(lawThings),
    known: [...lawRows, ...lawSections],
    atLeast: 60,
  },
  {
    page: "threats.md",
    cited: `rows? ${numbers}`,
    thingsOf: numbersOf,
    known: rows.map(({ row }) => String(row)),
    atLeast: 60,
  },
  {
    page: "libraries.md",
    cited: String.raw`\d\.\d(?:, ${numbers})?`,
    thingsOf: libraryThings,
    known: findings.flatMap(({ section, number }) => [section, `${section}, ${number}`]),
    atLeast: 5,
  },
])("$page has all that is cited of it", ({ page, cited, thingsOf, known, atLeast }) => {
  // A path or link, `docs/law.md` or `[law.md]`, is of the page as a whole.
  const name = `(?<![\\w/[-])${page.replace(".", "\\.")}(?![)#])`;
  const pattern = new RegExp(`${name}(?: (${cited}))?`, "g");
  const things = sources.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].flatMap(([, words]) =>
      (words === undefined ? ["nothing"] : thingsOf(words)).map((thing) => ({ file, thing })),
    ),
  );
  expect(things.length).toBeGreaterThan(atLeast);
  expect(things.filter(({ thing }) => !known.includes(thing))).toEqual([]);
});

/** `JP-05…07` → JP-05, JP-06, JP-07. */
function lawThings(thing: string): readonly string[] {
  const [, letters, first = "", last = ""] = /^([A-Z]+-?)(\d+)[–…]\D*(\d+)$/.exec(thing) ?? [];
  return letters === undefined
    ? [thing]
    : numbersOf(`${first}–${last}`).map((number) => letters + number.padStart(first.length, "0"));
}

/** `1.1, 1–3 and 21` → `1.1, 1`, `1.1, 2`, `1.1, 3`, `1.1, 21`. */
function libraryThings(words: string): readonly string[] {
  const section = words.slice(0, 3);
  const found = numbersOf(words.slice(3));
  return found.length === 0 ? [section] : found.map((number) => `${section}, ${number}`);
}

/** `1–3 and 21` → 1, 2, 3, 21. */
function numbersOf(words: string): readonly string[] {
  return [...words.matchAll(/(\d+)(?:–(\d+))?/g)].flatMap(([, first = "", last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => String(Number(first) + at)),
  );
}

test("every page that is named exists", () => {
  const names = new Set(pages.map((file) => basename(file)));
  const missing = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/[\w.-]+\.md\b/g)]
      .filter(([name]) => !names.has(name))
      .map(([name]) => ({ file, name })),
  );
  expect(missing).toEqual([]);
});

test("every file that law.md names exists", () => {
  const named = [...law.matchAll(/`((?:src|test|config)\/[\w./-]+)`/g)].map(([, at = ""]) => at);
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => find([path]).length === 0)).toEqual([]);
});
