// What storage/sqlite sets and asserts at every open, since SQLite as better-sqlite3 builds it does otherwise.
import { mkdtempSync, openSync, rmSync, closeSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sekisho-contract-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.each([
  { set: false, levels: [1, 1, 1] }, // NORMAL: no sync before a commit is answered
  { set: true, levels: [2, 2, 2] }, // FULL
])("1.7 finding 1: a WAL database is at NORMAL unless FULL is set: $set", ({ set, levels }) => {
  const path = join(folder, `synchronous-${set}.db`);
  const seen = levels.map(() => {
    const db = new Database(path);
    db.pragma("journal_mode = WAL");
    if (set) db.pragma("synchronous = FULL");
    db.exec("create table if not exists t (a); insert into t values (1)"); // until here a new file says FULL
    const level = db.pragma("synchronous", { simple: true });
    db.close();
    return level;
  });
  expect(seen).toEqual(levels);
});

test("1.7 finding 2: a locked database holds the thread up, for five seconds by itself", () => {
  const path = join(folder, "locked.db");
  const holder = new Database(path);
  expect(holder.pragma("busy_timeout", { simple: true })).toBe(5_000);
  holder.exec("begin immediate");
  const waiter = new Database(path, { timeout: 1 });
  expect(waiter.pragma("busy_timeout", { simple: true })).toBe(1);
  expect(() => waiter.exec("begin immediate")).toThrow(
    expect.objectContaining({ code: "SQLITE_BUSY" }),
  );
  waiter.close();
  holder.close();
});

test("1.7 finding 3: a file that is no database and a damaged page have codes of their own", () => {
  const garbage = join(folder, "garbage.db");
  writeFileSync(garbage, "x".repeat(8_192));
  expect(() => readRows(garbage)).toThrow(expect.objectContaining({ code: "SQLITE_NOTADB" }));

  const damaged = join(folder, "damaged.db");
  const db = new Database(damaged);
  db.exec("create table t (a)");
  const insert = db.prepare("insert into t values (?)");
  for (let at = 0; at < 100; at += 1) insert.run("x".repeat(500));
  const pageOctets = Number(db.pragma("page_size", { simple: true }));
  db.close();
  const file = openSync(damaged, "r+");
  writeSync(file, Buffer.alloc(3 * pageOctets, 0xff), 0, 3 * pageOctets, pageOctets);
  closeSync(file);
  expect(() => readRows(damaged)).toThrow(expect.objectContaining({ code: "SQLITE_CORRUPT" }));
});

function readRows(path: string): unknown {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare("select a from t").all();
  } finally {
    db.close();
  }
}
