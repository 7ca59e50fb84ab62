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
import { controlFinder, type FindControl } from "../mail/control-octets.ts";

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
const firstCapacity = 8192; // of a message that does not come in one chunk; it grows by doubling
const CR = 13;
const LF = 10;
const DOT = 46;
const nothing = Buffer.alloc(0);
const ending = Buffer.from("\r\n.\r\n", "latin1");

const lineStart = 0;
const dot = 1;
const dotCr = 2;
const inLine = 3;
const cr = 4;

interface Decoding {
  readonly options: BodyOptions;
  state: number;
  flaw: BodyFlaw | undefined;
  buffer: Buffer;
  /** Octets of the buffer that are message. */
  length: number;
  received: number;
  /** Dots taken out. */
  stuffed: number;
}

export function createBodyDecoder(options: BodyOptions): BodyDecoder {
  const decoding: Decoding = {
    options,
    state: lineStart,
    flaw: undefined,
    buffer: nothing,
    length: 0,
    received: 0,
    stuffed: 0,
  };
  return {
    feed: (chunk) => {
      const whole = decoding.received === 0 ? lengthOfWhole(chunk) : undefined;
      const end = whole === undefined ? readOn(decoding, chunk) : takeWhole(decoding, chunk, whole);
      decoding.received += end ?? chunk.length;
      if (decoding.flaw !== undefined) spoil(decoding, decoding.flaw);
      else if (decoding.length > options.messageBytesMax) spoil(decoding, "too-large");
      return end;
    },
    received: () => decoding.received,
    overrun: () => decoding.received - decoding.stuffed > options.messageBytesMax + overrunOctets,
    take: () => {
      const { flaw, buffer, length } = decoding;
      if (flaw !== undefined) return { kind: "flawed", flaw };
      decoding.buffer = nothing;
      // Exactly as long as the message: what is handed on may be cloned with all of its memory.
      const content = length === buffer.length ? buffer : Buffer.allocUnsafeSlow(length);
      if (content !== buffer) buffer.copy(content, 0, 0, length);
      return { kind: "complete", content };
    },
  };
}

/** The message is lost; its end is still looked for. */
function spoil(decoding: Decoding, why: BodyFlaw): void {
  decoding.flaw ??= why;
  decoding.buffer = nothing;
  decoding.length = 0;
}

/** The buffer with room for so many octets; what stood in it stands in it still. */
function growTo(decoding: Decoding, capacity: number): void {
  const { buffer, length } = decoding;
  if (!decoding.options.reserve(capacity - buffer.length)) {
    spoil(decoding, "no-room");
    return;
  }
  const larger = Buffer.allocUnsafeSlow(capacity);
  buffer.copy(larger, 0, 0, length);
  decoding.buffer = larger;
}

/** Of a message that is all here, as most are, and stands as it is to be kept: its length. Such a one is copied once. */
function lengthOfWhole(chunk: Buffer): number | undefined {
  if (chunk[0] === DOT) return undefined;
  const stop = plainUntil(chunk, controlFinder(chunk), 0);
  return ending.equals(chunk.subarray(stop, stop + ending.length)) ? stop + 2 : undefined;
}

function takeWhole(decoding: Decoding, chunk: Buffer, length: number): number {
  growTo(decoding, length);
  if (decoding.flaw === undefined) decoding.length = chunk.copy(decoding.buffer, 0, 0, length);
  return length + 3; // the dot and its CRLF
}

/** Any part of any message. */
function readOn(decoding: Decoding, chunk: Buffer): number | undefined {
  // A CR held back from the chunk before needs one more; each normalised LF becomes two octets.
  const more = decoding.options.bareLf === "normalise" ? chunk.length * 2 + 2 : chunk.length + 2;
  const needed = decoding.length + more;
  const room = decoding.buffer.length;
  // By doubling, so that a drip of single octets costs no more than a stream.
  if (decoding.flaw === undefined && needed > room)
    growTo(decoding, Math.max(firstCapacity, room * 2, needed));
  return scan(decoding, chunk);
}

/** One pass over the chunk; gives the place behind the end of the message, if it is here. */
function scan(decoding: Decoding, chunk: Buffer): number | undefined {
  const out = decoding.buffer;
  const find = controlFinder(chunk);
  const refuseLf = decoding.options.bareLf === "refuse";
  let { state, length } = decoding;
  let keep = decoding.flaw === undefined;
  let end: number | undefined;
  for (let at = 0; at < chunk.length && end === undefined; at += 1) {
    if (state === inLine) {
      const stop = plainUntil(chunk, find, at);
      if (keep) {
        chunk.copy(out, length, at, stop);
        length += stop - at;
      }
      at = stop;
      if (at === chunk.length) break;
    }
    const octet = chunk[at] ?? 0;
    let stray = false;
    if (octet === LF && state === dotCr) {
      end = at + 1;
    } else if (octet === LF && state === cr) {
      state = lineStart;
      if (keep) {
        out[length] = CR;
        out[length + 1] = LF;
        length += 2;
      }
    } else if (octet === CR && state === dot) {
      state = dotCr;
    } else if (octet === DOT && state === lineStart) {
      state = dot;
    } else {
      if (state === dot) decoding.stuffed += 1;
      // A CR that no LF followed, NUL, or a bare LF.
      stray = state === cr || state === dotCr || octet === 0 || (octet === LF && refuseLf);
      state = octet === CR ? cr : inLine;
      if (keep && octet === LF) {
        out[length] = CR;
        length += 1;
      }
      if (keep && octet !== CR) {
        out[length] = octet;
        length += 1;
      }
    }
    if (stray) {
      decoding.flaw ??= "line-ends";
      keep = false;
    }
  }
  decoding.state = state;
  decoding.length = length;
  return end;
}

/**
 * The place of the next octet that the automaton has to see (NUL, CR and LF that are no pair, and a line's end with a dot or
 * nothing known behind it), or the chunk's length: in between are whole lines and parts of them that stand as they are.
 */
function plainUntil(chunk: Buffer, find: FindControl, from: number): number {
  const { length } = chunk;
  for (let at = find(from); ; at = find(at)) {
    if (at >= length) return length;
    const octet = chunk[at];
    if (octet === CR && at + 2 < length && chunk[at + 1] === LF && chunk[at + 2] !== DOT) at += 2;
    else if (octet === CR || octet === LF || octet === 0) return at;
    else at += 1;
  }
}
