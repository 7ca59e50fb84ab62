// What is no whole backup is refused before anything is in the place of the data.
import { randomBytes } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { stageBackup } from "../../src/storage/backup.ts";
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

/** Every file under keys_dir with its content. */
function keyFiles(): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(at("keys"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((file) => [file, readFileSync(file, "base64")]),
  );
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

describe("row 60: the signing keys of a backup", () => {
  let keyFile: string;
  beforeEach(async () => {
    const [key] = (await run("keys", "create", "--domain", "example.jp")).json();
    keyFile = `keys/example.jp/${String(key?.["selector"])}.key`;
    expect((await run("backup", at("backup"))).code).toBe(0);
  });

  test("are nowhere after a restore that was refused, and a good one brings them back", async () => {
    cpSync(at("backup"), at("bad"), { recursive: true });
    writeFileSync(at(`bad/${keyFile}`), "junk");
    rmSync(at(keyFile));
    const before = keyFiles();
    const refused = await run("restore", at("bad"), "--yes");
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("does not open")]);
    expect(keyFiles()).toEqual(before);

    const restored = await run("restore", at("backup"), "--yes");
    expect(restored.code, restored.stderr).toBe(0);
    expect(readFileSync(at(keyFile))).toEqual(readFileSync(at(`backup/${keyFile}`)));
    expect(readdirSync(at("data")).filter((name) => name.includes("restored"))).toEqual([]);
  });

  test("are no more on a new machine that has no master key, or another", async () => {
    renameSync(at("keys/master.key"), at("master.key"));
    rmSync(at("data"), { recursive: true });
    rmSync(at("keys"), { recursive: true });
    const without = await run("restore", at("backup"), "--yes");
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining("does not exist")]);
    expect(without.stderr).not.toContain("sekisho init");
    mkdirSync(at("keys"), { recursive: true, mode: 0o700 });
    writeFileSync(at("keys/master.key"), randomBytes(32).toString("base64"), { mode: 0o600 });
    expect((await run("restore", at("backup"), "--yes")).code).toBe(2);
    expect([...keyFiles().keys()]).toEqual([at("keys/master.key")]);

    renameSync(at("master.key"), at("keys/master.key"));
    const restored = await run("restore", at("backup"), "--yes");
    expect(restored.code, restored.stderr).toBe(0);
    expect(existsSync(at(keyFile))).toBe(true);
    await isWhole();
  });

  test("take the place of files that are others, which are moved aside", async () => {
    writeFileSync(at(keyFile), "what an earlier restore left", { mode: 0o600 });
    const restored = await run("restore", at("backup"), "--yes");
    expect(restored.code, restored.stderr).toBe(0);
    expect(readFileSync(at(keyFile))).toEqual(readFileSync(at(`backup/${keyFile}`)));
    const aside = [...keyFiles().keys()].filter((file) => file.startsWith(`${at(keyFile)}.`));
    expect(aside.map((file) => readFileSync(file, "utf8"))).toEqual([
      "what an earlier restore left",
    ]);
  });
});

test("row 60: a restore that ends between its last steps leaves the data where a start finds them", async () => {
  expect((await run("backup", at("backup"))).code).toBe(0);
  const places = { url: "sqlite:sekisho.db", dataDir: at("data"), keysDir: at("keys") };
  {
    using staged = stageBackup(places, at("backup"));
    rmSync(at("data/sekisho.db.restored"));
    expect(() => staged.install(new Date())).toThrow(/ENOENT/);
  }
  await isWhole();
});
