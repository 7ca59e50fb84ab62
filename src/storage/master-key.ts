// Which master key a database is sealed with: told beside its rows, so that another key is noticed before anything is read.
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";

import { readFingerprint } from "./sqlite/master-key.ts";

/** The store was opened with a master key that is not its own. Nothing was written. */
export class OtherMasterKey extends Error {
  override readonly name = "OtherMasterKey";
  readonly database: string;
  /** Fingerprint of its own key; absent where none is on record, and what is sealed there does not open. */
  readonly expected: string | undefined;

  constructor(database: string, expected: string | undefined) {
    super(`the database ${database} is sealed with another master key`);
    this.database = database;
    this.expected = expected;
  }
}

/** A database that is there already. */
export interface SealedDatabase {
  readonly path: string;
  /** Of the master key that it is sealed with; undefined where that is not on record, or cannot be read. */
  readonly fingerprint: () => string | undefined;
}

/** Undefined where no database is there yet. */
export function sealedDatabase(places: {
  readonly url: string;
  readonly dataDir: string;
}): SealedDatabase | undefined {
  if (!places.url.startsWith("sqlite:")) return undefined;
  const path = resolve(places.dataDir, places.url.slice("sqlite:".length));
  if (!existsSync(path) || statSync(path).size === 0) return undefined;
  return { path, fingerprint: () => readFingerprint(path) };
}
