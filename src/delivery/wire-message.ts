// A message as DATA carries it: dots stuffed, the terminator at its end (RFC 5321 §4.5.2).
import { isAscii } from "node:buffer";

import { controlFinder } from "../mail/control-octets.ts";
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
 * `header` ends in CRLF and goes on top of `message`, whose line ends are CRLF. A bare CR, a bare LF, a NUL or a line of more
 * than 998 octets was refused at the door: should one be here, the message does not go, as some receivers would read an end
 * of data into it (threats.md row 3).
 */
export function toWire(header: Buffer, message: Buffer): Parsed<WireMessage> {
  const size = header.length + message.length;
  const isWhole = size === 0 || (message.at(-1) ?? LF) === LF;
  const ending = Buffer.from(isWhole ? ".\r\n" : "\r\n.\r\n", "latin1");
  const octets = Buffer.concat([header, message, ending]);
  const seen = scan(octets, size);
  if (typeof seen === "string") return bad(seen);
  return ok({
    octets: seen.dots.length === 0 ? octets : stuff(octets, seen.dots),
    size: isWhole ? size : size + 2,
    eightBit: !isAscii(octets),
    headerEightBit: !isAscii(octets.subarray(0, seen.bodyAt)),
  });
}

const CR = 13;
const LF = 10;
const DOT = 46;

interface Scanned {
  /** Places of the dots that begin a line. */
  readonly dots: readonly number[];
  /** Where the empty line behind the header section stands, or the end. */
  readonly bodyAt: number;
}

/** One pass over the first `size` octets; gives the flaw, if there is one. */
function scan(octets: Buffer, size: number): Scanned | string {
  const find = controlFinder(octets.subarray(0, size));
  const dots: number[] = [];
  let bodyAt: number | undefined;
  let line = 0;
  for (let at = 0; at < size;) {
    at = find(at);
    const octet = at < size ? octets[at] : undefined;
    const ends = octet === CR || octet === undefined;
    if (ends && octets[line] === DOT) dots.push(line);
    if (ends && at - line > lineMaxOctets) return "has a line longer than 998 octets";
    if (octet === undefined) break;
    if (octet === 0) return "has a NUL";
    if (octet === LF) return "has a bare LF";
    if (octet !== CR) {
      at += 1;
      continue;
    }
    if (octets[at + 1] !== LF) return "has a bare CR";
    if (at === line) bodyAt ??= at;
    at += 2;
    line = at;
  }
  return { dots, bodyAt: bodyAt ?? size };
}

function stuff(octets: Buffer, dots: readonly number[]): Buffer {
  const stuffed = Buffer.allocUnsafe(octets.length + dots.length);
  let length = 0;
  let copied = 0;
  for (const dot of dots) {
    length += octets.copy(stuffed, length, copied, dot);
    stuffed[length] = DOT;
    length += 1;
    copied = dot;
  }
  octets.copy(stuffed, length, copied);
  return stuffed;
}
