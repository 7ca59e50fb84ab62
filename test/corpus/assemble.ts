// Writes a corpus mail as the octets that a mail tool would send: charsets, transfer encodings, alternatives.
import iconv from "iconv-lite";

import { iso2022Bytes } from "./iso-2022-jp-writer.ts";

export interface Encoding {
  readonly charset: "utf-8" | "iso-2022-jp" | "shift_jis" | "euc-jp";
  readonly transfer: "base64" | "quoted-printable" | "8bit" | "7bit";
  readonly flowed?: true;
}

export interface CorpusMail {
  readonly subject: string;
  readonly from?: string;
  readonly headers?: readonly string[];
  readonly encoding?: Encoding;
  readonly text?: string;
  /** A whole document. */
  readonly html?: string;
  /** Further parts in a multipart/mixed around it: complete, with their header. */
  readonly attachments?: readonly string[];
}

const utf8: Encoding = { charset: "utf-8", transfer: "base64" };

export function assemble(mail: CorpusMail): Buffer {
  const encoding = mail.encoding ?? utf8;
  const head = [
    `From: ${mail.from ?? "=?UTF-8?B?44K144Oz44OX44OrIOODi+ODpeODvOOCuQ==?= <news@example.jp>"}`,
    "To: taro@example.net",
    `Subject: =?UTF-8?B?${Buffer.from(mail.subject).toString("base64")}?=`,
    "Date: Wed, 25 Nov 2026 09:00:00 +0900",
    "Message-ID: <corpus-1@example.jp>",
    "MIME-Version: 1.0",
    ...(mail.headers ?? []),
  ];
  const parts = [
    ...(mail.text === undefined ? [] : [writePart("text/plain", mail.text, encoding)]),
    ...(mail.html === undefined ? [] : [writePart("text/html", mail.html, encoding)]),
  ];
  const body = wrap("alternative", "=_alt_1", parts);
  const whole = wrap("mixed", "=_mix_1", [body, ...(mail.attachments ?? []).map(toBytes)]);
  return Buffer.concat([toBytes(`${head.join("\r\n")}\r\n`), whole]);
}

function wrap(subtype: string, boundary: string, parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const lines = parts.flatMap((part) => [toBytes(`--${boundary}\r\n`), part, toBytes("\r\n")]);
  return Buffer.concat([
    toBytes(`Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n`),
    ...lines,
    toBytes(`--${boundary}--\r\n`),
  ]);
}

function writePart(type: string, content: string, encoding: Encoding): Buffer {
  const bytes = encodeText(content.replace(/\r?\n/g, "\r\n"), encoding.charset);
  const flowed = encoding.flowed === true && type === "text/plain" ? "; format=flowed" : "";
  const header =
    `Content-Type: ${type}; charset=${encoding.charset}${flowed}\r\n` +
    `Content-Transfer-Encoding: ${encoding.transfer}\r\n\r\n`;
  return Buffer.concat([toBytes(header), transfer(bytes, encoding.transfer)]);
}

function encodeText(text: string, charset: Encoding["charset"]): Buffer {
  return charset === "iso-2022-jp" ? iso2022Bytes(text) : iconv.encode(text, charset);
}

function transfer(bytes: Buffer, how: Encoding["transfer"]): Buffer {
  switch (how) {
    case "7bit":
    case "8bit":
      return bytes;
    case "base64":
      return toBytes((bytes.toString("base64").match(/.{1,76}/g) ?? [""]).join("\r\n"));
    case "quoted-printable":
      return toBytes(quotedPrintable(bytes));
  }
}

function quotedPrintable(bytes: Buffer): string {
  const lines: string[] = [];
  let line = "";
  const text = bytes.toString("latin1");
  for (let index = 0; index < text.length; index += 1) {
    if (text.startsWith("\r\n", index)) {
      lines.push(line.replace(/[ \t]$/, (space) => (space === " " ? "=20" : "=09")));
      line = "";
      index += 1;
      continue;
    }
    const code = text.charCodeAt(index);
    const isPlain = (code >= 0x20 && code < 0x7f && code !== 0x3d) || code === 0x09;
    const unit = isPlain
      ? text.charAt(index)
      : `=${code.toString(16).toUpperCase().padStart(2, "0")}`;
    if (line.length + unit.length > 75) {
      lines.push(`${line}=`);
      line = "";
    }
    line += unit;
  }
  return [...lines, line].join("\r\n");
}

function toBytes(text: string): Buffer {
  return Buffer.from(text, "utf8");
}
