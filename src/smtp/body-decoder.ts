// Turns the octets behind DATA into a message: finds the end, takes out stuffed dots, and lets no stray CR, LF or NUL by.
//
// States, each between two octets:
//   lineStart  behind CRLF or at the very beginning: a dot here is a stuffed dot or the end
//   dot        behind a dot at lineStart: CRLF makes it the end, anything else makes it a stuffed dot (RFC 5321 §4.5.2)
//   dotCr      behind that dot and a CR
//   inLine     anywhere else
//   cr         behind a CR inside a line: only LF may follow
// Only CRLF "." CRLF ends a message (RFC 5321 §4.1.1.4): a bare LF or CR never begins or ends a line, so no two servers
// can see the end in two places (SMTP smuggling, CVE-2023-51764). The time is linear in the octets, whatever they are.

/** Why a message that was read to its end is not one. */
export type BodyFlaw = "line-ends" | "too-large" | "no-room";

export type Body =
  | { readonly kind: "complete"; readonly content: Buffer }
  | { readonly kind: "flawed"; readonly flaw: BodyFlaw };

export interface BodyDecoder {
  /** Reads on; gives the number of octets used where the end was found in this chunk, undefined where it was not. */
  readonly feed: (chunk: Buffer) => number | undefined;
  /** Octets read so far, as they came. */
  readonly received: () => number;
  /** More came than even a refused message may: the connection is to be cut. */
  readonly overrun: () => boolean;
  /** The message, once its end was found. The buffer is the caller's; the reserved octets are given back by the caller. */
  readonly take: () => Body;
}

export interface BodyOptions {
  readonly messageBytesMax: number;
  readonly bareLf: "refuse" | "normalise";
  /** Asks for memory; false: there is none, the message becomes flawed with "no-room". */
  readonly reserve: (octets: number) => boolean;
}

const overrunOctets = 1_048_576; // threats.md row 13: what is swallowed behind the limit, so that the client sees the 552
const firstCapacity = 65_536; // most messages fit at once
const CR = 13;
const LF = 10;
const DOT = 46;

const lineStart = 0;
const dot = 1;
const dotCr = 2;
const inLine = 3;
const cr = 4;

export function createBodyDecoder(options: BodyOptions): BodyDecoder {
  let state = lineStart;
  let flaw: BodyFlaw | undefined;
  let buffer = Buffer.alloc(0);
  let length = 0;
  let received = 0;
  let stuffed = 0;

  const spoil = (why: BodyFlaw): void => {
    flaw ??= why;
    buffer = Buffer.alloc(0);
    length = 0;
  };
  /** Room for `octets` more; grows by doubling, so that a drip of single octets costs no more than a stream. */
  const makeRoom = (octets: number): void => {
    if (flaw !== undefined || length + octets <= buffer.length) return;
    const capacity = Math.max(firstCapacity, buffer.length * 2, length + octets);
    if (!options.reserve(capacity - buffer.length)) {
      spoil("no-room");
      return;
    }
    const larger = Buffer.allocUnsafeSlow(capacity);
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };

  const feed = (chunk: Buffer): number | undefined => {
    // A CR held back from the chunk before needs one more; each normalised LF becomes two octets.
    makeRoom(options.bareLf === "normalise" ? chunk.length * 2 + 2 : chunk.length + 2);
    const out = buffer;
    let keep = flaw === undefined;
    let at = length;
    let used = 0;
    let ended = false;
    while (used < chunk.length && !ended) {
      const octet = chunk[used] ?? 0;
      used += 1;
      if (state === cr) {
        state = octet === LF ? lineStart : inLine;
        if (octet === LF) {
          if (keep) {
            out[at] = CR;
            out[at + 1] = LF;
            at += 2;
          }
          continue;
        }
        flaw ??= "line-ends";
        keep = false;
      } else if (state === dotCr) {
        if (octet === LF) {
          ended = true;
          continue;
        }
        flaw ??= "line-ends";
        keep = false;
        state = inLine;
      } else if (state === dot) {
        if (octet === CR) {
          state = dotCr;
          continue;
        }
        stuffed += 1;
        state = inLine;
      } else if (state === lineStart) {
        state = octet === DOT ? dot : inLine;
        if (octet === DOT) continue;
      }
      if (octet === CR) state = cr;
      else if (octet === 0 || (octet === LF && options.bareLf === "refuse")) {
        flaw ??= "line-ends";
        keep = false;
      } else if (keep) {
        if (octet === LF) {
          out[at] = CR;
          at += 1;
        }
        out[at] = octet;
        at += 1;
      }
    }
    received += used;
    length = at;
    if (flaw !== undefined) spoil(flaw);
    else if (length > options.messageBytesMax) spoil("too-large");
    return ended ? used : undefined;
  };

  return {
    feed,
    received: () => received,
    overrun: () => received - stuffed > options.messageBytesMax + overrunOctets,
    take: () => {
      if (flaw !== undefined) return { kind: "flawed", flaw };
      // Exactly as long as the message: what is handed on may be cloned with all of its memory.
      const content = length === buffer.length ? buffer : Buffer.from(buffer.subarray(0, length));
      buffer = Buffer.alloc(0);
      return { kind: "complete", content };
    },
  };
}
