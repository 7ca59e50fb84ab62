// threats.md row 54: a store that could lose what it acknowledged does not open.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { expect, test } from "vitest";

import { openStorage } from "../../src/storage/open.ts";
import {
  assertDurable,
  networkFileSystem,
  openForWriting,
} from "../../src/storage/sqlite/database.ts";
import { accept, settingsFor, submission, temporaryFolder } from "../support/storage-facts.ts";

test("row 54: a reopened file runs with synchronous=FULL although the library defaults to NORMAL", async () => {
  using folder = temporaryFolder();
  for (let round = 0; round < 2; round += 1) {
    await using storage = await openStorage(settingsFor(folder.path));
    await accept(storage, submission(["taro@example.jp"]));
  }
  const path = join(folder.path, "sekisho.db");
  const plain = new Database(path);
  expect(plain.pragma("synchronous", { simple: true })).toBe(1);
  expect(() => {
    assertDurable(plain);
  }).toThrow(/synchronous=2/);
  plain.close();
  const ours = openForWriting(path);
  expect(ours.pragma("synchronous", { simple: true })).toBe(2);
  expect(ours.pragma("journal_mode", { simple: true })).toBe("wal");
  ours.close();
});

test("row 54: a network file system is refused by name", () => {
  const on = (type: number) => (): { readonly type: number } => ({ type });
  expect(networkFileSystem("/", on(0x6969))).toBe("NFS");
  expect(networkFileSystem("/", on(0xff534d42 | 0))).toBe("CIFS");
  expect(networkFileSystem("/", on(0xef53))).toBeUndefined();
});

test("row 54: a store that cannot be WAL is refused", () => {
  const memory = new Database(":memory:");
  expect(() => {
    assertDurable(memory);
  }).toThrow(/journal_mode=wal/);
  memory.close();
});

test("row 51: a newer schema and another program's file are refused, and left as they are", async () => {
  using folder = temporaryFolder();
  await (await openStorage(settingsFor(folder.path)))[Symbol.asyncDispose]();
  const path = join(folder.path, "sekisho.db");
  const db = new Database(path);
  db.pragma("user_version = 9999");
  db.close();
  await expect(openStorage(settingsFor(folder.path))).rejects.toThrow(/schema 9999/);

  using other = temporaryFolder();
  const foreign = new Database(join(other.path, "sekisho.db"));
  foreign.exec("CREATE TABLE notes (text TEXT)");
  foreign.close();
  await expect(openStorage(settingsFor(other.path))).rejects.toThrow(/another program/);

  using third = temporaryFolder();
  writeFileSync(join(third.path, "sekisho.db"), Buffer.alloc(8192, "not a database "));
  await expect(openStorage(settingsFor(third.path))).rejects.toMatchObject({
    name: "StorageUnavailable",
    kind: "corrupt",
  });
});

test("a database that cannot be opened is told by its path", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "sekisho.db");
  mkdirSync(path);
  await expect(openStorage(settingsFor(folder.path))).rejects.toMatchObject({
    kind: "closed",
    message: `the database file ${path} cannot be opened`,
  });
});

test("a second gateway on the same data directory is refused, the CLI beside it is not", async () => {
  using folder = temporaryFolder();
  await using first = await openStorage(settingsFor(folder.path));
  await expect(openStorage(settingsFor(folder.path))).rejects.toThrow(/another gateway/);
  await using office = await openStorage(settingsFor(folder.path, "office"));
  expect(await office.health()).toEqual({ ok: true });
  expect(await first.health()).toEqual({ ok: true });
});

test.skipIf(process.platform === "win32")(
  "row 85: keys that others can read are refused, with the remedy",
  async () => {
    using folder = temporaryFolder();
    await (await openStorage(settingsFor(folder.path)))[Symbol.asyncDispose]();
    chmodSync(join(folder.path, "keys"), 0o755);
    await expect(openStorage(settingsFor(folder.path))).rejects.toThrow(/chmod -R go= /);
  },
);
