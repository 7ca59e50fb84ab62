// A message as DATA carries it: dots stuffed, the terminator at its end (RFC 5321 §4.5.2).
import { isAscii } from "node:buffer";

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
  const seen = scan(octets.toString("latin1", 0, size));
  if (typeof seen === "string") return bad(seen);
  return ok({
    octets: seen.dots.length === 0 ? octets : stuff(octets, seen.dots),
    size: isWhole ? size : size + 2,
    eightBit: !isAscii(octets),
    headerEightBit: !isAscii(octets.subarray(0, seen.bodyAt)),
  });
}

const LF = 10;
const DOT = 46;
const stray = /\0|\r(?!\n)|(?<!\r)\n/;
const strayNames: Readonly<Record<string, string>> = {
  "\0": "NUL",
  "\r": "bare CR",
  "\n": "bare LF",
};

interface Scanned {
  /** Places of the dots that begin a line. */
  readonly dots: readonly number[];
  /** Where the empty line behind the header section stands, or the end. */
  readonly bodyAt: number;
}

/** `text`: one character an octet; V8 searches it many times faster than a loop reads octets. Gives the flaw, if there is one. */
function scan(text: string): Scanned | string {
  const [found] = stray.exec(text) ?? [];
  if (found !== undefined) return `has a ${strayNames[found] ?? ""}`;
  const dots: number[] = [];
  let bodyAt: number | undefined;
  for (let start = 0; start < text.length;) {
    const lineFeed = text.indexOf("\n", start);
    const next = lineFeed === -1 ? text.length : lineFeed + 1;
    if (next - (lineFeed === -1 ? 0 : 2) - start > lineMaxOctets) return longLine;
    if (text.charCodeAt(start) === DOT) dots.push(start);
    if (next - start === 2 && lineFeed !== -1) bodyAt ??= start;
    start = next;
  }
  return { dots, bodyAt: bodyAt ?? text.length };
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

const longLine = "has a line longer than 998 octets";
