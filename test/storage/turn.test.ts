// Several writers on one database: nobody who has just written keeps one out who waits.
import { join } from "node:path";

import Database, { type Database as Connection } from "better-sqlite3";
import { expect, test } from "vitest";

import { openTurn } from "../../src/storage/sqlite/turn.ts";
import { openStorage } from "../../src/storage/open.ts";
import { granted, settingsFor, temporaryFolder } from "../support/storage-facts.ts";

test("the turn has one owner, who may ask again, and is free once it is left or its owner is gone", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "turn.lock");
  using first = openTurn(path);
  const second = openTurn(path);
  expect(first.take()).toBe(true);
  expect(first.take()).toBe(true);
  expect(second.take()).toBe(false);
  first.leave();
  first.leave();
  expect(second.take()).toBe(true);
  expect(first.take()).toBe(false);
  second[Symbol.dispose]();
  expect(first.take()).toBe(true);
});

test("while a gateway waits for the lock, a command does not write before it", async () => {
  using folder = temporaryFolder();
  await using gateway = await openStorage(settingsFor(folder.path));
  await using office = await openStorage(settingsFor(folder.path, "office"));
  // Stands in for a gateway that waits: it holds the turn.
  using turn = openTurn(join(folder.path, "turn.lock"));
  expect(turn.take()).toBe(true);
  const order: string[] = [];
  const command = office.ledger.recordConsents([granted("taro@example.jp")]).then(() => {
    order.push("command");
  });
  // The lock itself is free: whoever need not line up writes at once.
  await gateway.ledger.recordConsents([granted("hana@example.jp")]);
  order.push("gateway");
  turn.leave();
  await command;
  expect(order).toEqual(["gateway", "command"]);
});

test("a command opens the store while another process holds the lock", async () => {
  using folder = temporaryFolder();
  await using gateway = await openStorage(settingsFor(folder.path));
  await gateway.ledger.recordConsents([granted("taro@example.jp")]);
  using other = holdLock(join(folder.path, "sekisho.db"));
  await using office = await openStorage(settingsFor(folder.path, "office"));
  const { items } = await office.ledger.listConsents({ limit: 2 });
  expect(items).toHaveLength(1);
  expect(other.db.inTransaction).toBe(true);
});

function holdLock(path: string): { readonly db: Connection } & Disposable {
  const db = new Database(path);
  db.exec("BEGIN IMMEDIATE");
  return {
    db,
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}
