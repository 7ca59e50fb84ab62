// Backup of all that the gateway remembers, and its way back: database and signing keys, sealed as they are.
//
// The master key is not in it: whoever finds a backup can read nothing, and whoever keeps both in one place keeps a ledger
// of readable addresses there.
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import type { OpenSettings } from "./open.ts";
import { copyDatabase, syncFolderOf } from "./sqlite/copy.ts";
import { lockForGateway } from "./sqlite/gateway-lock.ts";

export type Places = Pick<OpenSettings, "url" | "dataDir" | "keysDir">;

const folderMode = 0o700;
const copyName = "sekisho.db";

/** Writes database and signing keys into `folder`, which is made; a gateway may run meanwhile. Throws where it has a backup. */
export function backUp(places: Places, folder: string): void {
  const target = join(folder, copyName);
  if (existsSync(target)) throw new Error(`${target} exists already and is left as it is`);
  mkdirSync(folder, { recursive: true, mode: folderMode });
  const copy = `${target}.new`;
  rmSync(copy, { force: true });
  copyDatabase(databaseOf(places), copy);
  copyKeys(places.keysDir, join(folder, "keys")); // behind the database, so that each key it knows is there
  // Last: a folder with a database in it is a whole backup.
  renameSync(copy, target);
  syncFolderOf(target);
}

/** No gateway starts on the data before this is disposed. */
export interface PutBack extends Disposable {
  /** Where the database is that was there before. */
  readonly aside?: string;
}

/**
 * Puts a backup in the place of what is there, which is moved aside and named in the answer. Throws where a gateway runs
 * on it, or `folder` has no whole backup that can be read: then what is there stays.
 */
export function putBack(places: Places, folder: string, at: Date): PutBack {
  const source = join(folder, copyName);
  if (!existsSync(source)) throw new Error(`${source} does not exist: this is no whole backup`);
  mkdirSync(places.dataDir, { recursive: true, mode: folderMode });
  using stack = new DisposableStack();
  stack.use(lockForGateway(join(places.dataDir, "gateway.lock")));
  const path = databaseOf(places);
  const ready = `${path}.restored`;
  rmSync(ready, { force: true });
  copyDatabase(source, ready);
  copyKeys(join(folder, "keys"), places.keysDir);
  const aside = `${path}.${at.toISOString().replaceAll(/[-:]/g, "")}`;
  const had = existsSync(path);
  for (const ending of ["-wal", "-shm", ""])
    if (existsSync(path + ending)) renameSync(path + ending, aside + ending);
  renameSync(ready, path);
  syncFolderOf(path);
  const held = stack.move();
  return {
    ...(had ? { aside } : {}),
    [Symbol.dispose]: () => {
      held.dispose();
    },
  };
}

function databaseOf({ url, dataDir }: Places): string {
  if (!url.startsWith("sqlite:")) throw new Error("only a store on SQLite is backed up by Sekisho");
  return resolve(dataDir, url.slice("sqlite:".length));
}

/** Signing keys lie in a folder for each domain; a file that is there already is the same key, or a newer one. */
function copyKeys(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true, mode: folderMode });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === "tls") continue;
    cpSync(join(from, entry.name), join(to, entry.name), { recursive: true, force: false });
  }
}
