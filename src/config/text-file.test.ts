// A configuration in another charset names nobody that mail names: it is told when it is read, not by each refused message.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { ConfigError } from "./config-error.ts";
import { loadConfig } from "./load.ts";
import { readReplies } from "./replies.ts";
import { readShaping } from "./shaping.ts";

const name = Buffer.from("株式会社");
const shiftJis = Buffer.from("8a948eae89ef8ed0", "hex"); // the same in Shift_JIS
const cut = name.subarray(0, -1);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sekisho-test-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, ...parts: readonly (string | Buffer)[]): string {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat(parts.map((part) => Buffer.from(part))));
  return file;
}

function problemOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "none";
}

function configWith(legalName: Buffer, ...start: readonly Buffer[]): string {
  const before = 'version: 1\nsenders:\n  - id: a\n    legal: { names: ["';
  return write("gateway.yaml", ...start, before, legalName, '"] }\n    domains: [example.jp]\n');
}

test.each([
  ["Shift_JIS", shiftJis],
  ["UTF-8 with an octet missing", cut],
])("a file in %s is refused, with the line and what to do", (_what, octets) => {
  const file = configWith(octets);
  expect(problemOf(() => loadConfig(file, {}))).toBe(
    `${file}:\n  is not UTF-8 (line 4). Save the file as UTF-8 (not Shift_JIS or UTF-16).`,
  );
});

test("UTF-8 is read, with a byte order mark or without", () => {
  for (const start of [[], [Buffer.from("efbbbf", "hex")]])
    expect(loadConfig(configWith(name, ...start), {}).senders[0]?.legal.names).toEqual([
      "株式会社",
    ]);
});

test("the same holds for files that the environment or the configuration names", () => {
  const file = configWith(name);
  const wrong = write("wrong", shiftJis);
  expect(problemOf(() => loadConfig(file, { SEKISHO_PEOPLE_BANNER_FILE: wrong }))).toContain(
    "SEKISHO_PEOPLE_BANNER_FILE: is not UTF-8 (line 1). Write it in UTF-8.",
  );
  const oidc = "people: { oidc: { issuer: https://id.example.jp, client_id: a, client_secret_file: wrong } }"; // prettier-ignore
  expect(problemOf(() => loadConfig(write("oidc.yaml", oidc), {}))).toContain(
    'people.oidc.client_secret_file: is not UTF-8 (line 1) (found "wrong"). Save the file as UTF-8',
  );
  expect(problemOf(() => readShaping(wrong))).toContain("is not UTF-8 (line 1). Save");
  expect(problemOf(() => readReplies(wrong))).toContain("is not UTF-8 (line 1). Save");
});

test("an environment variable that was no UTF-8 has no value to use", () => {
  // What a process gets to see of octets in another charset.
  const seen = new TextDecoder().decode(shiftJis);
  expect(problemOf(() => loadConfig(configWith(name), { SEKISHO_PEOPLE_BANNER: seen }))).toContain(
    "SEKISHO_PEOPLE_BANNER: is not UTF-8. Write it in UTF-8.",
  );
});
