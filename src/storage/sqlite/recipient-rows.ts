// How queued recipients and messages stand in their tables.
import type { KeyObject } from "node:crypto";

import type { Address } from "../../mail/address.ts";
import { parseAddress } from "../../mail/address.ts";
import type { Domain } from "../../mail/domain.ts";
import type { Envelope, RecipientDsn } from "../../mail/envelope.ts";
import { formatReply, type Reply } from "../../mail/reply.ts";
import { recipientStates, type NewMessage, type RecipientState } from "../../queue/store.ts";
import { mentions } from "../mentions.ts";
import { seal, unseal } from "../sealing.ts";
import type { Subject } from "./subjects.ts";

/** Numbers of the states in the table. */
export const stateNumber: Readonly<Record<RecipientState, number>> = {
  held: 0,
  waiting: 1,
  paused: 2,
  leased: 3,
  delivered: 4,
  failed: 5,
  expired: 6,
  dropped: 7,
};

export function stateName(number: number): RecipientState {
  const state = recipientStates[number];
  if (state === undefined) throw new Error("a recipient has an unknown state");
  return state;
}

/** What a recipient's row seals beside the person's record. */
interface RecipientPrivate {
  /** Where it is spelt differently from the record. */
  readonly address?: string;
  readonly dsn?: RecipientDsn;
}

/** Splits `<messageId>-<n>`; undefined where the text is of another form. */
export function parseRecipientId(
  id: string,
): { readonly messageId: string; readonly n: number } | undefined {
  const match = /^(.+)-([1-9]\d{0,8})$/.exec(id);
  return match?.[1] === undefined ? undefined : { messageId: match[1], n: Number(match[2]) };
}

export function formatRecipientId(messageId: string, n: number): string {
  return `${messageId}-${n}`;
}

export function sealRecipient(
  id: string,
  person: Subject,
  address: Address,
  dsn: RecipientDsn | undefined,
): Buffer | null {
  const differs = address.text !== person.address;
  if (!differs && dsn === undefined) return null;
  const secret: RecipientPrivate = {
    ...(differs ? { address: address.text } : {}),
    ...(dsn === undefined ? {} : { dsn }),
  };
  return seal(person.key, `recipient/${id}`, Buffer.from(JSON.stringify(secret)));
}

/** Throws where the record does not open the row, or holds no address. */
export function openRecipient(
  id: string,
  person: Subject,
  sealed: Buffer | null,
): { readonly address: Address; readonly dsn?: RecipientDsn } {
  const secret =
    sealed === null
      ? {}
      : (JSON.parse(
          unseal(person.key, `recipient/${id}`, sealed).toString("utf8"),
        ) as RecipientPrivate);
  const address = parseAddress(secret.address ?? person.address);
  if (address.kind === "bad") throw new Error(`a stored address ${address.problem}`);
  return {
    address: address.value,
    ...(secret.dsn === undefined ? {} : { dsn: secret.dsn }),
  };
}

/** The remote's words as a column: sealed where they name the person. */
export function replyColumn(
  id: string,
  reply: Reply | undefined,
  person: Subject | undefined,
): string | Buffer | null {
  if (reply === undefined) return null;
  const text = formatReply(reply);
  if (!mentions(text, person?.address ?? "")) return text;
  return person === undefined ? null : seal(person.key, `reply/${id}`, Buffer.from(text));
}

export function openReply(
  id: string,
  column: string | Buffer | null,
  person: Subject | undefined,
): string | null {
  if (column === null || typeof column === "string") return column;
  if (person === undefined) return null;
  try {
    return unseal(person.key, `reply/${id}`, column).toString("utf8");
  } catch {
    return null; // sealed before the person was erased and came back
  }
}

interface MessagePrivate {
  readonly envelope: Envelope;
  readonly trace: NewMessage["trace"];
  readonly purpose?: NonNullable<NewMessage["purpose"]>;
}

export function sealEnvelope(key: KeyObject, message: NewMessage): Buffer {
  const { envelope, trace, purpose } = message;
  const secret: MessagePrivate = { envelope, trace, ...(purpose && { purpose }) };
  return seal(key, `envelope/${message.messageId}`, Buffer.from(JSON.stringify(secret)));
}

export function openEnvelope(key: KeyObject, messageId: string, sealed: Buffer): MessagePrivate {
  return JSON.parse(
    unseal(key, `envelope/${messageId}`, sealed).toString("utf8"),
  ) as MessagePrivate;
}

/** A domain read back from the table that only parsed domains are written to. */
export function storedDomain(text: string): Domain {
  return text as Domain;
}
