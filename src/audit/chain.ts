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
  if (typeof value === "string") return quoted(value);
  if (typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("a number in an event must be finite");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object") return canonicalObject(value as Readonly<Record<string, unknown>>);
  throw new TypeError(`an event cannot hold a ${typeof value}`);
}

function canonicalObject(value: Readonly<Record<string, unknown>>): string {
  let fields = "";
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== undefined) fields += `,${quoted(key)}:${canonicalJson(item)}`;
  }
  return `{${fields.slice(1)}}`;
}

const needsNoEscape = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/; // what most texts are: asking costs a third of JSON.stringify

function quoted(text: string): string {
  return needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text);
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
  // As a text and back: Node makes a buffer of its own for each digest, which takes longer than the hash.
  return Buffer.from(hash("sha256", before.toString("hex") + text, "hex"), "hex");
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
