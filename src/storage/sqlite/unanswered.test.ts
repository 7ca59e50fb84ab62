import Database from "better-sqlite3";
import { expect, test } from "vitest";

import { rememberUnanswered } from "./unanswered.ts";

test("a look-up that fails is a problem until the same one gets its answer, whoever asks something else meanwhile", () => {
  const bad = new Set<string>();
  const { ask, problem } = rememberUnanswered((name: string) => {
    if (bad.has(name)) throw new Database.SqliteError("disk I/O error", "SQLITE_IOERR_READ");
    return name.length;
  });
  expect([ask("hanako"), problem()]).toEqual([6, undefined]);
  bad.add("hanako");
  expect(() => ask("hanako")).toThrow("the disk fails");
  expect(ask("taro")).toBe(4);
  expect([problem(), problem()]).toEqual(Array(2).fill("the disk fails: see the system's log"));
  bad.clear();
  expect([problem(), problem()]).toEqual([undefined, undefined]);
});

test("another process's lock is no problem of the store", () => {
  const { ask, problem } = rememberUnanswered((): never => {
    throw new Database.SqliteError("database is locked", "SQLITE_BUSY");
  });
  expect(() => ask(1)).toThrow("another process holds");
  expect(problem()).toBeUndefined();
});
