// The hash chain that makes a quiet change of the past visible: canonical form, link, check of one step. Pure.
import { hash } from "node:crypto";

import type { EventType } from "./event.ts";

/** An event as it is kept and hashed. What tells of a person stands in `sealed` only; the chain covers the ciphertext. */
export interface StoredEvent {
  readonly sequence: number;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly type: EventType;
  readonly messageId: string | null;
  /** Address index, 32 hexadecimal digits. */
  readonly subject: string | null;
  readonly stream: string | null;
  readonly sender: string | null;
  /** Canonical JSON of everything else that is not personal. */
  readonly rest: string;
  readonly sealed: Uint8Array | null;
}

export interface ChainPosition {
  readonly sequence: number;
  /** SHA-256, 32 octets. */
  readonly hash: Buffer;
}

/** What the first event follows. */
export const chainStart: ChainPosition = { sequence: 0, hash: Buffer.alloc(32) };

/** JSON with sorted keys, without spaces and absent values: one value has one text. Throws TypeError on what JSON lacks. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "string" || typeof value === "boolean")
    return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("a number in an event must be finite");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  if (typeof value === "object") {
    const fields = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
    return `{${fields.join(",")}}`;
  }
  throw new TypeError(`an event cannot hold a ${typeof value}`);
}

/** The hash that binds an event to all before it: SHA-256 over the hash before and the event's one canonical text. */
export function linkHash(before: Buffer, event: StoredEvent): Buffer {
  const text = JSON.stringify([
    event.sequence,
    event.at,
    event.type,
    event.messageId,
    event.subject,
    event.stream,
    event.sender,
    event.rest,
    event.sealed === null ? null : Buffer.from(event.sealed).toString("base64"),
  ]);
  return hash("sha256", before.toString("hex") + text, "buffer");
}

/** Checks one step of the walk; gives the problem in words, or undefined where the link holds. */
export function checkLink(
  before: ChainPosition,
  event: StoredEvent,
  storedHash: Uint8Array,
): string | undefined {
  const expected = before.sequence + 1;
  if (event.sequence > expected) return `event ${expected} is missing`;
  if (event.sequence < expected) return `event ${event.sequence} is out of order`;
  return linkHash(before.hash, event).equals(storedHash)
    ? undefined
    : "the event, or its place in the chain, was changed";
}
