// The queue's verbs on the way in: accept a message durably, or know it again.
import { hash } from "node:crypto";

import type { AuditDraft } from "../../audit/event.ts";
import { freeOctets } from "../../mail/free-octets.ts";
import type { Claim, NewMessage, NewRecipient, QueueStore } from "../../queue/store.ts";
import { seal } from "../sealing.ts";
import { createNoteRequest } from "./consent-requests.ts";
import type { WriterContext } from "./context.ts";
import type { Lanes } from "./lanes.ts";
import type { RecipientRow } from "./recipient-end.ts";
import { parseRecipientId, sealEnvelope, sealRecipient, stateNumber } from "./recipient-rows.ts";
import { indexBytes } from "./subjects.ts";

/** The same message within a day is one message (`smtp.deduplicate`). */
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
    const first = fingerprints.note(message);
    if (first !== undefined) return { kind: "duplicate", messageId: first };
    if (!noteRequest(message, recipients)) {
      fingerprints.forget(message);
      return { kind: "already-asked" };
    }
    store(message, recipients, claim);
    for (const event of events) context.audit.append(event);
    return { kind: "stored" };
  };
}

interface Fingerprints {
  /** Keeps the message's fingerprint, if it has one; the id of the message that had the same one within a day, if one had. */
  readonly note: (message: NewMessage) => string | undefined;
  /** Takes back what was kept. */
  readonly forget: (message: NewMessage) => void;
}

function digestOf(fingerprint: string): Buffer {
  return Buffer.from(hash("sha256", fingerprint, "hex").slice(0, 32), "hex");
}

function createFingerprints({ db }: WriterContext): Fingerprints {
  const keep = db.prepare<[Buffer, string, number]>(
    `INSERT INTO fingerprints (digest, message_id, at) VALUES (?, ?, ?)
     ON CONFLICT (digest) DO UPDATE SET message_id = excluded.message_id, at = excluded.at
     WHERE abs(excluded.at - at) >= ${fingerprintMilliseconds}`,
  );
  const select = db
    .prepare<[Buffer], string>("SELECT message_id FROM fingerprints WHERE digest = ?")
    .pluck();
  const remove = db.prepare<[Buffer]>("DELETE FROM fingerprints WHERE digest = ?");
  return {
    note: ({ fingerprint, messageId, receivedAt }) => {
      if (fingerprint === undefined) return undefined;
      const digest = digestOf(fingerprint);
      const isNew = keep.run(digest, messageId, receivedAt.getTime()).changes > 0;
      return isNew ? undefined : select.get(digest);
    },
    forget: ({ fingerprint }) => {
      if (fingerprint !== undefined) remove.run(digestOf(fingerprint));
    },
  };
}

function createStore(
  context: WriterContext,
  lanes: Lanes,
): (message: NewMessage, recipients: readonly NewRecipient[], claim: Claim | undefined) => void {
  const { db, names, keys, counters, leasedRows } = context;
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
    freeOctets(sealed);
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
      const row = insertRecipient({ messageId, no, stream, sender }, recipient, place);
      if (place.state === "waiting") lanes.add(row, receivedAt);
      else if (place.state === "leased") leasedRows.note(recipient.recipientId, row);
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

/** Message, stream and sender by their numbers. */
interface StoredMessage {
  readonly messageId: string;
  readonly no: number;
  readonly stream: number;
  readonly sender: number;
}

function createInsertRecipient(
  context: WriterContext,
): (message: StoredMessage, recipient: NewRecipient, place: Place) => RecipientRow {
  const { db, names, subjects } = context;
  const insert = db.prepare(
    `INSERT INTO recipients (message, n, subject, stream, destination, state, next_attempt_at, owner, leased_until, sealed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ messageId, no, stream, sender }, recipient, { state, dueAt, owner, leasedUntil }) => {
    const id = parseRecipientId(recipient.recipientId);
    if (id?.messageId !== messageId)
      throw new RangeError("a recipient's id must be its message's id, a hyphen and a number");
    const subject = indexBytes(recipient.subject);
    const person = subjects.note(subject, recipient.address.text);
    const row: RecipientRow = {
      message: no,
      n: id.n,
      message_id: messageId,
      subject,
      stream,
      sender,
      destination: names.give(recipient.destination),
      state: stateNumber[state],
      owner,
    };
    insert.run(
      row.message,
      row.n,
      row.subject,
      row.stream,
      row.destination,
      row.state,
      dueAt,
      row.owner,
      leasedUntil,
      sealRecipient(recipient.recipientId, person, recipient.address, recipient.dsn),
    );
    return row;
  };
}
