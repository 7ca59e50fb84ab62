// Which sealed records of people are gone without an erasure: the chain tells of each that the program did.
import type { Database } from "better-sqlite3";

import type { AuditRow } from "./audit-rows.ts";

/** To stand among the columns of a table with a `subject`: 1 where that person has no record. */
export function hasNoRecord(table: string): string {
  return `NOT EXISTS (SELECT 1 FROM subjects s WHERE s.subject = ${table}.subject) AS has_no_record`;
}

/** A row of the ledger that is about somebody, read with `hasNoRecord`. */
export interface AboutPerson {
  readonly subject: Buffer;
  readonly has_no_record: number;
}

export interface LostPeople {
  /** An event of the chain, in its order: an erasure, or one whose sealed words need a record. */
  readonly noteEvent: (row: AuditRow) => void;
  /** `sequence`: of the event that recorded the row; with it, or before, the person had a record. */
  readonly noteRow: (row: AboutPerson, sequence: number) => void;
  /** After all: the last event that needs a record which is gone, though nobody was erased since. */
  readonly first: () => number | undefined;
}

export function createLostPeople(db: Database): LostPeople {
  const some = db.prepare<[Buffer], number>("SELECT 1 FROM subjects WHERE subject = ?").pluck();
  const erasedAt = new Map<string, number>();
  const neededAt = new Map<string, number>();
  const need = (subject: Buffer, sequence: number): void => {
    const name = subject.toString("latin1");
    neededAt.set(name, Math.max(sequence, neededAt.get(name) ?? 0));
  };
  return {
    noteEvent: ({ type, subject, sealed, sequence }) => {
      if (subject === null) return;
      if (type === "Erasure") erasedAt.set(subject.toString("latin1"), sequence);
      else if (sealed !== null && some.get(subject) === undefined) need(subject, sequence);
    },
    noteRow: (row, sequence) => {
      if (row.has_no_record !== 0) need(row.subject, sequence);
    },
    first: () => {
      for (const [name, sequence] of neededAt)
        if ((erasedAt.get(name) ?? 0) < sequence) return sequence;
      return undefined;
    },
  };
}
