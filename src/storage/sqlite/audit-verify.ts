// Proof: walks the whole chain and compares the ledger's rows with what the chain says of them.
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";

import { chainStart, checkLink, type ChainPosition, type StoredEvent } from "../../audit/chain.ts";
import type { ChainHead, Verification } from "../../audit/log.ts";
import { auditColumns, chainName, rowToStored, type AuditRow } from "./audit-rows.ts";
import { readCounters } from "./counters.ts";
import { openForReading, reading } from "./database.ts";
import { checkTables, createCheckRows, createTally, type LedgerWalk } from "./ledger-verify.ts";
import { createNames } from "./names.ts";

const stepRows = 200; // between two turns of the event loop: about a millisecond

interface Walk extends LedgerWalk {
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
      tally: createTally(db),
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
    const problem = checkHeads(walk, head, expected) ?? (await brokenRows(walk, head.sequence));
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

async function brokenRows(walk: Walk, sequence: number): Promise<Broken | undefined> {
  const problem = await checkTables(walk);
  return problem && broken(problem.sequence ?? sequence, problem.problem);
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
