// Proof: walks the whole chain and compares the ledger's rows with what the chain says of them.
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Database } from "better-sqlite3";

import { chainStart, checkLink, type ChainPosition, type StoredEvent } from "../../audit/chain.ts";
import type { ChainHead, Verification } from "../../audit/log.ts";
import {
  auditColumns,
  chainName,
  proofOf,
  rowToStored,
  type AuditRow,
  type Proof,
} from "./audit-rows.ts";
import {
  consentColumns,
  createRowsDigest,
  rowsPerEventMax,
  type ConsentRow,
} from "./consent-rows.ts";
import { readCounters } from "./counters.ts";
import { openForReading, reading } from "./database.ts";
import { createNames, type Names } from "./names.ts";
import { suppressionColumns, suppressionDigest, type SuppressionRow } from "./suppression-rows.ts";

const stepRows = 200; // between two turns of the event loop: about a millisecond

/** What the events say the ledger must hold. */
interface Tally {
  consentRows: number;
  suppressionRows: number;
  /** Sequences of suppressions that were replaced or removed since. */
  readonly gone: Set<number>;
}

interface Walk {
  readonly db: Database;
  readonly names: Names;
  readonly tally: Tally;
  readonly expected: ReadonlyMap<number, string>;
}

type Broken = Verification & { readonly kind: "broken" };

export type HeadSigner = (head: Omit<ChainHead, "signature">) => string;

/** Whoever changes the database but has not the master key cannot make a head that passes for one kept elsewhere. */
export function createHeadSigner(sealKey: KeyObject): HeadSigner {
  const key = createSecretKey(
    Buffer.from(hkdfSync("sha256", sealKey, "", "sekisho audit head 1", 32)),
  );
  return ({ chain, sequence, hash }) =>
    createHmac("sha256", key)
      .update(JSON.stringify([chain, sequence, hash]))
      .digest("hex");
}

/** Reads on a connection of its own. The chain only grows, so only the last part needs one unchanging view. */
export async function verifyChain(
  path: string,
  expected: readonly ChainHead[],
  signHead: HeadSigner,
): Promise<Verification> {
  const forged = expected.find(
    ({ signature, ...head }) => !(signature === undefined || signature === signHead(head)),
  );
  if (forged !== undefined)
    return broken(forged.sequence, "a head kept elsewhere was not signed by this gateway");
  const db = reading(() => openForReading(path));
  try {
    const walk: Walk = {
      db,
      names: createNames(db),
      tally: { consentRows: 0, suppressionRows: 0, gone: new Set() },
      expected: new Map(
        expected
          .filter((head) => head.chain === chainName)
          .map((head) => [head.sequence, head.hash]),
      ),
    };
    const most = await walkChain(walk, chainStart);
    if (isBroken(most)) return most;
    db.exec("BEGIN");
    const head = await walkChain(walk, most);
    if (isBroken(head)) return head;
    const ours = { chain: chainName, sequence: head.sequence, hash: head.hash.toString("hex") };
    const problem = checkHeads(walk, head, expected) ?? (await checkLedger(walk, head));
    return (
      problem ?? {
        kind: "intact",
        events: head.sequence,
        heads: [{ ...ours, signature: signHead(ours) }],
      }
    );
  } finally {
    db.close();
  }
}

function isBroken(result: ChainPosition | Broken): result is Broken {
  return "kind" in result;
}

function broken(sequence: number, problem: string): Broken {
  return { kind: "broken", chain: chainName, sequence, problem };
}

async function walkChain(walk: Walk, from: ChainPosition): Promise<ChainPosition | Broken> {
  const select = walk.db.prepare<[number, number], AuditRow>(
    `SELECT ${auditColumns} FROM audit_events WHERE sequence > ? ORDER BY sequence LIMIT ?`,
  );
  const checkRows = createCheckRows(walk);
  let position = from;
  for (;;) {
    const rows = reading(() => select.all(position.sequence, stepRows));
    for (const row of rows) {
      const problem = checkEvent(walk, position, row) ?? reading(() => checkRows(row));
      if (problem !== undefined) return broken(position.sequence + 1, problem);
      position = { sequence: row.sequence, hash: Buffer.from(row.hash) };
    }
    if (rows.length < stepRows) return position;
    await nextTurn();
  }
}

function checkEvent(walk: Walk, before: ChainPosition, row: AuditRow): string | undefined {
  let event: StoredEvent;
  try {
    event = rowToStored(row, walk.names);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const problem = checkLink(before, event, row.hash);
  if (problem !== undefined) return problem;
  const kept = walk.expected.get(row.sequence);
  return kept !== undefined && kept !== Buffer.from(row.hash).toString("hex")
    ? "the event is not the one whose hash was kept elsewhere: the chain was written anew"
    : undefined;
}

/** Notes what an event says of ledger rows, and compares the consent rows it recorded. */
function createCheckRows({ db, names, tally }: Walk): (row: AuditRow) => string | undefined {
  const select = db.prepare<[number, number], ConsentRow>(
    `SELECT ${consentColumns} FROM consent_events WHERE id >= ? AND id < ? ORDER BY id`,
  );
  return (row) => {
    const proof = proofOf(row.rest);
    if (proof === undefined) return undefined;
    if (proof.kind !== "consents") {
      noteSuppression(tally, proof);
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
    }
    if (found !== rows)
      return `the event recorded ${rows} consents, the ledger holds ${found} of them`;
    return running.end() === digest
      ? undefined
      : "a consent that the event recorded was changed in the ledger";
  };
}

function noteSuppression(tally: Tally, proof: Exclude<Proof, { kind: "consents" }>): void {
  if (proof.kind === "suppression") tally.suppressionRows += 1;
  const gone = proof.kind === "suppression" ? proof.replaces : proof.removes;
  if (gone === undefined) return;
  tally.suppressionRows -= 1;
  tally.gone.add(gone);
}

function checkHeads(
  { db }: Walk,
  head: ChainPosition,
  expected: readonly ChainHead[],
): Broken | undefined {
  const beyond = expected.find((kept) => kept.chain !== chainName || kept.sequence > head.sequence);
  if (beyond !== undefined)
    return broken(
      head.sequence + 1,
      `the chain ends before event ${beyond.sequence}, which was seen`,
    );
  const counted = [...readCounters(db, "audit/").values()].reduce((sum, value) => sum + value, 0);
  return counted === head.sequence
    ? undefined
    : broken(
        Math.min(counted, head.sequence) + 1,
        `the chain has ${head.sequence} events, but ${counted} were counted when they were appended`,
      );
}

async function checkLedger(walk: Walk, head: ChainPosition): Promise<Broken | undefined> {
  const { db, names, tally } = walk;
  const count = (table: string): number =>
    reading(() => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0);
  const consents = count("consent_events");
  if (consents !== tally.consentRows)
    return broken(
      head.sequence,
      `the ledger holds ${consents} consents, the chain tells of ${tally.consentRows}`,
    );
  const select = db.prepare<[number, number], SuppressionRow & { readonly rest: string | null }>(
    `SELECT ${suppressionColumns.replace(/\w+/g, "s.$&")}, a.rest
     FROM suppressions s LEFT JOIN audit_events a ON a.sequence = s.sequence
     WHERE s.sequence > ? ORDER BY s.sequence LIMIT ?`,
  );
  let rows: readonly (SuppressionRow & { readonly rest: string | null })[];
  let after = 0;
  let found = 0;
  do {
    rows = reading(() => select.all(after, stepRows));
    for (const row of rows) {
      const proof = row.rest === null ? undefined : proofOf(row.rest);
      const digest = proof?.kind === "suppression" ? proof.digest : undefined;
      if (tally.gone.has(row.sequence) || digest !== suppressionDigest(row, names))
        return broken(row.sequence, "a suppression was changed, or brought back");
      after = row.sequence;
    }
    found += rows.length;
    await nextTurn();
  } while (rows.length === stepRows);
  return found === tally.suppressionRows
    ? undefined
    : broken(
        head.sequence,
        `the ledger holds ${found} suppressions, the chain tells of ${tally.suppressionRows}`,
      );
}
