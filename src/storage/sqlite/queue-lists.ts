// Lists of queued recipients and held messages.
import type { KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import type { Page } from "../../consent/ledger.ts";
import { isReason } from "../../policy/reasons.ts";
import {
  recipientStates,
  type HeldEntry,
  type QueueEntry,
  type QueueFilter,
  type QueueStore,
} from "../../queue/store.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { readHeldSecret } from "./held-secret.ts";
import type { Names } from "./names.ts";
import {
  formatRecipientId,
  openReply,
  stateName,
  stateNumber,
  storedDomain,
} from "./recipient-rows.ts";
import type { Subjects } from "./subjects.ts";

export interface QueueReader {
  readonly db: Database;
  readonly names: Names;
  readonly subjects: Subjects;
  readonly contentKey: KeyObject;
}

interface ListRow {
  readonly message: number;
  readonly n: number;
  readonly message_id: string;
  readonly subject: Buffer;
  readonly stream: number;
  readonly sender: number;
  readonly destination: number;
  readonly state: number;
  readonly attempts: number;
  readonly next_attempt_at: number | null;
  readonly last_reply: string | Buffer | null;
  readonly received_at: number;
}

/** State by state, within each oldest first. */
export function listRecipients(reader: QueueReader, filter: QueueFilter): Page<QueueEntry> {
  const states = (filter.states ?? recipientStates)
    .map((state) => stateNumber[state])
    .toSorted((left, right) => left - right);
  const conditions: string[] = [];
  const values: (number | string)[] = [];
  if (filter.messageId !== undefined) {
    conditions.push("m.message_id = ?");
    values.push(filter.messageId);
  }
  const named = { stream: filter.stream, "r.destination": filter.destination };
  for (const [column, name] of [
    ["r.stream", named.stream],
    ["r.destination", named["r.destination"]],
    ["m.sender", filter.sender],
  ] as const) {
    if (name === undefined) continue;
    const id = reader.names.find(name);
    if (id === undefined) return { items: [], next: null };
    conditions.push(`${column} = ?`);
    values.push(id);
  }
  const [fromState, fromMessage, fromN] = decodeCursor(filter.cursor, 3) ?? [-1, 0, 0];
  const items: QueueEntry[] = [];
  let last: ListRow | undefined;
  for (const state of states) {
    if (state < (fromState ?? -1)) continue;
    const after = state === fromState ? [fromMessage ?? 0, fromN ?? 0] : [-1, -1];
    // The second condition lets SQLite see that the partial index of open recipients serves.
    const open = state < stateNumber.delivered ? "AND r.state < 4" : "";
    const rows = reader.db
      .prepare<(number | string)[], ListRow>(
        `SELECT r.message, r.n, m.message_id, r.subject, r.stream, m.sender, r.destination, r.state,
           r.attempts, r.next_attempt_at, r.last_reply, m.received_at
         FROM recipients r JOIN messages m ON m.no = r.message
         WHERE r.state = ? ${open} AND (r.message, r.n) > (?, ?)
           ${conditions.map((condition) => `AND ${condition}`).join(" ")}
         ORDER BY r.message, r.n LIMIT ?`,
      )
      .all(state, ...after, ...values, filter.limit - items.length);
    for (const row of rows) items.push(toEntry(reader, row));
    last = rows.at(-1) ?? last;
    if (items.length >= filter.limit) break;
  }
  return {
    items,
    next:
      last === undefined || items.length < filter.limit
        ? null
        : encodeCursor([last.state, last.message, last.n]),
  };
}

function toEntry({ names, subjects }: QueueReader, row: ListRow): QueueEntry {
  const id = formatRecipientId(row.message_id, row.n);
  const person = subjects.find(row.subject);
  return {
    id,
    messageId: row.message_id,
    ...(person === undefined || person.address === "" ? {} : { recipient: person.address }),
    destination: storedDomain(names.of(row.destination)),
    stream: names.of(row.stream),
    sender: names.of(row.sender),
    state: stateName(row.state),
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at === null ? null : new Date(row.next_attempt_at),
    lastReply: openReply(id, row.last_reply, person),
    receivedAt: new Date(row.received_at),
  };
}

interface HeldRow {
  readonly message: number;
  readonly message_id: string;
  readonly stream: number;
  readonly sender: number;
  readonly held_at: number;
  readonly reason: string;
  readonly sealed: Buffer;
  readonly recipients: number;
}

const selectHeld = `SELECT h.message, m.message_id, m.stream, m.sender, h.held_at, h.reason, h.sealed,
    (SELECT count(*) FROM recipients r WHERE r.message = h.message AND r.state = 0) AS recipients
  FROM held h JOIN messages m ON m.no = h.message`;

/** Oldest first. */
export function listHeld(
  reader: QueueReader,
  filter: Parameters<QueueStore["heldList"]>[0],
): Page<HeldEntry> {
  const stream = filter.stream === undefined ? null : reader.names.find(filter.stream);
  if (stream === undefined) return { items: [], next: null };
  const [after] = decodeCursor(filter.cursor, 1) ?? [-1];
  const rows = reader.db
    .prepare<[number, number | null, number], HeldRow>(
      `${selectHeld} WHERE h.message > ? AND h.stream = coalesce(?, h.stream) ORDER BY h.message LIMIT ?`,
    )
    .all(after ?? -1, stream, filter.limit);
  const last = rows.at(-1);
  return {
    items: rows.map((row) => toHeld(reader, row)),
    next: last === undefined || rows.length < filter.limit ? null : encodeCursor([last.message]),
  };
}

export function showHeld(reader: QueueReader, id: string): HeldEntry | undefined {
  const row = reader.db.prepare<[string], HeldRow>(`${selectHeld} WHERE m.message_id = ?`).get(id);
  return row === undefined ? undefined : toHeld(reader, row);
}

function toHeld({ names, contentKey }: QueueReader, row: HeldRow): HeldEntry {
  const { detail, findings } = readHeldSecret(contentKey, row.message_id, row.sealed);
  if (!isReason(row.reason)) throw new Error(`a held message has the unknown reason ${row.reason}`);
  return {
    id: row.message_id,
    messageId: row.message_id,
    stream: names.of(row.stream),
    sender: names.of(row.sender),
    reason: row.reason,
    detail,
    findings,
    recipients: row.recipients,
    heldAt: new Date(row.held_at),
  };
}
