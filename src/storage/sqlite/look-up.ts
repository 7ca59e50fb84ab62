// The question of every RCPT, as one statement: what the ledger knows of a person for one sender, read in one view.
import type { Database } from "better-sqlite3";

import type { ConsentEvent } from "../../consent/event.ts";
import type { RecipientRecord, RecordQuery } from "../../consent/ledger.ts";
import { standing } from "../../consent/standing.ts";
import { applies, type Suppression } from "../../consent/suppression.ts";
import { factColumns, rowToFact, type FactRow } from "./consent-rows.ts";
import type { Names } from "./names.ts";
import { indexBytes } from "./subjects.ts";
import { rowToSuppression, type SuppressionRow } from "./suppression-rows.ts";

/** Those of {@link rowToSuppression} but for the reason, which is sealed and not asked for here. */
const suppressionColumns =
  "subject, scope_kind, scope_name, kind, of_domain, origin, created_at, expires_at, message_id, sequence";

/** What it is stands last: a row is then read where it lies, as copying one would cost more than reading it. */
type Fact = readonly [...fact: FactRow, null, null, null, what: 0];
type Stop = readonly [
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
  what: 1,
];

const nobody = -1; // is no sender's number

/**
 * Three range reads on 16-byte keys, the first answered by its index alone; no cipher. One statement is one transaction:
 * both tables are read as of one moment, and the lock is taken once. Two ranges of suppressions, as `IN (?, ?)` would sort
 * its two into a table of their own first, which takes as long as reading one of them.
 */
export function createLookUp(db: Database, names: Names): (query: RecordQuery) => RecipientRecord {
  const select = db
    .prepare<[Buffer, number, Buffer, Buffer], Fact | Stop>(
      `SELECT ${factColumns}, NULL, NULL, NULL, 0 FROM consent_events WHERE subject = ? AND sender = ?
       UNION ALL
       SELECT ${suppressionColumns}, 1 FROM suppressions WHERE subject = ?
       UNION ALL
       SELECT ${suppressionColumns}, 1 FROM suppressions WHERE subject = ?`,
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
    const facts: ConsentEvent[] = [];
    const suppressions: Suppression[] = [];
    for (const row of rows) {
      if (row[10] === 0) {
        facts.push(rowToFact(query.subject, query.sender, row, names));
        continue;
      }
      const suppression = rowToSuppression(toSuppressionRow(row), names);
      if (applies(suppression, query)) suppressions.push(suppression);
    }
    return { standing: standing(facts, query.topic, query.now, query.maxAges), suppressions };
  };
}

function toSuppressionRow(row: Stop): SuppressionRow {
  const [subject, scope_kind, scope_name, kind, of_domain, origin, created_at, ...rest] = row;
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
