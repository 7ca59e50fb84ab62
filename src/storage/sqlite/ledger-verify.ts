// Compares the ledger's rows with what the chain's events say of them: consents as their events are walked, the rest at the end.
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Database } from "better-sqlite3";

import { proofOf, type AuditRow, type Proof } from "./audit-rows.ts";
import { requestColumns, requestDigest, type RequestRow } from "./consent-requests.ts";
import {
  consentColumns,
  createRowsDigest,
  rowsPerEventMax,
  type ConsentRow,
} from "./consent-rows.ts";
import { reading } from "./database.ts";
import { createLostPeople, hasNoRecord, type AboutPerson, type LostPeople } from "./lost-people.ts";
import type { Names } from "./names.ts";
import { suppressionColumns, suppressionDigest, type SuppressionRow } from "./suppression-rows.ts";

const stepRows = 200; // between two turns of the event loop: about a millisecond

/** What the events say the ledger must hold. */
export interface Tally {
  consentRows: number;
  suppressionRows: number;
  requestRows: number;
  /** Sequences of suppressions that were replaced or removed since. */
  readonly gone: Set<number>;
  readonly lost: LostPeople;
}

export function createTally(db: Database): Tally {
  const lost = createLostPeople(db);
  return { consentRows: 0, suppressionRows: 0, requestRows: 0, gone: new Set(), lost };
}

export interface LedgerWalk {
  readonly db: Database;
  readonly names: Names;
  readonly tally: Tally;
}

/** Notes what an event says of ledger rows, and compares the consent rows it recorded. */
export function createCheckRows({
  db,
  names,
  tally,
}: LedgerWalk): (row: AuditRow) => string | undefined {
  const select = db.prepare<[number, number], ConsentRow & AboutPerson>(
    `SELECT ${consentColumns}, ${hasNoRecord("consent_events")} FROM consent_events WHERE id >= ? AND id < ? ORDER BY id`,
  );
  return (row) => {
    tally.lost.noteEvent(row);
    const proof = proofOf(row.rest);
    if (proof === undefined) return undefined;
    if (proof.kind !== "consents") {
      note(tally, proof);
      return undefined;
    }
    const { rows, digest } = proof;
    tally.consentRows += rows;
    const first = row.sequence * rowsPerEventMax;
    let found = 0;
    const running = createRowsDigest(names);
    for (const consent of select.iterate(first, first + rowsPerEventMax)) {
      found += 1;
      running.add(consent);
      tally.lost.noteRow(consent, row.sequence);
    }
    if (found !== rows)
      return `the event recorded ${rows} consents, the ledger holds ${found} of them`;
    return running.end() === digest
      ? undefined
      : "a consent that the event recorded was changed in the ledger";
  };
}

function note(tally: Tally, proof: Exclude<Proof, { kind: "consents" }>): void {
  switch (proof.kind) {
    case "request":
      tally.requestRows += 1;
      return;
    case "suppression":
      tally.suppressionRows += 1;
      if (proof.replaces !== undefined) leave(tally, proof.replaces);
      return;
    case "removal":
      leave(tally, proof.removes);
  }
}

function leave(tally: Tally, sequence: number): void {
  tally.suppressionRows -= 1;
  tally.gone.add(sequence);
}

/** `sequence` undefined: nobody can say which event it is about. */
export interface RowsProblem {
  readonly sequence?: number;
  readonly problem: string;
}

/** After the walk: each row of every table has its event, and each event its row. */
export async function checkTables(walk: LedgerWalk): Promise<RowsProblem | undefined> {
  const { db, names, tally } = walk;
  const consents = reading(() =>
    db.prepare<[], number>("SELECT count(*) FROM consent_events").pluck().get(),
  );
  if (consents !== tally.consentRows)
    return {
      problem: `the ledger holds ${consents} consents, the chain tells of ${tally.consentRows}`,
    };
  return (
    (await checkTable<SuppressionRow>(walk, {
      table: "suppressions",
      columns: suppressionColumns,
      rows: tally.suppressionRows,
      what: "suppression",
      holds: (row, proof) =>
        !tally.gone.has(row.sequence) &&
        proof?.kind === "suppression" &&
        proof.digest === suppressionDigest(row, names),
    })) ??
    (await checkTable<RequestRow>(walk, {
      table: "consent_requests",
      columns: requestColumns,
      rows: tally.requestRows,
      what: "request for consent",
      holds: (row, proof) =>
        proof?.kind === "request" && proof.digest === requestDigest(row, names),
    })) ??
    checkPeople(tally.lost)
  );
}

function checkPeople(lost: LostPeople): RowsProblem | undefined {
  const sequence = lost.first();
  return sequence === undefined
    ? undefined
    : { sequence, problem: "the record of the person it is about is gone, and nobody erased them" };
}

interface Table<Row> {
  readonly table: string;
  readonly columns: string;
  /** How many the chain tells of. */
  readonly rows: number;
  readonly what: string;
  /** Whether the event that the row names vouches for it. */
  readonly holds: (row: Row, proof: Proof | undefined) => boolean;
}

async function checkTable<Row extends { readonly sequence: number; readonly subject: Buffer }>(
  { db, tally }: LedgerWalk,
  { table, columns, rows: told, what, holds }: Table<Row>,
): Promise<RowsProblem | undefined> {
  const select = db.prepare<[number, number], Row & AboutPerson & { readonly rest: string | null }>(
    `SELECT ${columns.replace(/\w+/g, "r.$&")}, a.rest, ${hasNoRecord("r")}
     FROM ${table} r LEFT JOIN audit_events a ON a.sequence = r.sequence
     WHERE r.sequence > ? ORDER BY r.sequence LIMIT ?`,
  );
  let after = -1;
  let found = 0;
  for (;;) {
    const rows = reading(() => select.all(after, stepRows));
    for (const row of rows) {
      if (!holds(row, row.rest === null ? undefined : proofOf(row.rest)))
        return { sequence: row.sequence, problem: `a ${what} was changed, or brought back` };
      tally.lost.noteRow(row, row.sequence);
      after = row.sequence;
    }
    found += rows.length;
    if (rows.length < stepRows) break;
    await nextTurn();
  }
  return found === told
    ? undefined
    : { problem: `the ledger holds ${found} rows of a ${what}, the chain tells of ${told}` };
}
