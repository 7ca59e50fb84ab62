// The audit log on SQLite: search, counts, append; the proof is in audit-verify.ts.
import type { KeyObject } from "node:crypto";

import type { Database } from "better-sqlite3";

import {
  isEventType,
  type AuditDraft,
  type AuditEvent,
  type EventType,
} from "../../audit/event.ts";
import type { AuditFilter, AuditLog, ChainHead, Verification } from "../../audit/log.ts";
import type { Page } from "../../consent/ledger.ts";
import type { StorageKeys } from "../sealing.ts";
import { auditColumns, chainName, rowToEvent, type AuditRow } from "./audit-rows.ts";
import { createHeadSigner, verifyChain } from "./audit-verify.ts";
import type { WriterClient } from "./client.ts";
import { readCounters } from "./counters.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { reading } from "./database.ts";
import type { Names } from "./names.ts";
import { createSubjects, indexBytes, type Subjects } from "./subjects.ts";

const eventBytes = 500; // about what one event weighs on its way to the writer

export class SqliteAuditLog implements AuditLog {
  readonly #db: Database;
  readonly #path: string;
  readonly #writer: WriterClient;
  readonly #names: Names;
  readonly #subjects: Subjects;
  readonly #sealKey: KeyObject;

  constructor(parts: {
    readonly db: Database;
    readonly path: string;
    readonly writer: WriterClient;
    readonly names: Names;
    readonly keys: StorageKeys;
  }) {
    this.#db = parts.db;
    this.#path = parts.path;
    this.#writer = parts.writer;
    this.#names = parts.names;
    this.#subjects = createSubjects(parts.db, parts.keys.seal);
    this.#sealKey = parts.keys.seal;
  }

  async append(events: readonly AuditDraft[]): Promise<void> {
    if (events.length === 0) return;
    await this.#writer.post("append", [events], { bytes: events.length * eventBytes });
  }

  async search(filter: AuditFilter): Promise<Page<AuditEvent>> {
    return reading(() => this.#search(filter));
  }

  async verify(expected?: readonly ChainHead[]): Promise<Verification> {
    return verifyChain(this.#path, expected ?? [], createHeadSigner(this.#sealKey));
  }

  async proofs(sequences: readonly number[]): Promise<readonly ChainHead[]> {
    return reading(() => {
      const sign = createHeadSigner(this.#sealKey);
      const select = this.#db
        .prepare<[number], Buffer>("SELECT hash FROM audit_events WHERE sequence = ?")
        .pluck();
      return sequences.flatMap((sequence) => {
        const hash = select.get(sequence)?.toString("hex");
        if (hash === undefined) return [];
        const head = { chain: chainName, sequence, hash };
        return { ...head, signature: sign(head) };
      });
    });
  }

  async counts(): Promise<Readonly<Partial<Record<EventType, number>>>> {
    return reading(() =>
      Object.fromEntries(
        [...readCounters(this.#db, "audit/")].filter(([type]) => isEventType(type)),
      ),
    );
  }

  #search(filter: AuditFilter): Page<AuditEvent> {
    const query = toQuery(filter, this.#names);
    if (query === undefined) return { items: [], next: null };
    const order = filter.newestFirst === true ? "DESC" : "ASC";
    const rows = this.#db
      .prepare<(string | number | Buffer)[], AuditRow>(
        `SELECT ${auditColumns} FROM audit_events ${query.index}
         WHERE ${query.conditions.join(" AND ")} ORDER BY sequence ${order} LIMIT ?`,
      )
      .all(...query.values, filter.limit);
    const last = rows.at(-1);
    return {
      items: rows.map((row) => rowToEvent(row, this.#names, this.#subjects.find, this.#sealKey)),
      next: last === undefined || rows.length < filter.limit ? null : encodeCursor([last.sequence]),
    };
  }
}

interface Query {
  readonly index: string;
  readonly conditions: readonly string[];
  readonly values: readonly (string | number | Buffer)[];
}

/** The narrowest index is named outright: without statistics SQLite would guess. Undefined: nothing can match. */
function toQuery(filter: AuditFilter, names: Names): Query | undefined {
  const conditions: string[] = [];
  const values: (string | number | Buffer)[] = [];
  const where = (condition: string, ...given: readonly (string | number | Buffer)[]): void => {
    conditions.push(condition);
    values.push(...given);
  };
  const [position] = decodeCursor(filter.cursor, 1) ?? [];
  if (filter.newestFirst === true) where("sequence < ?", position ?? Number.MAX_SAFE_INTEGER);
  else where("sequence > ?", position ?? 0);
  if (filter.messageId !== undefined) where("message_id = ?", filter.messageId);
  if (filter.recipientId !== undefined)
    where("json_extract(rest, '$.recipientId') = ?", filter.recipientId);
  if (filter.subject !== undefined) where("subject = ?", indexBytes(filter.subject));
  if (filter.types !== undefined) {
    if (filter.types.length === 0) return undefined;
    where(`type IN (${filter.types.map(() => "?").join(", ")})`, ...filter.types);
  }
  for (const [column, name] of [
    ["stream", filter.stream],
    ["sender", filter.sender],
  ] as const) {
    if (name === undefined) continue;
    const id = names.find(name);
    if (id === undefined) return undefined;
    where(`${column} = ?`, id);
  }
  if (filter.since !== undefined) where("at >= ?", filter.since.getTime());
  if (filter.until !== undefined) where("at < ?", filter.until.getTime());
  return { index: indexFor(filter), conditions, values };
}

function indexFor(filter: AuditFilter): string {
  if (filter.messageId !== undefined) return "INDEXED BY audit_events_message";
  if (filter.subject !== undefined) return "INDEXED BY audit_events_subject";
  if (filter.types?.length === 1) return "INDEXED BY audit_events_type";
  if (filter.since !== undefined) return "INDEXED BY audit_events_at";
  return "";
}
