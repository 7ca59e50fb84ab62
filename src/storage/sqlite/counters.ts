// Figures kept in step with the rows they count: gathered during a transaction, written once at its end.
import type { Database } from "better-sqlite3";

export interface Counters {
  /** Forgets what was gathered in a transaction that did not commit. */
  readonly begin: () => void;
  readonly add: (name: string, change: number) => void;
  /** Where a savepoint stands; `back` returns to it. */
  readonly mark: () => ReadonlyMap<string, number>;
  readonly back: (mark: ReadonlyMap<string, number>) => void;
  /** Writes what was gathered; to be called inside the transaction, before COMMIT. */
  readonly flush: () => void;
}

export function createCounters(db: Database): Counters {
  let gathered = new Map<string, number>();
  const upsert = db.prepare<[string, number]>(
    "INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
  );
  return {
    begin: () => {
      gathered = new Map();
    },
    add: (name, change) => {
      gathered.set(name, (gathered.get(name) ?? 0) + change);
    },
    mark: () => new Map(gathered),
    back: (mark) => {
      gathered = new Map(mark);
    },
    flush: () => {
      for (const [name, change] of gathered) if (change !== 0) upsert.run(name, change);
      gathered = new Map();
    },
  };
}

/** Reads all figures whose name begins with `prefix`, by the rest of the name. */
export function readCounters(db: Database, prefix: string): ReadonlyMap<string, number> {
  const rows = db
    .prepare<[string, string], { name: string; value: number }>(
      "SELECT name, value FROM counters WHERE name >= ? AND name < ?",
    )
    .all(prefix, `${prefix}\uffff`);
  return new Map(rows.map((row) => [row.name.slice(prefix.length), row.value]));
}
