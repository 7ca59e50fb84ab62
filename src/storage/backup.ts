// Backup of all that the gateway remembers, and its way back: database and signing keys, sealed as they are.
//
// The master key is not in it: whoever finds a backup can read nothing, and whoever keeps both in one place keeps a ledger
// of readable addresses there.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";

import type { OpenSettings } from "./open.ts";
import { copyDatabase, strangenessOf, syncFolderOf } from "./sqlite/copy.ts";
import { lockForGateway } from "./sqlite/gateway-lock.ts";

export type Places = Pick<OpenSettings, "url" | "dataDir" | "keysDir">;

const folderMode = 0o700;
const keyMode = 0o600;
const endings = ["-wal", "-shm", ""]; // of a database's files
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

/** A backup beside the data, not yet in its place. No gateway starts on the data before this is disposed. */
export interface StagedBackup extends Disposable {
  /** Where its database is, to be opened like any other, and closed before `install`. */
  readonly url: string;
  /** Whether there is a database that it would take the place of. */
  readonly replaces: boolean;
  /** Its signing keys, and those of the data that it does not have. */
  readonly keysDir: string;
  /**
   * Puts its keys among the data's, and it in the place of the database that is there, which is moved aside: to the path in
   * the answer, where there was one. A key file with other content is moved aside too.
   */
  readonly install: (at: Date) => string | undefined;
}

/**
 * Copies a backup with its keys beside the data. Throws where a gateway runs on the data, or `folder` has no whole backup
 * that can be read. Until it is installed, what is there stays as it is; disposed without that, nothing of it remains.
 */
export function stageBackup(places: Places, folder: string): StagedBackup {
  const source = join(folder, copyName);
  if (!existsSync(source)) throw new Error(`${source} does not exist: this is no whole backup`);
  mkdirSync(places.dataDir, { recursive: true, mode: folderMode });
  using stack = new DisposableStack();
  stack.use(lockForGateway(join(places.dataDir, "gateway.lock")));
  const path = databaseOf(places);
  const ready = `${path}.restored`;
  const keysDir = `${ready}.keys`;
  const remove = (): void => {
    for (const ending of endings) rmSync(ready + ending, { force: true });
    rmSync(keysDir, { recursive: true, force: true });
  };
  remove();
  stack.defer(remove);
  copyDatabase(source, ready);
  const strange = strangenessOf(ready);
  if (strange !== undefined)
    throw new Error(`${source} ${strange}: this is no backup of a gateway`);
  copyKeys(join(folder, "keys"), keysDir);
  copyKeys(places.keysDir, keysDir);
  const held = stack.move();
  return {
    url: `sqlite:${ready}`,
    replaces: existsSync(path),
    keysDir,
    install: (at) => {
      if (existsSync(`${ready}-wal`)) throw new Error(`${ready} is still open`);
      const stamp = at.toISOString().replaceAll(/[-:]/g, "");
      const aside = `${path}.${stamp}`;
      copyKeys(keysDir, places.keysDir, stamp); // before the database, so that each key it knows is there
      const had = existsSync(path);
      if (had) setAside(path, aside);
      renameSync(ready, path);
      syncFolderOf(path);
      return had ? aside : undefined;
    },
    [Symbol.dispose]: () => {
      held.dispose();
    },
  };
}

/**
 * Gives the database another name. One that was closed well keeps its own besides, until what takes its place does so in
 * one step: a gateway that started in between would begin with an empty one.
 */
function setAside(path: string, aside: string): void {
  const found = endings.filter((ending) => existsSync(path + ending));
  if (found.every((ending) => ending === "") && isLinked(path, aside)) return;
  for (const ending of found) renameSync(path + ending, aside + ending);
}

/** false where the file system has no hard links. */
function isLinked(path: string, name: string): boolean {
  try {
    linkSync(path, name);
    return true;
  } catch {
    return false;
  }
}

function databaseOf({ url, dataDir }: Places): string {
  if (!url.startsWith("sqlite:")) throw new Error("only a store on SQLite is backed up by Sekisho");
  return resolve(dataDir, url.slice("sqlite:".length));
}

/**
 * Signing keys lie in a folder for each domain. A file that is there already stays, or, with `aside`, is moved there (its
 * name with this ending) where its content is another.
 */
function copyKeys(from: string, to: string, aside?: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true, mode: folderMode });
  for (const domain of readdirSync(from, { withFileTypes: true })) {
    if (!domain.isDirectory() || domain.name === "tls") continue;
    const target = join(to, domain.name);
    mkdirSync(target, { recursive: true, mode: folderMode });
    for (const name of readdirSync(join(from, domain.name)))
      if (name.endsWith(".key")) copyKey(join(from, domain.name, name), join(target, name), aside);
    syncFolderOf(target);
  }
}

function copyKey(source: string, target: string, aside: string | undefined): void {
  const content = readFileSync(source);
  if (existsSync(target)) {
    if (aside === undefined || readFileSync(target).equals(content)) return;
    renameSync(target, `${target}.${aside}`);
  }
  const partial = `${target}.new`;
  writeFileSync(partial, content, { mode: keyMode, flush: true });
  renameSync(partial, target);
  syncFolderOf(target);
}
