// A database of an earlier version, with rows in it, is taken over by this one.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import Database from "better-sqlite3";
import { expect, test } from "vitest";

import { openStorage } from "../../src/storage/open.ts";
import { noon, settingsFor, temporaryFolder } from "../support/storage-facts.ts";

const migrations = resolve(import.meta.dirname, "../../src/storage/sqlite/migrations");

/** A database as the first migrations alone leave it. */
async function databaseOf(folder: string, migrationsDone: number): Promise<Database.Database> {
  await (await openStorage(settingsFor(folder)))[Symbol.asyncDispose]();
  const path = join(folder, "sekisho.db");
  const current = new Database(path);
  const applicationId = Number(current.pragma("application_id", { simple: true }));
  current.close();
  for (const ending of ["", "-wal", "-shm"]) rmSync(path + ending, { force: true });
  const before = new Database(path);
  before.pragma("journal_mode = WAL");
  const earlier = readdirSync(migrations).toSorted().slice(0, migrationsDone);
  for (const name of earlier) before.exec(readFileSync(join(migrations, name), "utf8"));
  before.pragma(`application_id = ${applicationId}`);
  before.pragma(`user_version = ${migrationsDone}`);
  return before;
}

test("requests for consent from before they were in the audit chain stay, and the log still verifies", async () => {
  using folder = temporaryFolder();
  const before = await databaseOf(folder.path, 4);
  const add = before.prepare("INSERT INTO consent_requests VALUES (?, 1, 'm', 1, 0, ?)");
  for (const octet of [1, 2, 3]) add.run(Buffer.alloc(16, octet), Buffer.alloc(40));
  before.close();

  const storage = await openStorage(settingsFor(folder.path));
  expect(await storage.audit.verify()).toMatchObject({ kind: "intact" });
  await storage[Symbol.asyncDispose]();
  const after = new Database(join(folder.path, "sekisho.db"), { readonly: true });
  const kept = after
    .prepare("SELECT sequence FROM consent_requests ORDER BY subject")
    .pluck()
    .all();
  after.close();
  expect(kept).toEqual([-1, -2, -3]);
});

test("tokens from before it was known who made them stay, and make others that end with them", async () => {
  using folder = temporaryFolder();
  const before = await databaseOf(folder.path, 6);
  before
    .prepare(
      `INSERT INTO tokens (id, name, scopes, hash, created_at, owner) VALUES ('old', 'CRM', '["*"]', 'aa', 1, 'user:1')`,
    )
    .run();
  before.close();

  await using storage = await openStorage(settingsFor(folder.path));
  const { tokens } = storage;
  const old = await tokens.find("old");
  assert(old !== undefined);
  expect(old).toMatchObject({ name: "CRM", scopes: ["*"], owner: "user:1" });
  expect(old.madeBy).toBeUndefined();
  const act = { actor: "cli:test", at: noon() };
  await tokens.save({ ...old, id: "new", madeBy: "old" }, "create", act);
  await tokens.save({ ...old, revokedAt: noon(1) }, "revoke", act, old);
  expect((await tokens.find("new"))?.revokedAt).toEqual(noon(1));
});
