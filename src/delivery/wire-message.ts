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
  const text = message.toString("latin1"); // one character an octet
  if (text.includes("\0")) return bad("has a NUL");
  if (/\r(?!\n)/.test(text)) return bad("has a bare CR");
  if (/(?:^|[^\r])\n/.test(text)) return bad("has a bare LF");
  if (hasLongLine(text)) return bad("has a line longer than 998 octets");
  const ended = text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`;
  const stuffed = `${ended.startsWith(".") ? "." : ""}${ended.replaceAll("\r\n.", "\r\n..")}`;
  const headerEnd = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n");
  return ok({
    octets: Buffer.from(`${stuffed}.\r\n`, "latin1"),
    size: ended.length,
    eightBit: hasEightBit(text),
    headerEightBit: hasEightBit(headerEnd === -1 ? text : text.slice(0, headerEnd)),
  });
}

function hasEightBit(text: string): boolean {
  return /[\u0080-\u00ff]/.test(text);
}

function hasLongLine(text: string): boolean {
  let start = 0;
  while (text.length - start > lineMaxOctets) {
    const end = text.indexOf("\r\n", start);
    if (end === -1 || end - start > lineMaxOctets) return true;
    start = end + 2;
  }
  return false;
}
