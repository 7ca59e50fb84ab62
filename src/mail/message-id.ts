// The gateway's own name for an accepted message: sortable by time, unguessable enough not to collide, safe in any text.
import { randomFillSync } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford base 32, lower case: nothing to confuse in a log

const randomOctets = 10; // 80 bits: 16 characters

// One system call for many names: asking for ten octets at a time costs more than all the rest.
const pool = Buffer.alloc(randomOctets * 200);
let poolUsed = pool.length;

function takeRandom(size: number): Buffer {
  if (poolUsed + size > pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += size;
  return pool.subarray(poolUsed - size, poolUsed);
}

/** 26 characters: 10 of time (48 bits, milliseconds), 16 of randomness (80 bits). Sorts by time as text. */
export function createMessageId(now: Date, random: (size: number) => Buffer = takeRandom): string {
  let time = now.getTime();
  let head = "";
  for (let index = 0; index < 10; index += 1) {
    head = (alphabet[time % 32] ?? "0") + head;
    time = Math.floor(time / 32);
  }
  let tail = "";
  let bits = 0; // those read and not yet written: never more than 12
  let count = 0;
  for (const byte of random(randomOctets)) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) {
      tail += alphabet[(bits >> (count - 5)) & 31] ?? "0";
      bits &= (1 << (count - 5)) - 1;
    }
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
