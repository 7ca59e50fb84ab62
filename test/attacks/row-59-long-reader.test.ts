// A process that reads for hours keeps the database's log from being emptied: it is told before the disk is full.
import { join } from "node:path";

import Database from "better-sqlite3";
import { expect, test } from "vitest";

import { openStorage } from "../../src/storage/open.ts";
import { describeLogSize } from "../../src/storage/sqlite/log-size.ts";
import { accept, settingsFor, submission, temporaryFolder } from "../support/storage-facts.ts";

const markBytes = 24 * 1024 * 1024; // a log is emptied at 16 MB where nobody reads

test("row 59: a long reader lets the log grow, which is told by name; without it the log stays small", async () => {
  using folder = temporaryFolder();
  await using storage = await openStorage(settingsFor(folder.path));
  const path = join(folder.path, "sekisho.db");
  const write = async (): Promise<void> => {
    for (let n = 0; n < 40; n += 1)
      await accept(storage, submission([`u${n}@example.jp`], { text: "x".repeat(1_000_000) }));
  };
  await write();
  expect(describeLogSize(path, markBytes)).toBeUndefined();

  const reader = new Database(path, { readonly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM messages").get();
  await write();
  expect(describeLogSize(path, markBytes)).toMatch(/^the log of the database has grown to \d+ MB/);
  reader.exec("COMMIT");
  reader.close();
  expect(await storage.health()).toEqual({ ok: true });
});
