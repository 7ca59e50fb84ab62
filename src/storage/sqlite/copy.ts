// A copy of the database as it is at one moment, made while a gateway writes to it.
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import Database from "better-sqlite3";

import { openForReading, reading, strangeness } from "./database.ts";

/**
 * Writes a copy of the database at `path` to `target`, durable on return; `target` must not exist. The writer goes on
 * meanwhile. The pages of erased people are not in the copy, as it is written anew (VACUUM INTO, not a page copy, which
 * would begin again with each commit of the writer). Throws StorageUnavailable.
 */
export function copyDatabase(path: string, target: string): void {
  const partial = `${target}.partial`;
  rmSync(partial, { force: true });
  reading(() => {
    // Opened for writing, since what it attaches may not be written otherwise; nothing is written to the source.
    const db = new Database(path, { fileMustExist: true });
    try {
      db.prepare("VACUUM INTO ?").run(partial);
    } finally {
      db.close();
    }
  });
  sync(partial);
  renameSync(partial, target);
  syncFolderOf(target);
}

/** What shows that the file at `path` is no gateway's database; undefined where it is one. Throws StorageUnavailable. */
export function strangenessOf(path: string): string | undefined {
  return reading(() => {
    const db = openForReading(path);
    try {
      return strangeness(db);
    } finally {
      db.close();
    }
  });
}

export function syncFolderOf(path: string): void {
  if (process.platform !== "win32") sync(dirname(path)); // a folder cannot be opened there
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
