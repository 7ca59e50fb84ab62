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
const carriageReturn = 13;
const lineFeed = 10;
const dot = 46;
const stuffed = Buffer.from("..");
const terminator = Buffer.from(".\r\n");

/**
 * `message` has CRLF line ends. A bare CR, a bare LF, a NUL or a line of more than 998 octets was refused at the door:
 * should one be here, the message does not go, as some receivers would read an end of data into it (threats.md row 3).
 */
export function toWire(message: Buffer): Parsed<WireMessage> {
  const pieces: Buffer[] = [];
  let copied = 0;
  let lineStart = 0;
  let eightBit = false;
  let headerEnd = -1;
  let headerEightBit = false;
  for (let index = 0; index < message.length; index += 1) {
    const octet = message[index] ?? 0;
    if (octet > 127) eightBit = true;
    else if (octet === 0) return bad("has a NUL");
    else if (octet === carriageReturn) {
      if (message[index + 1] !== lineFeed) return bad("has a bare CR");
      if (index - lineStart > lineMaxOctets) return bad("has a line longer than 998 octets");
      if (index === lineStart && headerEnd === -1) {
        headerEnd = index;
        headerEightBit = eightBit;
      }
      index += 1;
      lineStart = index + 1;
    } else if (octet === lineFeed) return bad("has a bare LF");
    else if (octet === dot && index === lineStart) {
      pieces.push(message.subarray(copied, index), stuffed);
      copied = index + 1;
    }
  }
  if (message.length - lineStart > lineMaxOctets) return bad("has a line longer than 998 octets");
  pieces.push(message.subarray(copied));
  if (lineStart !== message.length) pieces.push(Buffer.from("\r\n"));
  pieces.push(terminator);
  return ok({
    octets: Buffer.concat(pieces),
    size: message.length + (lineStart === message.length ? 0 : 2),
    eightBit,
    headerEightBit: headerEnd === -1 ? eightBit : headerEightBit,
  });
}
