// How consent events stand in their table, and the canonical text from which the chain's digest of them is made.
import { createHash, type KeyObject } from "node:crypto";

import { canonicalJson } from "../../audit/chain.ts";
import type { AddressIndex } from "../../consent/address-index.ts";
import {
  bases,
  erasureMethod,
  type ConsentEvent,
  type Evidence,
  type RecordedConsentEvent,
} from "../../consent/event.ts";
import { mentions } from "../mentions.ts";
import { unseal } from "../sealing.ts";
import type { Names } from "./names.ts";
import { indexText } from "./subjects.ts";

export interface ConsentRow {
  readonly id: number;
  readonly subject: Buffer;
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
  "id, subject, sender, topic, kind, basis, by_person, at, until_at, recorded_at, actor, message_id, evidence, sealed";

/** Place in this list is what the table holds: append only. */
export const consentKinds = ["granted", "withdrawn", "paused", "expired"] as const;

/** An id is the sequence of the recording audit event times this, plus the row's place among the event's rows. */
export const rowsPerEventMax = 65_536;

/** Where the sealed part of a row's evidence is bound to. */
export function evidencePlace(id: number): string {
  return `consent/${id}`;
}

const erasureMark = canonicalJson({ method: erasureMethod });

/** Canonical JSON, absent where there is nothing of the kind. */
export interface SplitEvidence {
  readonly shared?: string;
  readonly personal?: string;
}

/**
 * Parts evidence into what many rows share (kept once, readable) and what may tell of the person (sealed with the
 * person's key), `own` among it. A source with a query string is taken for personal: it tends to hold an id.
 */
export function splitEvidence(
  evidence: Evidence,
  address: string,
  own: readonly ("source" | "wording")[] | "all" = [],
): SplitEvidence {
  const { more, ...texts } = evidence;
  const whole = canonicalJson(texts);
  // A person's local part may be as short as `a`: the mark of an erasure would then be lost with the person's key.
  const isPersonal =
    whole !== erasureMark &&
    (own === "all" || mentions(whole, address) || evidence.source?.includes("?") === true);
  const isOwn = (name: string): boolean =>
    isPersonal || (own !== "all" && own.some((each) => each === name));
  const entries = Object.entries(texts);
  const common: Evidence = Object.fromEntries(entries.filter(([name]) => !isOwn(name)));
  const text = canonicalJson(common);
  const hasMore = more !== undefined && Object.keys(more).length > 0;
  const secret: Evidence = {
    ...Object.fromEntries(entries.filter(([name]) => isOwn(name))),
    ...(hasMore ? { more } : {}),
  };
  const personal = canonicalJson(secret);
  return {
    ...(text === "{}" ? {} : { shared: text }),
    ...(personal === "{}" ? {} : { personal }),
  };
}

const plainUrl = /^https?:\/\/(?:(?![?#@])[!-~])+$/i; // ASCII (RFC 3986 §2), no query, fragment or user

/**
 * What belongs to one person where one is recorded: a source in words (a table's rows share theirs), and what somebody
 * wrote who stops. The words of a form are the same for all who saw it.
 */
export function ownTexts({ kind, evidence }: ConsentEvent): readonly ("source" | "wording")[] {
  const { source } = evidence;
  const isUrl = source !== undefined && plainUrl.test(source);
  return [
    ...(source === undefined || isUrl ? [] : (["source"] as const)),
    ...(kind === "granted" ? [] : (["wording"] as const)),
  ];
}

/** A digest over rows in the order of their ids: what the chain holds of them. */
export interface RowsDigest {
  readonly add: (row: ConsentRow) => void;
  /** Hexadecimal SHA-256 of all rows added. */
  readonly end: () => string;
}

const digestStepCharacters = 32 * 1024; // hashing text by text would cost more than hashing it

/** A name is told in full where a row first uses it, and by its number after that: many rows share few names. */
export function createRowsDigest(names: Names): RowsDigest {
  const hash = createHash("sha256");
  const told = new Set<number>();
  let text = "";
  const name = (number: number | null): void => {
    if (number === null || told.has(number)) return;
    told.add(number);
    text += `${number}=${JSON.stringify(names.of(number))}\n`;
  };
  return {
    add: (row) => {
      name(row.sender);
      name(row.topic);
      name(row.actor);
      name(row.evidence);
      const message = row.message_id === null ? "" : JSON.stringify(row.message_id);
      const sealed = row.sealed === null ? "" : row.sealed.toString("base64");
      text +=
        `${row.id},${row.subject.toString("hex")},${row.sender},${row.topic},${row.kind},${row.basis},${row.by_person},` +
        `${row.at},${row.until_at},${row.recorded_at},${row.actor},${message},${row.evidence},${sealed}\n`;
      if (text.length < digestStepCharacters) return;
      hash.update(text);
      text = "";
    },
    end: () => hash.update(text).digest("hex"),
  };
}

/** The columns that a standing depends on, as an array: building objects of whole rows would cost more than reading them. */
export type FactRow = readonly [
  topic: number | null,
  kind: number,
  basis: number | null,
  byPerson: number | null,
  at: number,
  until: number | null,
  how: number | null,
];
export const factColumns =
  "topic, kind, basis, by_person, at, until_at, CASE kind WHEN 1 THEN evidence END";

/** The event as the standing needs it: evidence, actor and message stay unread, but for how a withdrawal came. */
export function rowToFact(
  subject: AddressIndex,
  sender: string,
  [topic, kind, basis, byPerson, at, until, how]: readonly [...FactRow, ...unknown[]],
  names: Names,
): ConsentEvent {
  const evidence = how === null ? {} : (JSON.parse(names.of(how)) as Evidence);
  const common = { subject, sender, at: new Date(at), evidence, actor: "" };
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
    auditSequence: Math.floor(row.id / rowsPerEventMax),
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
