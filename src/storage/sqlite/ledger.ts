// The ledger's verbs that change something: record consents, erase a person.
import { consentRecorded, consentsImported, personErased } from "../../audit/from-consent.ts";
import type { AddressIndex } from "../../consent/address-index.ts";
import type { ConsentEvent } from "../../consent/event.ts";
import type { Act, NewConsent } from "../../consent/ledger.ts";
import { parseAddress } from "../../mail/address.ts";
import { mentions } from "../mentions.ts";
import { seal } from "../sealing.ts";
import {
  absent,
  packConsents,
  readyRecord,
  subjectOctets,
  type ConsentColumns,
} from "./consent-columns.ts";
import {
  consentColumns,
  createRowsDigest,
  evidencePlace,
  rowsPerEventMax,
  type ConsentRow,
} from "./consent-rows.ts";
import type { WriterContext } from "./context.ts";
import type { RecipientEnder } from "./recipient-end.ts";
import { indexBytes } from "./subjects.ts";

export interface LedgerVerbs {
  /** `events`: the same rows as they were given, where each is to have an audit event of its own; else none. */
  readonly recordConsents: (
    columns: ConsentColumns,
    events: readonly ConsentEvent[],
    now: number,
  ) => { readonly recorded: number };
  readonly erase: (subject: AddressIndex, act: Act, now: number) => { readonly erased: boolean };
}

export function createLedgerVerbs(context: WriterContext, recipients: RecipientEnder): LedgerVerbs {
  const record = createRecord(context);
  const stop = createStop(context, record);
  return {
    recordConsents: (columns, events, now) => ({ recorded: record(columns, events, now) }),
    erase: (subject, act, now) => {
      const index = indexBytes(subject);
      const address = context.subjects.find(index)?.address;
      if (address === undefined) return { erased: false };
      const dropped = recipients.dropSubject(index, act.actor, now);
      stop(subject, address, act, now);
      context.subjects.erase(index);
      context.scrub = true;
      const sayable = act.reason !== undefined && !mentions(act.reason, address);
      context.audit.append(
        personErased({
          subject,
          actor: act.actor,
          ...(sayable ? { reason: act.reason } : {}),
          at: new Date(now),
          dropped,
        }),
      );
      return { erased: true };
    },
  };
}

type Record = (columns: ConsentColumns, events: readonly ConsentEvent[], now: number) => number;

function createRecord(context: WriterContext): Record {
  const insert = createInsert(context);
  return (columns, events, now) => {
    const step = events.length > 0 ? 1 : rowsPerEventMax;
    const reader = readColumns(context, columns);
    let recorded = 0;
    for (let start = 0; start < columns.count; start += step) {
      const end = Math.min(start + step, columns.count);
      const first = context.audit.next() * rowsPerEventMax;
      const digest = createRowsDigest(context.names);
      let rows = 0;
      for (let place = start; place < end; place += 1) {
        const row = insert(reader, place, first + rows, now);
        if (row === undefined) continue;
        rows += 1;
        digest.add(row);
      }
      if (rows === 0) continue;
      recorded += rows;
      const at = new Date(now);
      const event = events[start];
      context.audit.append(
        event === undefined
          ? consentsImported({ rows, ...reader.about(start, end), at })
          : consentRecorded(event, at),
        { kind: "consents", rows, digest: digest.end() },
      );
    }
    return recorded;
  };
}

/** What was granted to an erased person's senders must not let mail pass again: docs/decisions/0011. */
function createStop(
  { db, names }: WriterContext,
  record: Record,
): (subject: AddressIndex, address: string, act: Act, now: number) => void {
  const senders = db.prepare<[Buffer], { readonly sender: number; readonly latest: number }>(
    "SELECT sender, max(at) AS latest FROM consent_events WHERE subject = ? GROUP BY sender",
  );
  return (subject, text, { actor }, now) => {
    const address = parseAddress(text);
    if (address.kind === "bad") return; // A domain, or an index alone: neither has consents.
    const stops = senders.all(indexBytes(subject)).map(({ sender, latest }): NewConsent => ({
      address: address.value,
      event: {
        kind: "withdrawn",
        subject,
        sender: names.of(sender),
        topic: null,
        at: new Date(Math.max(now, latest)), // A grant dated a little ahead must not outlast it.
        evidence: { method: "erasure" },
        actor,
      },
    }));
    if (stops.length === 0) return;
    record(
      packConsents(stops),
      stops.map(({ event }) => event),
      now,
    );
  };
}

/** Columns with the numbers of their names. */
interface ColumnReader {
  readonly columns: ConsentColumns;
  readonly name: (column: Int32Array, place: number) => number | null;
  readonly text: (column: Int32Array, place: number) => string | null;
  /** What the audit event of many rows says of them. */
  readonly about: (
    start: number,
    end: number,
  ) => { readonly actor: string; readonly senders: readonly string[] };
}

function readColumns({ names }: WriterContext, columns: ConsentColumns): ColumnReader {
  const numbers = new Int32Array(columns.texts.length);
  const text = (column: Int32Array, place: number): string | null =>
    columns.texts[column[place] ?? absent] ?? null;
  return {
    columns,
    text,
    name: (column, place) => {
      const textPlace = column[place] ?? absent;
      const name = columns.texts[textPlace];
      if (name === undefined) return null;
      const known = numbers[textPlace];
      if (known !== undefined && known > 0) return known;
      const number = names.give(name);
      numbers[textPlace] = number;
      return number;
    },
    about: (start, end) => ({
      actor: text(columns.actors, start) ?? "",
      senders: [...new Set(columns.senders.subarray(start, end))].flatMap(
        (place) => columns.texts[place] ?? [],
      ),
    }),
  };
}

type Insert = (
  reader: ColumnReader,
  place: number,
  id: number,
  now: number,
) => ConsentRow | undefined;

/** Stores one event unless an equal one is there; gives the row as it stands in the table. */
function createInsert(context: WriterContext): Insert {
  const { db, subjects } = context;
  const equal = db
    .prepare<[Buffer, number, number | null, number, number], number>(
      "SELECT 1 FROM consent_events WHERE subject = ? AND sender = ? AND topic IS ? AND kind = ? AND at = ?",
    )
    .pluck();
  const insert = db.prepare(
    `INSERT INTO consent_events (${consentColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ columns, name, text }, place, id, now) => {
    const { buffer, byteOffset } = columns.subjects;
    const subject = Buffer.from(buffer, byteOffset + place * subjectOctets, subjectOctets);
    const sender = name(columns.senders, place) ?? absent;
    const topic = name(columns.topics, place);
    const kind = columns.kinds[place] ?? absent;
    const at = columns.at[place] ?? absent;
    if (equal.get(subject, sender, topic, kind, at) !== undefined) return undefined;
    const address = columns.addresses[place] ?? "";
    subjects.admit(subject, address, readyRecord(columns.records, place));
    const until = columns.until[place];
    const personal = text(columns.personalEvidence, place);
    const row: ConsentRow = {
      id,
      subject,
      sender,
      topic,
      kind,
      basis: orNull(columns.bases[place]),
      by_person: orNull(columns.byPerson[place]),
      at,
      until_at: until === undefined || Number.isNaN(until) ? null : until,
      recorded_at: now,
      actor: name(columns.actors, place) ?? absent,
      message_id: text(columns.messageIds, place),
      evidence: name(columns.sharedEvidence, place),
      sealed:
        personal === null
          ? null
          : seal(subjects.ensure(subject, address).key, evidencePlace(id), Buffer.from(personal)),
    };
    insert.run(
      row.id,
      row.subject,
      row.sender,
      row.topic,
      row.kind,
      row.basis,
      row.by_person,
      row.at,
      row.until_at,
      row.recorded_at,
      row.actor,
      row.message_id,
      row.evidence,
      row.sealed,
    );
    return row;
  };
}

function orNull(value: number | undefined): number | null {
  return value === undefined || value === absent ? null : value;
}
