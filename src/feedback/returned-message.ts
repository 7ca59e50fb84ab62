// A message that came back, taken apart within limits: header fields, readable parts, and the original message it carries.
import { decodeText, decodeTransfer, decodeWords } from "./decode-text.ts";

const messageMaxBytes = 512 * 1024; // reports stand at the front; what lies behind is the returned mail itself
const partsMax = 60;
const depthMax = 6;
const partTextMaxCharacters = 100_000;
const fieldsMax = 500;

export interface ReturnedField {
  /** Lower case. */
  readonly key: string;
  /** Unfolded, one octet a character. */
  readonly value: string;
}

export interface ReturnedPart {
  /** Lower case, without parameters. */
  readonly type: string;
  /** Decoded; HTML as it is. LF line ends. */
  readonly text: string;
  /** The fields of the part itself. */
  readonly fields: readonly ReturnedField[];
}

export interface ReturnedMessage {
  readonly fields: readonly ReturnedField[];
  /** Type of the whole, lower case, and its `report-type`. */
  readonly type: string;
  readonly reportType: string;
  readonly parts: readonly ReturnedPart[];
  /** Raw text of message/rfc822 and text/rfc822-headers parts, LF line ends, one octet a character. */
  readonly originals: readonly string[];
}

/** Never throws; takes CRLF, LF or CR line ends and an mbox `From ` line. What is beyond the limits is not looked at. */
export function readReturnedMessage(raw: Buffer): ReturnedMessage {
  const text = raw
    .toString("latin1", 0, messageMaxBytes)
    .replace(/\r\n?/g, "\n")
    .replace(/^\n*(?:>?From [^\n]*\n)?/, "");
  return readText(text);
}

/** As {@link readReturnedMessage}, of text already in LF line ends and one octet a character. */
export function readText(text: string): ReturnedMessage {
  const { fields, body } = splitHeader(text);
  const parts: ReturnedPart[] = [];
  const originals: string[] = [];
  walk(fields, body, 0, { parts, originals });
  const contentType = fieldValue(fields, "content-type") ?? "";
  return {
    fields,
    type: mediaType(contentType) || "text/plain",
    reportType: (parameter(contentType, "report-type") ?? "").toLowerCase(),
    parts,
    originals,
  };
}

interface Found {
  readonly parts: ReturnedPart[];
  readonly originals: string[];
}

function walk(fields: readonly ReturnedField[], body: string, depth: number, found: Found): void {
  if (depth > depthMax || found.parts.length + found.originals.length >= partsMax) return;
  const contentType = fieldValue(fields, "content-type") ?? "";
  const type = mediaType(contentType) || "text/plain";
  if (type.startsWith("multipart/")) {
    const boundary = parameter(contentType, "boundary");
    const pieces = boundary === undefined ? [] : splitMultipart(body, boundary);
    if (pieces.length > 0) {
      for (const piece of pieces) {
        const inner = splitHeader(piece);
        walk(inner.fields, inner.body, depth + 1, found);
      }
      return;
    }
    // A multipart without its boundary: what it holds is read as one text.
    found.parts.push({ type: "text/plain", text: cut(asText(fields, body, contentType)), fields });
    return;
  }
  if (
    type === "message/rfc822" ||
    type === "text/rfc822-headers" ||
    type === "message/rfc822-headers"
  ) {
    const encoding = fieldValue(fields, "content-transfer-encoding") ?? "";
    found.originals.push(
      /base64|quoted/i.test(encoding)
        ? decodeTransfer(body, encoding).toString("latin1").replace(/\r\n?/g, "\n")
        : body,
    );
    return;
  }
  if (!type.startsWith("text/") && !type.startsWith("message/")) return;
  found.parts.push({ type, text: cut(asText(fields, body, contentType)), fields });
}

function asText(fields: readonly ReturnedField[], body: string, contentType: string): string {
  const octets = decodeTransfer(body, fieldValue(fields, "content-transfer-encoding") ?? "");
  return decodeText(octets, parameter(contentType, "charset")).replace(/\r\n?/g, "\n");
}

function cut(text: string): string {
  return text.slice(0, partTextMaxCharacters);
}

function splitMultipart(body: string, boundary: string): string[] {
  const pieces: string[] = [];
  let current: string[] | undefined;
  for (const line of body.split("\n")) {
    const trimmed = line.trimEnd();
    if (trimmed === `--${boundary}` || trimmed === `--${boundary}--`) {
      if (current !== undefined) pieces.push(current.join("\n"));
      current = trimmed.endsWith("--") && trimmed !== `--${boundary}` ? undefined : [];
    } else current?.push(line);
  }
  if (current !== undefined && current.length > 0) pieces.push(current.join("\n"));
  return pieces.slice(0, partsMax);
}

/** A header section that does not begin with a field is none: the text is all body. */
export function splitHeader(text: string): {
  readonly fields: readonly ReturnedField[];
  readonly body: string;
} {
  if (text.startsWith("\n")) return { fields: [], body: text.slice(1) };
  const end = text.indexOf("\n\n");
  const head = end === -1 ? text : text.slice(0, end);
  const body = end === -1 ? "" : text.slice(end + 2);
  const fields: { key: string; value: string }[] = [];
  for (const line of head.split("\n")) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.value += ` ${line.trim()}`;
      continue;
    }
    const match = /^([!-9;-~]{1,100})[ \t]*:(.*)$/.exec(line);
    if (match === null) {
      if (fields.length === 0) return { fields: [], body: text };
      continue;
    }
    if (fields.length < fieldsMax)
      fields.push({ key: (match[1] ?? "").toLowerCase(), value: (match[2] ?? "").trim() });
  }
  return { fields, body };
}

/** The first field of this name; undefined where there is none. */
export function fieldValue(fields: readonly ReturnedField[], key: string): string | undefined {
  return fields.find((field) => field.key === key)?.value;
}

/** The first field of this name with its encoded words decoded; empty where there is none. */
export function fieldText(fields: readonly ReturnedField[], key: string): string {
  return decodeWords(fieldValue(fields, key) ?? "");
}

function mediaType(contentType: string): string {
  return (/^\s*([^\s;]+)/.exec(contentType)?.[1] ?? "").toLowerCase();
}

function parameter(contentType: string, name: string): string | undefined {
  const pattern = new RegExp(`;\\s*${name}\\*?\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, "i");
  const match = pattern.exec(contentType);
  return match?.[1] ?? match?.[2];
}
