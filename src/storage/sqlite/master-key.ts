// The fingerprint of the master key that a database is sealed with: kept at the first open, compared at each later one.
import { createSecretKey } from "node:crypto";

import type { Database } from "better-sqlite3";

import type { KeyFiles } from "../key-files.ts";
import { unseal, type MasterKeySecrets } from "../sealing.ts";
import { openForReading } from "./database.ts";
import { storedDomain } from "./recipient-rows.ts";
import { userPlace } from "./user-rows.ts";

const figure = "master-key"; // among the counters: a fingerprint is 32 bits
const filesTried = 10; // a few of them may be damaged or elsewhere

/** The fingerprint on record; undefined where there is none, or the table is not there yet. */
export function keptFingerprint(db: Database): string | undefined {
  const table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'counters'";
  if (db.prepare(table).get() === undefined) return undefined;
  const value = db
    .prepare<[string], number>("SELECT value FROM counters WHERE name = ?")
    .pluck()
    .get(figure);
  return value?.toString(16).padStart(8, "0");
}

/** The same of a file that nobody has opened yet; undefined where it cannot be read, which its opening will tell. */
export function readFingerprint(path: string): string | undefined {
  try {
    const db = openForReading(path);
    try {
      return keptFingerprint(db);
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * Puts the fingerprint on record where there is none, and gives the one on record then. Undefined where none is, and the
 * key opens nothing of what is sealed there: a database of an earlier version is not given away to whichever key comes first.
 */
export async function keepFingerprint(
  db: Database,
  files: KeyFiles,
  secrets: MasterKeySecrets,
): Promise<string | undefined> {
  const isProved = await provesItself(db, files, secrets);
  return db
    .transaction(() => {
      const kept = keptFingerprint(db);
      if (kept !== undefined || !isProved) return kept;
      db.prepare("INSERT INTO counters (name, value) VALUES (?, ?)").run(
        figure,
        Number.parseInt(secrets.fingerprint, 16),
      );
      return secrets.fingerprint;
    })
    .immediate();
}

/**
 * Whether the key opens the oldest of what is sealed: a wrong key may have been at work since, and what that one sealed
 * proves nothing. True where nothing is sealed yet.
 */
async function provesItself(
  db: Database,
  files: KeyFiles,
  secrets: MasterKeySecrets,
): Promise<boolean> {
  const attempts = [opensOldestPerson(db, secrets), ...(await opensSigningKeys(db, files))].filter(
    (opened) => opened !== undefined,
  );
  return attempts.length > 0 ? attempts.includes(true) : (opensUser(db, secrets) ?? true);
}

interface SealedRow {
  readonly place: Uint8Array | string;
  readonly sealed: Uint8Array;
}

function opensOldestPerson(db: Database, secrets: MasterKeySecrets): boolean | undefined {
  const select = "SELECT subject AS place, sealed FROM subjects ORDER BY id LIMIT 1";
  return opens(db.prepare<[], SealedRow>(select).get(), secrets.seal);
}

function opensUser(db: Database, secrets: MasterKeySecrets): boolean | undefined {
  const row = db
    .prepare<[], { readonly id: string; readonly sealed: Uint8Array }>(
      "SELECT id, sealed FROM users ORDER BY created_at LIMIT 1",
    )
    .get();
  return opens(
    row === undefined ? undefined : { place: userPlace(row.id), sealed: row.sealed },
    secrets.seal,
  );
}

function opens(row: SealedRow | undefined, secret: Buffer): boolean | undefined {
  if (row === undefined) return undefined;
  try {
    unseal(createSecretKey(secret), row.place, row.sealed);
    return true;
  } catch {
    return false;
  }
}

/** One answer for each key file that is there. */
async function opensSigningKeys(db: Database, files: KeyFiles): Promise<readonly boolean[]> {
  const rows = db
    .prepare<[number], { readonly domain: string; readonly selector: string }>(
      "SELECT domain, selector FROM dkim_keys ORDER BY created_at LIMIT ?",
    )
    .all(filesTried);
  const answers: boolean[] = [];
  for (const { domain, selector } of rows) {
    try {
      await files.read(storedDomain(domain), selector);
      answers.push(true);
    } catch (error) {
      if (!isMissing(error)) answers.push(false);
    }
  }
  return answers;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
