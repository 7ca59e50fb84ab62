// Encoded words (RFC 2047) in a header value, and where clients would decode them differently.
import { isUtf8 } from "node:buffer";

import { decodeCharset } from "./charset.ts";

export interface DecodedHeader {
  /** Control characters are spaces: a decoded value can never be more than one line. */
  readonly text: string;
  readonly problems: readonly string[];
}

const word = /=\?([^\s?*]{1,60})(?:\*[^\s?]{0,20})?\?([bBqQ])\?([^?\r\n]{0,2000})\?=/g;

/** `value` is an unfolded field value, octets as latin1 characters. Never throws. */
export function decodeHeader(value: string): DecodedHeader {
  const problems = new Set<string>();
  let text = "";
  let last = 0;
  let lastWasWord = false;
  for (const match of value.matchAll(word)) {
    const between = value.slice(last, match.index);
    if (!(lastWasWord && /^[ \t\r\n]*$/.test(between))) text += decodeRaw(between, problems);
    text += decodeWord(match[1] ?? "", match[2] ?? "", match[3] ?? "", problems);
    last = match.index + match[0].length;
    lastWasWord = true;
  }
  const rest = value.slice(last);
  text += decodeRaw(rest, problems);
  if (/=\?[^\s?]{1,60}\?[bBqQ]\?/.test(rest)) problems.add("has an encoded word without end");
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text))
    problems.add("has control characters when decoded");
  // eslint-disable-next-line no-control-regex
  return { text: text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim(), problems: [...problems] };
}

function decodeRaw(text: string, problems: Set<string>): string {
  // eslint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(text)) return text;
  const bytes = Buffer.from(text, "latin1");
  // RFC 6532 §3.2 allows UTF-8 as it stands; every other 8-bit charset is a guess.
  if (!isUtf8(bytes)) problems.add("has 8-bit octets without a charset");
  return bytes.toString("utf8");
}

function decodeWord(charset: string, kind: string, data: string, problems: Set<string>): string {
  const bytes = kind.toLowerCase() === "b" ? decodeB(data, problems) : decodeQ(data, problems);
  const decoded = decodeCharset(bytes, charset);
  if (decoded.problem !== undefined) problems.add(`has an encoded word that ${decoded.problem}`);
  return decoded.text;
}

function decodeB(data: string, problems: Set<string>): Buffer {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data) || data.replace(/=+$/, "").length % 4 === 1)
    problems.add("has an encoded word with malformed base64");
  return Buffer.from(data, "base64");
}

function decodeQ(data: string, problems: Set<string>): Buffer {
  if (/=(?![0-9a-fA-F]{2})/.test(data) || /\s/.test(data))
    problems.add("has an encoded word with malformed quoted-printable");
  const raw = data
    .replaceAll("_", " ")
    .replace(/=([0-9a-fA-F]{2})/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(raw, "latin1");
}
