// Hands a body out in pieces and lets other work go on in between: hashing 25 MB at once would stall every session.
import { setImmediate as breathe } from "node:timers/promises";

const chunkOctets = 128 * 1024; // well under a millisecond of canonicalising and hashing

/** Calls `use` with the body's pieces in order, each ending behind a line feed but for the last. */
export async function eachChunk(body: Buffer, use: (chunk: Buffer) => void): Promise<void> {
  let start = 0;
  while (start < body.length) {
    const lineFeed = start + chunkOctets < body.length ? body.indexOf(10, start + chunkOctets) : -1;
    const end = lineFeed === -1 ? body.length : lineFeed + 1;
    use(body.subarray(start, end));
    start = end;
    if (start < body.length) await breathe();
  }
}
