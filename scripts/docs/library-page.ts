// docs/reference/libraries.md: the measured limits of libraries, and the tests that hold the installed ones to them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { findings, type Finding } from "../../test/contracts/findings.ts";

/** In the versions that were measured. */
const libraries: Readonly<Record<string, string>> = {
  "1.1": "smtp-server 3.21.6",
  "1.2": "nodemailer 10.6.0, and TLS of Node 24",
  "1.3": "mx-connect 2.0.0",
  "1.4": "mailauth 7.1.0",
  "1.5": "dkim-signer 0.2.2",
  "1.6": "mailparser 3.14.2 and postal-mime 4.0.0",
  "1.7": "better-sqlite3 13.2.0 and Fastify 5.12.8",
};

const folder = join(import.meta.dirname, "../../test/contracts");

/** Throws where a section names no library, or a finding neither a test nor a reason. */
export function libraryPage(): string {
  const tests = testsByFinding();
  const sections = [...new Set(findings.map(({ section }) => section))];
  return `# Libraries

What libraries were measured to do that their users may not expect; the code that goes round it cites this page (\`libraries.md 1.4, 8\`:
section 1.4, number 8). Where a library is in use, a test holds it to the finding, so that an update which changes it is noticed: its name
begins with the number (\`npm test -- -t "1.4 finding 8:"\`). Generated from \`test/contracts/findings.json\` and the tests' names by
\`npm run docs\`.

${sections.map((section) => writeSection(section, tests)).join("\n")}`;
}

function writeSection(section: string, tests: ReadonlyMap<string, ReadonlySet<string>>): string {
  const library = libraries[section];
  if (library === undefined) throw new Error(`no library for section ${section}`);
  const lines = findings
    .filter((finding) => finding.section === section)
    .map((finding) => {
      const files = tests.get(keyOf(section, finding.number));
      return `| ${finding.number} | ${finding.title} | ${heldBy(finding, files)} |`;
    });
  return `## ${section} ${library}

| number | finding | test, or why there is none |
| --- | --- | --- |
${lines.join("\n")}
`;
}

function heldBy(
  { section, number, reason, unused }: Finding,
  files: ReadonlySet<string> | undefined,
): string {
  if (files !== undefined)
    return [...files]
      .toSorted()
      .map((file) => `[${file}](../../test/contracts/${file})`)
      .join("<br>");
  if (unused !== undefined) return `_not in use: ${unused.join(", ")}_`;
  if (reason === undefined)
    throw new Error(`no test and no reason for finding ${section}, ${number}`);
  return `_${reason}_`;
}

const keyOf = (section: string, number: number): string => `${section}, ${number}`;

function testsByFinding(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of readdirSync(folder)) {
    if (!file.endsWith(".test.ts")) continue;
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, section = "", numbers = ""] of text.matchAll(
      /["'`](\d+\.\d+) findings? (\d+(?:(?:, | and )\d+)*):/g,
    ))
      for (const number of numbers.match(/\d+/g) ?? []) {
        const key = keyOf(section, Number(number));
        found.set(key, (found.get(key) ?? new Set<string>()).add(file));
      }
  }
  return found;
}
