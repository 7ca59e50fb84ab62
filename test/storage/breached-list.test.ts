// Leaked passwords are found by halving a sorted file, wherever in it they stand.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { createBreachedList } from "../../src/storage/breached-list.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sekisho-breached-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex").toUpperCase();

function listOf(name: string, lines: readonly string[], end = "\n"): string {
  const file = join(folder, name);
  writeFileSync(file, lines.length === 0 ? "" : lines.join(end) + end);
  return file;
}

test.each([1, 2, 3, 10, 257])("of %i entries each is found, and nothing else", async (count) => {
  const words = Array.from({ length: count }, (_, index) => `word ${index}`);
  const lines = words
    .map((word, index) => `${sha1(word)}:${index}`)
    .toSorted((a, b) => (a < b ? -1 : 1));
  for (const [end, name] of [
    ["\n", "lf"],
    ["\r\n", "crlf"],
  ] as const) {
    const has = createBreachedList(listOf(`${count}-${name}`, lines, end));
    const step = Math.ceil(count / 20);
    for (let index = 0; index < count; index += step)
      expect([index, await has(words[index] ?? "")]).toEqual([index, true]);
    expect(await has(words.at(-1) ?? "")).toBe(true);
    for (const other of ["other", "x", "word", ""]) expect(await has(other)).toBe(false);
  }
});

test("prefixes of ten digits count, shorter ones do not; an empty file names nobody", async () => {
  const prefixed = createBreachedList(listOf("prefix", [sha1("leaked").slice(0, 10)]));
  expect([await prefixed("leaked"), await prefixed("other")]).toEqual([true, false]);
  const short = createBreachedList(listOf("short", [sha1("leaked").slice(0, 9)]));
  expect(await short("leaked")).toBe(false);
  expect(await createBreachedList(listOf("empty", []))("leaked")).toBe(false);
});

test("a file that is not there is an error, not a yes", async () => {
  await expect(createBreachedList(join(folder, "none"))("x")).rejects.toThrow(/ENOENT/);
});
