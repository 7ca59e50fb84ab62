// A damaged database: the gateway says so, stores nothing more into it and leaves every byte for those who repair it.
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { expect, test } from "vitest";

import { StorageUnavailable } from "../../src/audit/unavailable.ts";
import { openStorage } from "../../src/storage/open.ts";
import { asUnavailable, reading } from "../../src/storage/sqlite/database.ts";
import { accept, settingsFor, submission, temporaryFolder } from "../support/storage-facts.ts";

const pageOctets = 4096;

async function filled(folder: string): Promise<string> {
  await using storage = await openStorage(settingsFor(folder));
  for (let n = 0; n < 50; n += 1)
    await accept(storage, submission([`u${n}@example.jp`], { text: "x".repeat(3000) }));
  return join(folder, "sekisho.db");
}

/** Overwrites the pages from `first` on. */
function damage(file: string, first: number): void {
  const handle = openSync(file, "r+");
  const pages = Math.floor(statSync(file).size / pageOctets);
  for (let page = first; page < pages; page += 1)
    writeSync(handle, Buffer.alloc(pageOctets, 0xa5), 0, pageOctets, page * pageOctets);
  closeSync(handle);
}

test("row 57: damaged pages are told as such, and the file stays as it was found", async () => {
  using folder = temporaryFolder();
  const file = await filled(folder.path);
  damage(file, 4);
  const found = readFileSync(file);
  const outcome = await openStorage(settingsFor(folder.path)).then(
    async (storage) => {
      try {
        await accept(storage, submission(["taro@example.jp"]));
        return "stored";
      } catch (error) {
        return error;
      } finally {
        await storage[Symbol.asyncDispose]();
      }
    },
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(StorageUnavailable);
  expect(outcome).toMatchObject({ kind: "corrupt" });
  expect(readFileSync(file).equals(found)).toBe(true);
});

test("row 57: a file that is no database is not made into one", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "sekisho.db");
  const text = "these are somebody's notes, not a database\n".repeat(200);
  writeFileSync(file, text);
  await expect(openStorage(settingsFor(folder.path))).rejects.toThrow("damaged");
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("row 57: a read-only file is called so, and not one that cannot be opened", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "some.db");
  new Database(path).exec("CREATE TABLE t (a)").close();
  const db = new Database(path, { readonly: true });
  const write = (): unknown => db.exec("INSERT INTO t VALUES (1)");
  expect(() => reading(write)).toThrow("the database's file or folder is read-only");
  db.close();
});

test.each([
  ["SQLITE_FULL", "full"],
  ["SQLITE_IOERR_WRITE", "full"], // a quota
  ["SQLITE_IOERR_READ", "closed"],
  ["SQLITE_IOERR_FSYNC", "closed"],
])(
  "row 55: %s is %s: a client is told that there is no room only where there is none",
  (code, kind) => {
    expect(asUnavailable(new Database.SqliteError("disk I/O error", code))).toMatchObject({ kind });
  },
);

test.skipIf(process.platform === "win32")(
  "row 57: beside a gateway whose database was taken away neither a command nor another gateway makes a new one",
  async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "sekisho.db");
    await using running = await openStorage(settingsFor(folder.path));
    for (const ending of ["", "-wal", "-shm"]) renameSync(file + ending, `${file}.away${ending}`);
    for (const role of ["office", "gateway"] as const)
      await expect(openStorage(settingsFor(folder.path, role))).rejects.toThrow(
        "is gone, but a gateway runs on it",
      );
    expect(existsSync(file)).toBe(false);
    for (const ending of ["", "-wal", "-shm"]) renameSync(`${file}.away${ending}`, file + ending);
    await accept(running, submission(["taro@example.jp"]));
  },
);
