// What is no whole backup is refused before anything is in the place of the data.
import { readdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { runHere } from "../support/command-here.ts";
import { createWorkplace, type CommandResult, type Workplace } from "../support/gateway-process.ts";

let place: Workplace;
beforeEach(async () => {
  place = createWorkplace("");
  expect(
    (await run("suppress", "add", ..."--email v@example.com --kind manual --scope all".split(" ")))
      .code,
  ).toBe(0);
});
afterEach(() => {
  place[Symbol.dispose]();
});

function at(path: string): string {
  return join(place.folder, path);
}

function run(...args: readonly string[]): Promise<CommandResult> {
  return runHere(place.configFile, ...args);
}

async function isWhole(): Promise<void> {
  expect((await run("suppress", "lookup", "v@example.com")).stdout).toContain('"manual"');
  expect((await run("audit", "verify")).json()[0]).toMatchObject({ kind: "intact" });
}

describe("row 60: a restore refuses", () => {
  test.each<[string, (file: string) => void]>([
    ["is empty", (file) => truncateSync(file)],
    [
      "is empty",
      (file) => {
        rmSync(file);
        new Database(file).exec("PRAGMA user_version = 0").close();
      },
    ],
    [
      "belongs to another program",
      (file) => {
        rmSync(file);
        new Database(file).exec("CREATE TABLE notes (text)").close();
      },
    ],
    [
      "has no event in its log",
      (file) => {
        new Database(file).exec("DELETE FROM audit_events").close();
      },
    ],
  ])("a database that %s, and leaves the data as they are", async (words, spoil) => {
    expect((await run("backup", at("backup"))).code).toBe(0);
    spoil(at("backup/sekisho.db"));
    const refused = await run("restore", at("backup"), "--yes");
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toContain(`${at("backup/sekisho.db")} ${words}`);
    expect(readdirSync(at("data")).filter((name) => name.startsWith("sekisho.db"))).toEqual([
      "sekisho.db",
    ]);
    await isWhole();
  });
});
