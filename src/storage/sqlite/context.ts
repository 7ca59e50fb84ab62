// What every verb of the writer works with: one connection, and the parts that share its transaction.
import type { Database } from "better-sqlite3";

import { storageKeys, type StorageKeys, type StorageSecrets } from "../sealing.ts";
import { createAuditWriter, type AuditWriter } from "./audit.ts";
import { createCounters, type Counters } from "./counters.ts";
import { createLeasedRows, type LeasedRows } from "./leased-rows.ts";
import { createNames, type WritableNames } from "./names.ts";
import { createWritableSubjects, type WritableSubjects } from "./subjects.ts";

export interface WriterContext {
  readonly db: Database;
  readonly keys: StorageKeys;
  readonly names: WritableNames;
  readonly subjects: WritableSubjects;
  readonly counters: Counters;
  readonly audit: AuditWriter;
  readonly leasedRows: LeasedRows;
  /** Set by a verb whose old pages must not stay in the write-ahead log: a full checkpoint follows the commit. */
  scrub: boolean;
  /** After a rollback: what was remembered from the transaction need not hold. */
  readonly forget: () => void;
}

export function createContext(db: Database, secrets: StorageSecrets): WriterContext {
  const keys = storageKeys(secrets);
  const names = createNames(db);
  const subjects = createWritableSubjects(db, keys.seal);
  const counters = createCounters(db);
  const audit = createAuditWriter({ db, names, subjects, counters, sealKey: keys.seal });
  const leasedRows = createLeasedRows();
  const forget = (): void => {
    names.forget();
    subjects.forget();
    leasedRows.forget();
  };
  return { db, keys, names, subjects, counters, audit, leasedRows, scrub: false, forget };
}
