// How consent events stand in their table, and the canonical text from which the chain's digest of them is made.
import { hash, type KeyObject } from "node:crypto";

import { canonicalJson } from "../../audit/chain.ts";
import {
  bases,
  type Basis,
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

/** The event as the standing needs it: evidence stays sealed, names are read from memory. */
export function rowToFact(row: ConsentRow, names: Names): ConsentEvent {
  return toEvent(row, names, {});
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
  return {
    ...toEvent(row, names, { ...shared, ...secret }),
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

function toEvent(row: ConsentRow, names: Names, evidence: Evidence): ConsentEvent {
  const common = {
    subject: indexText(row.subject),
    sender: names.of(row.sender),
    at: new Date(row.at),
    evidence,
    actor: names.of(row.actor),
    ...(row.message_id === null ? {} : { messageId: row.message_id }),
  };
  const topic = row.topic === null ? null : names.of(row.topic);
  const kind = consentKinds[row.kind];
  if (kind === undefined) throw new Error(`consent row ${row.id} has an unknown kind`);
  switch (kind) {
    case "granted":
      return {
        ...common,
        kind,
        topic: need(topic, row),
        basis: basisOf(row),
        byPerson: row.by_person === 1,
        ...(row.until_at === null ? {} : { expiresAt: new Date(row.until_at) }),
      };
    case "withdrawn":
      return { ...common, kind, topic };
    case "paused":
      return { ...common, kind, topic, until: new Date(need(row.until_at, row)) };
    case "expired":
      return { ...common, kind, topic: need(topic, row) };
  }
}

function basisOf(row: ConsentRow): Basis {
  const basis = row.basis === null ? undefined : bases[row.basis];
  if (basis === undefined) throw new Error(`consent row ${row.id} has no basis`);
  return basis;
}

function need<T>(value: T | null, row: ConsentRow): T {
  if (value === null) throw new Error(`consent row ${row.id} is incomplete`);
  return value;
}
