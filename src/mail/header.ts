// The header section of a message as fields of raw bytes (RFC 5322 §2.2): read without changing a byte.
import { remember } from "./remember.ts";

export interface HeaderField {
  /** As written. */
  readonly name: string;
  /** Lower case. */
  readonly key: string;
  /** The whole field with its folds and its final CRLF, one character an octet (latin1). */
  readonly raw: string;
  /** Behind the colon, unfolded, trimmed; octets as latin1 characters (decode before showing). */
  readonly value: string;
}

export interface SplitMessage {
  readonly fields: readonly HeaderField[];
  /** Lines of the header section that are no field: a message that has any is malformed. */
  readonly malformed: readonly string[];
  /** Offset of the body's first octet; equals the length where there is no body. */
  readonly bodyOffset: number;
}

/** Splits a message whose line ends are CRLF. Never throws. Bounded by the caller: pass the header section's limit. */
export function splitMessage(message: Buffer): SplitMessage {
  const end = message.indexOf("\r\n\r\n");
  const startsEmpty = message.length >= 2 && message[0] === 13 && message[1] === 10;
  const headerLength = startsEmpty ? 0 : end === -1 ? message.length : end + 2;
  const bodyOffset = startsEmpty ? 2 : end === -1 ? message.length : end + 4;
  const fields: HeaderField[] = [];
  const malformed: string[] = [];
  const text = message.toString("latin1", 0, headerLength);
  for (let start = 0; start < text.length;) {
    const lineEnd = nextLine(text, start);
    let fieldEnd = lineEnd;
    while (isWhiteSpace(text.charCodeAt(fieldEnd))) fieldEnd = nextLine(text, fieldEnd);
    const field = readField(text.slice(start, fieldEnd));
    if (field === undefined) malformed.push(text.slice(start, lineEnd).trimEnd());
    else fields.push(field);
    start = field === undefined ? lineEnd : fieldEnd;
  }
  return { fields, malformed, bodyOffset };
}

/** `raw`: one field with its folds and its final CRLF, one character an octet. undefined where it has no name. */
export function readField(raw: string): HeaderField | undefined {
  const colon = raw.indexOf(":");
  if (colon === -1) return undefined;
  const name = readName(raw.slice(0, colon));
  if (name === undefined) return undefined;
  const body = raw.slice(colon + 1).trim();
  const value = body.includes("\r\n") ? body.replace(/\r\n(?=[ \t])/g, "").trim() : body;
  return { name: name.written, key: name.key, raw, value };
}

/** Longer ones no server takes, ours included (threats.md rows 24, 28). */
export const headerMaxOctets = 65_536;

/**
 * The header section, or its beginning: what strangers write may be all header, and is split here on the thread that
 * speaks SMTP. `isWhole` false: it goes on beyond `headerMaxOctets`.
 */
export function headOf(content: Buffer): SplitMessage & { readonly isWhole: boolean } {
  const split = splitMessage(content.subarray(0, headerMaxOctets));
  return { ...split, isWhole: split.bodyOffset < headerMaxOctets };
}

/** What stands before the colon: the same few names in every message. undefined: no name. */
const readName = remember((text) => {
  const written = text.replace(/[ \t]+$/, "");
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(written)) return undefined;
  return { written, key: written.toLowerCase() };
});

function nextLine(text: string, start: number): number {
  const lineEnd = text.indexOf("\r\n", start);
  return lineEnd === -1 ? text.length : lineEnd + 2;
}

/** Of a character that begins a line; NaN, behind the end, is none. */
function isWhiteSpace(code: number): boolean {
  return code === 32 || code === 9;
}
