// How audit events stand in their table: drafts become rows, rows become events again.
import type { KeyObject } from "node:crypto";

import type { AddressIndex } from "../../consent/address-index.ts";
import { canonicalJson, type StoredEvent } from "../../audit/chain.ts";
import {
  isEventType,
  type AuditDraft,
  type AuditEvent,
  type Detail,
  type EventType,
} from "../../audit/event.ts";
import type { Reply } from "../../mail/reply.ts";
import { isReason } from "../../policy/reasons.ts";
import { mentions } from "../mentions.ts";
import { seal, unseal } from "../sealing.ts";
import type { Names } from "./names.ts";
import { indexText, type Subject } from "./subjects.ts";

export const chainName = "main";

export interface AuditRow {
  readonly sequence: number;
  readonly at: number;
  readonly type: string;
  readonly message_id: string | null;
  readonly subject: Buffer | null;
  readonly stream: number | null;
  readonly sender: number | null;
  readonly rest: string;
  readonly sealed: Buffer | null;
  readonly hash: Buffer;
}

export const auditColumns =
  "sequence, at, type, message_id, subject, stream, sender, rest, sealed, hash";

/**
 * What binds an event to the ledger's rows: only the verb that stores the rows can give it, so that no event of another
 * maker, whatever its detail says, is taken for a proof.
 */
export type Proof =
  /** Consents: how many rows, and the digest of them. */
  | { readonly kind: "consents"; readonly rows: number; readonly digest: string }
  /** A suppression; `replaces` and `removes` are sequences of the events that made those that are gone. */
  | {
      readonly kind: "suppression";
      readonly digest: string;
      readonly replaces?: number | undefined;
    }
  | { readonly kind: "removal"; readonly removes: number }
  /** A request for consent. */
  | { readonly kind: "request"; readonly digest: string };

interface Rest {
  readonly proof?: Proof;
  readonly recipientId?: string;
  readonly reason?: string;
  readonly reply?: Partial<Reply>;
  readonly actor?: string;
  readonly detail?: Detail;
}

/** What is sealed with the person's key: `personal`, and of reply and detail what names the person. */
interface Private {
  readonly personal?: Readonly<Record<string, string>>;
  readonly replyText?: string;
  readonly detail?: Detail;
}

/** Splits a draft into what stays readable and what is sealed. `subject` is undefined where the event is about nobody. */
export function storedEvent(
  draft: AuditDraft,
  sequence: number,
  subject: Subject | undefined,
  gatewayKey: KeyObject,
  proof?: Proof,
): StoredEvent {
  const address = subject?.address ?? "";
  const { reply, detail, personal } = draft;
  const hideReply = reply !== undefined && mentions(reply.text, address);
  const text = (shown: Detail | undefined): string =>
    canonicalJson({
      actor: draft.actor,
      detail: shown,
      proof,
      reason: draft.reason,
      recipientId: draft.recipientId,
      reply: hideReply ? { code: reply.code, enhanced: reply.enhanced } : reply,
    });
  const whole = text(detail);
  // The contract of `detail` forbids addresses; this is the second lock on that door.
  const hideDetail =
    detail !== undefined &&
    address !== "" &&
    names(whole, address) &&
    names(canonicalJson(detail), address);
  const hidden = hideReply || hideDetail || personal !== undefined;
  const rest = hideDetail ? text(undefined) : whole;
  const secret = hidden
    ? canonicalJson({
        personal,
        replyText: hideReply ? reply.text : undefined,
        detail: hideDetail ? detail : undefined,
      })
    : undefined;
  return {
    sequence,
    at: draft.at.getTime(),
    type: draft.type,
    messageId: draft.messageId ?? null,
    subject: draft.subject ?? null,
    stream: draft.stream ?? null,
    sender: draft.sender ?? null,
    rest,
    sealed:
      secret === undefined
        ? null
        : seal(subject?.key ?? gatewayKey, place(sequence), Buffer.from(secret)),
  };
}

function names(text: string, address: string): boolean {
  return text.toLowerCase().includes(address.toLowerCase());
}

function place(sequence: number): string {
  return `audit/${chainName}/${sequence}`;
}

/** The row as the chain hashes it. Throws where the type is none: the row was damaged. */
export function rowToStored(row: AuditRow, names: Names): StoredEvent {
  return {
    sequence: row.sequence,
    at: row.at,
    type: eventType(row.type),
    messageId: row.message_id,
    subject: row.subject === null ? null : Buffer.from(row.subject).toString("hex"),
    stream: row.stream === null ? null : names.of(row.stream),
    sender: row.sender === null ? null : names.of(row.sender),
    rest: row.rest,
    sealed: row.sealed,
  };
}

function eventType(text: string): EventType {
  if (!isEventType(text)) throw new Error(`an audit event has the unknown type ${text}`);
  return text;
}

/** The row as an event. What is sealed is left out once the person was erased. */
export function rowToEvent(
  row: AuditRow,
  names: Names,
  find: (subject: Uint8Array) => Subject | undefined,
  gatewayKey: KeyObject,
): AuditEvent {
  const subject = row.subject === null ? undefined : find(row.subject);
  const key = row.subject === null ? gatewayKey : subject?.key;
  const secret: Private =
    row.sealed === null || key === undefined ? {} : openPrivate(key, row.sequence, row.sealed);
  const rest = readRest(row.rest);
  const reply = joinReply(rest.reply, secret.replyText);
  const detail = rest.detail ?? secret.detail;
  const index: AddressIndex | undefined = row.subject === null ? undefined : indexText(row.subject);
  return {
    sequence: row.sequence,
    chain: chainName,
    type: eventType(row.type),
    at: new Date(row.at),
    ...(row.message_id === null ? {} : { messageId: row.message_id }),
    ...(rest.recipientId === undefined ? {} : { recipientId: rest.recipientId }),
    ...(row.stream === null ? {} : { stream: names.of(row.stream) }),
    ...(row.sender === null ? {} : { sender: names.of(row.sender) }),
    ...(index === undefined ? {} : { subject: index }),
    ...(rest.reason !== undefined && isReason(rest.reason) ? { reason: rest.reason } : {}),
    ...(reply === undefined ? {} : { reply }),
    ...(rest.actor === undefined ? {} : { actor: rest.actor }),
    ...(detail === undefined ? {} : { detail }),
    ...(secret.personal === undefined ? {} : { personal: secret.personal }),
    ...(subject === undefined || subject.address === "" ? {} : { recipient: subject.address }),
  };
}

function joinReply(
  stored: Partial<Reply> | undefined,
  hidden: string | undefined,
): Reply | undefined {
  if (stored?.code === undefined) return undefined;
  const text = stored.text ?? hidden ?? "";
  return stored.enhanced === undefined
    ? { code: stored.code, text }
    : { code: stored.code, enhanced: stored.enhanced, text };
}

/** The proof that an event carries; undefined for events that stored no row of the ledger. */
export function proofOf(rest: string): Proof | undefined {
  return readRest(rest).proof;
}

// The two parsers of what storedEvent wrote: the chain vouches for `rest`, the cipher for `sealed`.
function readRest(text: string): Rest {
  return JSON.parse(text) as Rest;
}

function openPrivate(key: KeyObject, sequence: number, sealed: Buffer): Private {
  // An erased person who came back has a new key: what was sealed before stays unreadable.
  try {
    return JSON.parse(unseal(key, place(sequence), sealed).toString("utf8")) as Private;
  } catch {
    return {};
  }
}
