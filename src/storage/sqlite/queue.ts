// The queue's verbs on the way in: accept a message durably, or know it again.
import { hash } from "node:crypto";

import type { AuditDraft } from "../../audit/event.ts";
import type { Claim, NewMessage, NewRecipient, QueueStore } from "../../queue/store.ts";
import { seal } from "../sealing.ts";
import { createNoteRequest } from "./consent-requests.ts";
import type { WriterContext } from "./context.ts";
import type { Lanes } from "./lanes.ts";
import { parseRecipientId, sealEnvelope, sealRecipient, stateNumber } from "./recipient-rows.ts";
import { indexBytes } from "./subjects.ts";

/** The same message within a day is one message: threats.md §2. */
export const fingerprintMilliseconds = 24 * 3600 * 1000;

export type Accepted = Awaited<ReturnType<QueueStore["accept"]>>;

export type Accept = (
  message: NewMessage,
  recipients: readonly NewRecipient[],
  events: readonly AuditDraft[],
  claim?: Claim,
) => Accepted;

export function contentPlace(messageId: string): string {
  return `content/${messageId}`;
}

export function createAccept(context: WriterContext, lanes: Lanes): Accept {
  const fingerprints = createFingerprints(context);
  const noteRequest = createNoteRequest(context);
  const store = createStore(context, lanes);
  return (message, recipients, events, claim) => {
    if (recipients.length === 0) throw new RangeError("a message needs a recipient");
    const digest = message.fingerprint === undefined ? undefined : digestOf(message.fingerprint);
    const first = digest && fingerprints.find(digest, message);
    if (first !== undefined) return { kind: "duplicate", messageId: first };
    if (!noteRequest(message, recipients)) return { kind: "already-asked" };
    if (digest !== undefined) fingerprints.note(digest, message);
    store(message, recipients, claim);
    for (const event of events) context.audit.append(event);
    return { kind: "stored" };
  };
}

interface Fingerprints {
  /** The id of the message that had the same one within a day. */
  readonly find: (digest: Buffer, message: NewMessage) => string | undefined;
  readonly note: (digest: Buffer, message: NewMessage) => void;
}

function digestOf(fingerprint: string): Buffer {
  return hash("sha256", fingerprint, "buffer").subarray(0, 16);
}

function createFingerprints({ db }: WriterContext): Fingerprints {
  const select = db.prepare<[Buffer], { message_id: string; at: number }>(
    "SELECT message_id, at FROM fingerprints WHERE digest = ?",
  );
  const replace = db.prepare<[Buffer, string, number]>(
    "REPLACE INTO fingerprints (digest, message_id, at) VALUES (?, ?, ?)",
  );
  return {
    find: (digest, { receivedAt }) => {
      const before = select.get(digest);
      const isFresh =
        before !== undefined &&
        Math.abs(receivedAt.getTime() - before.at) < fingerprintMilliseconds;
      return isFresh ? before.message_id : undefined;
    },
    note: (digest, { messageId, receivedAt }) => {
      replace.run(digest, messageId, receivedAt.getTime());
    },
  };
}

function createStore(
  context: WriterContext,
  lanes: Lanes,
): (message: NewMessage, recipients: readonly NewRecipient[], claim: Claim | undefined) => void {
  const { db, names, keys, counters } = context;
  const insertMessage = db.prepare(
    `INSERT INTO messages (message_id, stream, sender, from_domain, received_at, notification, open, sealed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertContent = db.prepare<[number, Buffer]>(
    "INSERT INTO contents (message, sealed) VALUES (?, ?)",
  );
  const insertHeld = db.prepare<[number, number, number, string, Buffer]>(
    "INSERT INTO held (message, stream, held_at, reason, sealed) VALUES (?, ?, ?, ?, ?)",
  );
  const insertRecipient = createInsertRecipient(context);
  return (message, recipients, claim) => {
    const { messageId, held } = message;
    const receivedAt = message.receivedAt.getTime();
    const stream = names.give(message.stream);
    const sender = names.give(message.sender);
    const no = Number(
      insertMessage.run(
        messageId,
        stream,
        sender,
        names.give(message.fromDomain),
        receivedAt,
        message.notification === true ? 1 : 0,
        recipients.length,
        sealEnvelope(keys.content, message),
      ).lastInsertRowid,
    );
    const sealed = seal(keys.content, contentPlace(messageId), message.content);
    insertContent.run(no, sealed);
    counters.add("content/bytes", sealed.length);
    if (held !== undefined) {
      const secret = JSON.stringify({ detail: held.detail, findings: held.findings });
      insertHeld.run(
        no,
        stream,
        receivedAt,
        held.reason,
        seal(keys.content, heldPlace(messageId), Buffer.from(secret)),
      );
    }
    const place = placeOf(message, claim);
    for (const recipient of recipients) {
      const destination = insertRecipient(messageId, no, stream, recipient, place);
      if (place.state === "waiting") lanes.add({ stream, destination, sender }, receivedAt);
    }
    counters.add(`queue/${place.state}`, recipients.length);
  };
}

export function heldPlace(messageId: string): string {
  return `held/${messageId}`;
}

/** Where a new recipient stands. */
interface Place {
  readonly state: "held" | "waiting" | "leased";
  readonly dueAt: number | null;
  readonly owner: string | null;
  readonly leasedUntil: number | null;
}

function placeOf(message: NewMessage, claim: Claim | undefined): Place {
  const nobody = { owner: null, leasedUntil: null };
  if (message.held !== undefined) return { state: "held", dueAt: null, ...nobody };
  if (claim === undefined)
    return { state: "waiting", dueAt: message.receivedAt.getTime(), ...nobody };
  const leasedUntil = claim.leaseUntil.getTime();
  return { state: "leased", dueAt: null, owner: claim.owner, leasedUntil };
}

function createInsertRecipient(
  context: WriterContext,
): (
  messageId: string,
  message: number,
  stream: number,
  recipient: NewRecipient,
  place: Place,
) => number {
  const { db, names, subjects } = context;
  const insert = db.prepare(
    `INSERT INTO recipients (message, n, subject, stream, destination, state, next_attempt_at, owner, leased_until, sealed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (messageId, message, stream, recipient, place) => {
    const id = parseRecipientId(recipient.recipientId);
    if (id?.messageId !== messageId)
      throw new RangeError("a recipient's id must be its message's id, a hyphen and a number");
    const subject = indexBytes(recipient.subject);
    const person = subjects.ensure(subject, recipient.address.text);
    const destination = names.give(recipient.destination);
    insert.run(
      message,
      id.n,
      subject,
      stream,
      destination,
      stateNumber[place.state],
      place.dueAt,
      place.owner,
      place.leasedUntil,
      sealRecipient(recipient.recipientId, person, recipient.address, recipient.dsn),
    );
    return destination;
  };
}
