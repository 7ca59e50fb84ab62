// The one request for consent that each address may get of a sender, ever: noted in the commit that stores the mail.
import { hash } from "node:crypto";

import type { Database } from "better-sqlite3";

import { canonicalJson } from "../../audit/chain.ts";
import { consentAsked } from "../../audit/from-consent.ts";
import type { Evidence } from "../../consent/event.ts";
import type { ConsentRequest } from "../../consent/ledger.ts";
import type { NewMessage, NewRecipient } from "../../queue/store.ts";
import { seal, unseal } from "../sealing.ts";
import type { WriterContext } from "./context.ts";
import type { Names } from "./names.ts";
import { indexBytes, type Subjects } from "./subjects.ts";

export interface RequestRow {
  readonly subject: Buffer;
  readonly sender: number;
  readonly message_id: string;
  readonly topic: number;
  readonly at: number;
  readonly sealed: Buffer;
  readonly sequence: number;
}

export const requestColumns = "subject, sender, message_id, topic, at, sealed, sequence";

/** Whoever was erased is known by nothing but this until they confirm. */
type Sealed = Evidence & { readonly address?: string };

function place(messageId: string): string {
  return `consent-request/${messageId}`;
}

/** False where one of the recipients was asked before: then nothing of the message may be stored. */
export function createNoteRequest(
  context: WriterContext,
): (message: NewMessage, recipients: readonly NewRecipient[]) => boolean {
  const { db, names, subjects, audit } = context;
  const some = db
    .prepare<[Buffer, number], number>(
      "SELECT 1 FROM consent_requests WHERE subject = ? AND sender = ?",
    )
    .pluck();
  const insert = db.prepare<[Buffer, number, string, number, number, Buffer, number]>(
    `INSERT INTO consent_requests (${requestColumns}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ consentRequest, messageId, receivedAt, sender: senderName }, recipients) => {
    if (consentRequest === undefined) return true;
    const sender = names.give(senderName);
    if (recipients.some(({ subject }) => some.get(indexBytes(subject), sender) !== undefined))
      return false;
    const topic = names.give(consentRequest.topic);
    const { evidence } = consentRequest;
    for (const { subject, address } of recipients) {
      const index = indexBytes(subject);
      const person = subjects.note(index, address.text);
      const secret: Sealed =
        person.address === "" ? { ...evidence, address: address.text } : evidence;
      const row: RequestRow = {
        subject: index,
        sender,
        message_id: messageId,
        topic,
        at: receivedAt.getTime(),
        sealed: seal(person.key, place(messageId), Buffer.from(canonicalJson(secret))),
        sequence: audit.next(),
      };
      insert.run(index, sender, messageId, topic, row.at, row.sealed, row.sequence);
      const asked = { subject, sender: senderName, topic: consentRequest.topic, messageId };
      audit.append(consentAsked({ ...asked, at: receivedAt }), {
        kind: "request",
        digest: requestDigest(row, names),
      });
    }
    return true;
  };
}

/** What the chain holds of a row. */
export function requestDigest(row: RequestRow, names: Names): string {
  const text = JSON.stringify([
    row.sequence,
    row.subject.toString("hex"),
    names.of(row.sender),
    row.message_id,
    names.of(row.topic),
    row.at,
    row.sealed.toString("base64"),
  ]);
  return hash("sha256", text, "hex");
}

export function createReadRequest(
  db: Database,
  names: Names,
  subjects: Subjects,
): (subject: Buffer, sender: string) => ConsentRequest | undefined {
  const select = db.prepare<[Buffer, number], RequestRow>(
    `SELECT ${requestColumns} FROM consent_requests WHERE subject = ? AND sender = ?`,
  );
  return (subject, senderName) => {
    const sender = names.find(senderName);
    const row = sender === undefined ? undefined : select.get(subject, sender);
    if (row === undefined) return undefined;
    const { address, ...evidence } = openSealed(row, subjects.find(subject)?.key);
    return {
      messageId: row.message_id,
      topic: names.of(row.topic),
      at: new Date(row.at),
      evidence,
      ...(address === undefined ? {} : { address }),
    };
  };
}

// Sealed before the person was erased: it stays unreadable, whether or not the person came back.
function openSealed(
  { message_id, sealed }: RequestRow,
  key: Parameters<typeof unseal>[0] | undefined,
): Sealed {
  if (key === undefined) return {};
  try {
    return JSON.parse(unseal(key, place(message_id), sealed).toString("utf8")) as Sealed;
  } catch {
    return {};
  }
}
