// A database of an earlier version, with rows in it, is taken over by this one.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import Database from "better-sqlite3";
import { expect, test } from "vitest";

import { openStorage } from "../../src/storage/open.ts";
import { settingsFor, temporaryFolder } from "../support/storage-facts.ts";

const migrations = resolve(import.meta.dirname, "../../src/storage/sqlite/migrations");

test("requests for consent from before they were in the audit chain stay, and the log still verifies", async () => {
  using folder = temporaryFolder();
  await (await openStorage(settingsFor(folder.path)))[Symbol.asyncDispose]();
  const path = join(folder.path, "sekisho.db");
  const current = new Database(path);
  const applicationId = Number(current.pragma("application_id", { simple: true }));
  current.close();
  for (const ending of ["", "-wal", "-shm"]) rmSync(path + ending, { force: true });

  const before = new Database(path);
  before.pragma("journal_mode = WAL");
  const earlier = readdirSync(migrations).toSorted().slice(0, 4);
  for (const name of earlier) before.exec(readFileSync(join(migrations, name), "utf8"));
  before.pragma(`application_id = ${applicationId}`);
  before.pragma("user_version = 4");
  const add = before.prepare("INSERT INTO consent_requests VALUES (?, 1, 'm', 1, 0, ?)");
  for (const octet of [1, 2, 3]) add.run(Buffer.alloc(16, octet), Buffer.alloc(40));
  before.close();

  const storage = await openStorage(settingsFor(folder.path));
  expect(await storage.audit.verify()).toMatchObject({ kind: "intact" });
  await storage[Symbol.asyncDispose]();
  const after = new Database(path, { readonly: true });
  const kept = after
    .prepare("SELECT sequence FROM consent_requests ORDER BY subject")
    .pluck()
    .all();
  after.close();
  expect(kept).toEqual([-1, -2, -3]);
});
