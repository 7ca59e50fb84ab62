// How consent events stand in their table, and the canonical text from which the chain's digest of them is made.
import { hash, type KeyObject } from "node:crypto";

import { canonicalJson } from "../../audit/chain.ts";
import type { AddressIndex } from "../../consent/address-index.ts";
import {
  bases,
  type ConsentEvent,
  type Evidence,
  type RecordedConsentEvent,
} from "../../consent/event.ts";
import { mentions } from "../mentions.ts";
import { unseal } from "../sealing.ts";
import type { Names } from "./names.ts";
import { indexText } from "./subjects.ts";

export interface ConsentRow {
  readonly subject: Buffer;
  readonly id: number;
  readonly sender: number;
  readonly topic: number | null;
  readonly kind: number;
  readonly basis: number | null;
  readonly by_person: number | null;
  readonly at: number;
  readonly until_at: number | null;
  readonly recorded_at: number;
  readonly actor: number;
  readonly message_id: string | null;
  readonly evidence: number | null;
  readonly sealed: Buffer | null;
}

export const consentColumns =
  "subject, id, sender, topic, kind, basis, by_person, at, until_at, recorded_at, actor, message_id, evidence, sealed";

/** Place in this list is what the table holds: append only. */
export const consentKinds = ["granted", "withdrawn", "paused", "expired"] as const;

/** An id is the sequence of the recording audit event times this, plus the row's place among the event's rows. */
export const rowsPerEventMax = 65_536;

/** Where the sealed part of a row's evidence is bound to. */
export function evidencePlace(id: number): string {
  return `consent/${id}`;
}

/**
 * Parts evidence into what many rows share (kept once, readable) and what may tell of the person (sealed with the
 * person's key). A source with a query string is taken for personal: it tends to hold an id.
 */
export function splitEvidence(
  evidence: Evidence,
  address: string,
): { readonly shared?: string; readonly personal?: string } {
  const { more, ...common } = evidence;
  const text = canonicalJson(common);
  const isPersonal = mentions(text, address) || evidence.source?.includes("?") === true;
  const hasMore = more !== undefined && Object.keys(more).length > 0;
  const secret: Evidence = { ...(isPersonal ? common : {}), ...(hasMore ? { more } : {}) };
  const personal = canonicalJson(secret);
  return {
    ...(isPersonal || text === "{}" ? {} : { shared: text }),
    ...(personal === "{}" ? {} : { personal }),
  };
}

/** The next value of a running digest over rows in the order of their ids; it begins with 32 zero octets. */
export function foldRow(before: Buffer, row: ConsentRow, names: Names): Buffer {
  const text = JSON.stringify([
    row.id,
    row.subject.toString("hex"),
    names.of(row.sender),
    row.topic === null ? null : names.of(row.topic),
    row.kind,
    row.basis,
    row.by_person,
    row.at,
    row.until_at,
    row.recorded_at,
    names.of(row.actor),
    row.message_id,
    row.evidence === null ? null : names.of(row.evidence),
    row.sealed === null ? null : row.sealed.toString("base64"),
  ]);
  return hash("sha256", before.toString("hex") + text, "buffer");
}

/** The columns that a standing depends on, as an array: building objects of whole rows would cost more than reading them. */
export type FactRow = readonly [
  topic: number | null,
  kind: number,
  basis: number | null,
  byPerson: number | null,
  at: number,
  until: number | null,
  actor: number,
];
export const factColumns = "topic, kind, basis, by_person, at, until_at, actor";

/** The event as the standing needs it: evidence and message stay unread. */
export function rowToFact(
  subject: AddressIndex,
  sender: string,
  [topic, kind, basis, byPerson, at, until, actor]: FactRow,
  names: Names,
): ConsentEvent {
  const common = { subject, sender, at: new Date(at), evidence: {}, actor: names.of(actor) };
  return toEvent(common, { topic, kind, basis, by_person: byPerson, until_at: until }, names);
}

/** The whole event; `key` undefined (the person was erased) leaves the sealed evidence out. */
export function rowToRecorded(
  row: ConsentRow,
  names: Names,
  key: KeyObject | undefined,
): RecordedConsentEvent {
  const shared: Evidence =
    row.evidence === null ? {} : (JSON.parse(names.of(row.evidence)) as Evidence);
  const secret: Evidence =
    row.sealed === null || key === undefined ? {} : openEvidence(key, row.id, row.sealed);
  const common = {
    subject: indexText(row.subject),
    sender: names.of(row.sender),
    at: new Date(row.at),
    evidence: { ...shared, ...secret },
    actor: names.of(row.actor),
    ...(row.message_id === null ? {} : { messageId: row.message_id }),
  };
  return {
    ...toEvent(common, row, names),
    id: String(row.id).padStart(16, "0"),
    recordedAt: new Date(row.recorded_at),
  };
}

// A person who was erased and came back has a new key: older evidence stays unreadable.
function openEvidence(key: KeyObject, id: number, sealed: Buffer): Evidence {
  try {
    return JSON.parse(unseal(key, evidencePlace(id), sealed).toString("utf8")) as Evidence;
  } catch {
    return {};
  }
}

type Common = Pick<ConsentEvent, "subject" | "sender" | "at" | "evidence" | "actor" | "messageId">;

type Kinded = Pick<ConsentRow, "topic" | "kind" | "basis" | "by_person" | "until_at">;

function toEvent(common: Common, row: Kinded, names: Names): ConsentEvent {
  const topic = row.topic === null ? null : names.of(row.topic);
  const kind = consentKinds[row.kind];
  if (kind === undefined) throw new Error("a consent in the ledger has an unknown kind");
  switch (kind) {
    case "granted":
      return {
        ...common,
        kind,
        topic: need(topic),
        basis: need(row.basis === null ? null : (bases[row.basis] ?? null)),
        byPerson: row.by_person === 1,
        ...(row.until_at === null ? {} : { expiresAt: new Date(row.until_at) }),
      };
    case "withdrawn":
      return { ...common, kind, topic };
    case "paused":
      return { ...common, kind, topic, until: new Date(need(row.until_at)) };
    case "expired":
      return { ...common, kind, topic: need(topic) };
  }
}

function need<T>(value: T | null): T {
  if (value === null) throw new Error("a consent in the ledger is incomplete");
  return value;
}
