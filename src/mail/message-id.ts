// The gateway's own name for an accepted message: sortable by time, unguessable enough not to collide, safe in any text.
import { randomBytes } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford base 32, lower case: nothing to confuse in a log

/** 26 characters: 10 of time (48 bits, milliseconds), 16 of randomness (80 bits). Sorts by time as text. */
export function createMessageId(now: Date, random: (size: number) => Buffer = randomBytes): string {
  let time = now.getTime();
  let head = "";
  for (let index = 0; index < 10; index += 1) {
    head = (alphabet[time % 32] ?? "0") + head;
    time = Math.floor(time / 32);
  }
  let bits = 0n;
  for (const byte of random(10)) bits = (bits << 8n) | BigInt(byte);
  let tail = "";
  for (let index = 0; index < 16; index += 1) {
    tail = (alphabet[Number(bits & 31n)] ?? "0") + tail;
    bits >>= 5n;
  }
  return head + tail;
}

/** When it was made. `id` must be one that {@link createMessageId} made. */
export function timeOfMessageId(id: string): Date {
  let time = 0;
  for (const character of id.slice(0, 10)) time = time * 32 + alphabet.indexOf(character);
  return new Date(time);
}

/** When the id was made, from its first ten characters; of a text that is none, some other time. */
export function messageIdTime(messageId: string): Date {
  let time = 0;
  for (const character of messageId.slice(0, 10))
    time = time * 32 + Math.max(0, alphabet.indexOf(character));
  return new Date(time);
}
