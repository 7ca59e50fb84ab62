// Content-Transfer-Encoding (RFC 2045 §6): octets out, and what decoders would do differently.
import { textOfOctets } from "../mail/text-of-octets.ts";
import type { Mislabelled } from "./view.ts";

export interface Transferred {
  readonly bytes: Buffer;
  readonly problem?: string;
  readonly mislabelled?: Mislabelled;
}

/** `encoding` in lower case, empty for none. */
export function decodeTransfer(body: Buffer, encoding: string): Transferred {
  switch (encoding) {
    case "":
    case "7bit":
    case "8bit":
    case "binary":
      return asItStands(body, encoding);
    case "base64":
      return decodeBase64(body);
    case "quoted-printable":
      return decodeQuotedPrintable(body);
    default:
      return {
        bytes: body,
        problem: `has an unknown transfer encoding (${encoding.slice(0, 40)})`,
      };
  }
}

/** A tool that encodes and forgets to say so sends letters that nobody can read. */
function asItStands(body: Buffer, label: string): Transferred {
  const lineEnd = body.indexOf("\r\n");
  const first = body.toString(
    "latin1",
    0,
    Math.min(lineEnd === -1 ? body.length : lineEnd, lineMax),
  );
  if (first.length < lineMin || !/^[A-Za-z0-9+/]+={0,2}$/.test(first)) return { bytes: body };
  const joined = body.toString("latin1").replaceAll("\r\n", "");
  const bytes = Buffer.from(joined, "base64");
  // A key or token in base64 stands for octets; a text is text throughout.
  if (bytes.toString("base64") !== joined || textOfOctets(bytes) === undefined)
    return { bytes: body };
  const said = label === "" ? "names no transfer encoding" : `is labelled ${label}`;
  return {
    bytes,
    problem: `${said} but holds base64`,
    mislabelled: { what: "transfer encoding", label, really: "base64" },
  };
}

const lineMin = 60; // characters of a line of base64; a text of less is a word
const lineMax = 998; // RFC 5322 §2.1.1

/** Decoders differ on foreign characters (skip, stop, fail), on data after padding and on a lone character at the end. */
function decodeBase64(body: Buffer): Transferred {
  // What encodes to the same characters again has nothing foreign in it; that is nearly all base64 there is.
  const joined = body.toString("latin1").replaceAll("\r\n", "");
  const plain = Buffer.from(joined, "base64");
  return plain.toString("base64") === joined ? { bytes: plain } : decodeOddBase64(body);
}

function decodeOddBase64(body: Buffer): Transferred {
  const text = body.toString("latin1").replace(/[\r\n \t]+/g, "");
  const bytes = Buffer.from(text, "base64");
  const clean = /^[A-Za-z0-9+/]*(={0,2})$/.exec(text);
  if (clean === null)
    return { bytes, problem: "has base64 with characters that do not belong there" };
  const padding = (clean[1] ?? "").length;
  const data = (text.length - padding) % 4;
  if (text.length % 4 !== 0 || data === 1) {
    return { bytes, problem: "has base64 that is cut short" };
  }
  return { bytes };
}

const equals = 0x3d;
const cr = 0x0d;
const lf = 0x0a;

/** By runs of octets of one kind, which takes two thirds of the time of asking each one what it is. */
function decodeQuotedPrintable(body: Buffer): Transferred {
  const out = Buffer.allocUnsafe(body.length);
  let length = 0;
  let problem: string | undefined;
  let lineStart = 0; // in `out`, behind the last decoded octet or line end: white space before a line end is not data
  let index = 0;
  while (index < body.length) {
    for (; index + 2 < body.length && body[index] === equals; index += 3) {
      const value = valueOf(body[index + 1], body[index + 2]);
      if (value < 0) break;
      out[length++] = value;
      lineStart = length;
    }
    let octet = -1;
    while (index < body.length && isPlain[(octet = body[index] ?? 0)] === 1) {
      out[length++] = octet;
      index += 1;
    }
    if (index >= body.length) break;
    if (octet === cr || octet === lf) {
      while (length > lineStart && isBlank(out[length - 1])) length -= 1;
      out[length++] = octet;
      lineStart = length;
      index += 1;
      continue;
    }
    if (octet !== equals) {
      problem ??= "has 8-bit octets in quoted-printable";
      out[length++] = octet;
      index += 1;
      continue;
    }
    if (valueOf(body[index + 1], body[index + 2]) >= 0) continue;
    const end = softBreakEnd(body, index + 1);
    if (end !== -1) {
      lineStart = length;
      index = end;
      continue;
    }
    problem ??= "has quoted-printable with an equals sign that encodes nothing";
    out[length++] = octet;
    index += 1;
  }
  const bytes = out.subarray(0, length);
  return problem === undefined ? { bytes } : { bytes, problem };
}

/** Negative where the two are no hexadecimal digits. */
function valueOf(high: number | undefined, low: number | undefined): number {
  return ((hexValues[high ?? 0] ?? -1) << 4) | (hexValues[low ?? 0] ?? -1);
}

function isBlank(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 0x09;
}

/** Offset behind `= CRLF`, white space allowed before it (RFC 2045 §6.7 rule 3); -1 where there is none. */
function softBreakEnd(body: Buffer, start: number): number {
  let index = start;
  while (isBlank(body[index])) index += 1;
  if (index >= body.length) return body.length;
  if (body[index] === lf) return index + 1;
  return body[index] === cr && body[index + 1] === lf ? index + 2 : -1;
}

/** By octet; -1 for what is no digit. */
const hexValues = Int8Array.from({ length: 256 }, (_, octet) => {
  const digit = String.fromCharCode(octet);
  return /[0-9a-fA-F]/.test(digit) ? Number.parseInt(digit, 16) : -1;
});

/** By octet: 1 for what stands for itself. */
const isPlain = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet === equals || octet === cr || octet === lf || octet > 0x7e ? 0 : 1,
);
