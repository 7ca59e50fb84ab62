// The question of every RCPT, as one statement: what the ledger knows of a person for one sender, read in one view.
import type { Database } from "better-sqlite3";

import type { RecipientRecord, RecordQuery } from "../../consent/ledger.ts";
import { standing } from "../../consent/standing.ts";
import { applies } from "../../consent/suppression.ts";
import { factColumns, rowToFact, type FactRow } from "./consent-rows.ts";
import type { Names } from "./names.ts";
import { indexBytes } from "./subjects.ts";
import { rowToSuppression, type SuppressionRow } from "./suppression-rows.ts";

/** Those of {@link rowToSuppression} but for the reason, which is sealed and not asked for here. */
const suppressionColumns =
  "subject, scope_kind, scope_name, kind, of_domain, origin, created_at, expires_at, message_id, sequence";

type Fact = readonly [what: 0, ...fact: FactRow];
type Stop = readonly [
  what: 1,
  subject: Buffer,
  scopeKind: number,
  scopeName: number,
  kind: number,
  ofDomain: number,
  origin: number,
  createdAt: number,
  expiresAt: number | null,
  messageId: string | null,
  sequence: number,
];

const nobody = -1; // is no sender's number

/**
 * Three range reads on 16-byte keys, the first answered by its index alone; no cipher. One statement is one transaction:
 * both tables are read as of one moment, and the lock is taken once.
 */
export function createLookUp(db: Database, names: Names): (query: RecordQuery) => RecipientRecord {
  const select = db
    .prepare<[Buffer, number, Buffer, Buffer], Fact | Stop>(
      `SELECT 0, ${factColumns}, NULL, NULL, NULL FROM consent_events WHERE subject = ? AND sender = ?
       UNION ALL
       SELECT 1, ${suppressionColumns} FROM suppressions WHERE subject IN (?, ?)`,
    )
    .raw();
  return (query) => {
    const subject = indexBytes(query.subject);
    const rows = select.all(
      subject,
      names.find(query.sender) ?? nobody,
      subject,
      indexBytes(query.domain),
    );
    const facts = rows.flatMap((row) => {
      if (row[0] !== 0) return [];
      const [, ...fact] = row;
      return [rowToFact(query.subject, query.sender, fact, names)];
    });
    return {
      standing: standing(facts, query.topic, query.now, query.maxAges),
      suppressions: rows
        .flatMap((row) => (row[0] === 1 ? [rowToSuppression(toSuppressionRow(row), names)] : []))
        .filter((suppression) => applies(suppression, query)),
    };
  };
}

function toSuppressionRow(row: Stop): SuppressionRow {
  const [, subject, scope_kind, scope_name, kind, of_domain, origin, created_at, ...rest] = row;
  const [expires_at, message_id, sequence] = rest;
  return {
    subject,
    scope_kind,
    scope_name,
    kind,
    of_domain,
    origin,
    created_at,
    expires_at,
    message_id,
    sequence,
    reason: null,
  };
}
