// A message as DATA carries it: dots stuffed, the terminator at its end (RFC 5321 §4.5.2).
import { bad, ok, type Parsed } from "../mail/parsed.ts";

export interface WireMessage {
  /** Everything behind the 354. */
  readonly octets: Buffer;
  /** Octets before dot-stuffing, for SIZE (RFC 1870 §3). */
  readonly size: number;
  readonly eightBit: boolean;
  readonly headerEightBit: boolean;
}

const lineMaxOctets = 998; // RFC 5322 §2.1.1; what is longer invites a relay to wrap it and break the signature

/**
 * `message` has CRLF line ends. A bare CR, a bare LF, a NUL or a line of more than 998 octets was refused at the door:
 * should one be here, the message does not go, as some receivers would read an end of data into it (threats.md row 3).
 */
export function toWire(message: Buffer): Parsed<WireMessage> {
  const seen = scan(message);
  if (typeof seen === "string") return bad(seen);
  const whole = message.length === 0 || message.at(-1) === LF;
  const size = message.length + (whole ? 0 : 2);
  const octets = Buffer.allocUnsafe(size + seen.dots.length + 3);
  let length = 0;
  let copied = 0;
  for (const dot of seen.dots) {
    length += message.copy(octets, length, copied, dot);
    octets[length] = DOT;
    length += 1;
    copied = dot;
  }
  length += message.copy(octets, length, copied);
  octets.write(whole ? ".\r\n" : "\r\n.\r\n", length, "latin1");
  return ok({ octets, size, eightBit: seen.eightBit, headerEightBit: seen.headerEightBit });
}

const CR = 13;
const LF = 10;
const DOT = 46;

interface Scanned {
  /** Places of the dots that begin a line. */
  readonly dots: readonly number[];
  readonly eightBit: boolean;
  readonly headerEightBit: boolean;
}

/** One pass over every octet; gives the flaw where there is one. */
function scan(message: Buffer): Scanned | string {
  const dots: number[] = [];
  let lineStart = 0;
  let bits = 0;
  let headerBits: number | undefined;
  for (let at = 0; at < message.length; at += 1) {
    const octet = message[at] ?? 0;
    bits |= octet;
    if (octet > CR && (octet !== DOT || at !== lineStart)) continue;
    if (octet === DOT) dots.push(at);
    else if (octet === 0) return "has a NUL";
    else if (octet === LF) return "has a bare LF";
    else if (octet === CR) {
      if (message[at + 1] !== LF) return "has a bare CR";
      if (at - lineStart > lineMaxOctets) return longLine;
      if (at === lineStart) headerBits ??= bits; // the empty line behind the header section
      at += 1;
      lineStart = at + 1;
    }
  }
  if (message.length - lineStart > lineMaxOctets) return longLine;
  return { dots, eightBit: bits > 0x7f, headerEightBit: (headerBits ?? bits) > 0x7f };
}

const longLine = "has a line longer than 998 octets";
