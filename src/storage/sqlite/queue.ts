// The queue's verbs on the way in: accept a message durably, or know it again.
import type { AuditDraft } from "../../audit/event.ts";
import { freeOctets } from "../../mail/free-octets.ts";
import type { Claim, NewMessage, NewRecipient, QueueStore } from "../../queue/store.ts";
import { seal } from "../sealing.ts";
import { createNoteRequest } from "./consent-requests.ts";
import type { WriterContext } from "./context.ts";
import { createFingerprints } from "./fingerprints.ts";
import { sealHeldSecret } from "./held-secret.ts";
import type { Lanes } from "./lanes.ts";
import type { RecipientRow } from "./recipient-end.ts";
import { parseRecipientId, sealEnvelope, sealRecipient, stateNumber } from "./recipient-rows.ts";
import { indexBytes } from "./subjects.ts";

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
    const known = fingerprints.note(message, recipients);
    if (known === "in-part") return { kind: "known-in-part" };
    if (known !== undefined) return { kind: "duplicate", ...known };
    if (!noteRequest(message, recipients)) {
      fingerprints.forget(message, recipients);
      return { kind: "already-asked" };
    }
    store(message, recipients, claim);
    for (const event of events) context.audit.append(event);
    return { kind: "stored" };
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
      insertHeld.run(
        no,
        stream,
        receivedAt,
        held.reason,
        sealHeldSecret(keys.content, messageId, held),
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
