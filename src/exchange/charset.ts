// Finds out in which charset a table file is written, by reading it once; never by guessing from a part.
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

import { bad, ok, type Parsed } from "../mail/parsed.ts";

export type Charset = "utf-8" | "shift_jis";

export interface FileFacts {
  readonly charset: Charset;
  readonly bytes: number;
  /** Hexadecimal SHA-256 of the octets. */
  readonly digest: string;
}

const escape = 0x1b; // no character of UTF-8 or Shift_JIS has it as one of its octets

/** UTF-8 where every octet fits it, Shift_JIS (with Windows' additions) where every octet fits that, else a problem. */
export async function inspectFile(file: FileHandle): Promise<Parsed<FileFacts>> {
  const hash = createHash("sha256");
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  let isUtf8 = true;
  for await (const chunk of chunksOf(file)) {
    if (bytes === 0 && (startsWith(chunk, 0xff, 0xfe) || startsWith(chunk, 0xfe, 0xff))) {
      return bad("is UTF-16: save it as CSV UTF-8");
    }
    if (bytes === 0 && startsWith(chunk, 0x50, 0x4b, 0x03, 0x04)) {
      return bad("is a spreadsheet or archive, not CSV: save it as CSV UTF-8");
    }
    if (chunk.includes(0)) return bad("has octets that no text has: save it as CSV UTF-8");
    // Its octets are all ASCII: what it says would be stored as the escape sequences that it is written with.
    if (chunk.includes(escape))
      return bad("has escapes, as ISO-2022-JP (JIS) text has: save it as CSV UTF-8 or Shift_JIS");
    bytes += chunk.length;
    hash.update(chunk);
    isUtf8 &&= decodes(utf8, chunk);
  }
  const digest = hash.digest("hex");
  if (isUtf8 && decodes(utf8)) return ok({ charset: "utf-8", bytes, digest });
  const shiftJis = new TextDecoder("shift_jis", { fatal: true });
  for await (const chunk of chunksOf(file)) {
    if (!decodes(shiftJis, chunk))
      return bad("is neither UTF-8 nor Shift_JIS: save it as CSV UTF-8");
  }
  return decodes(shiftJis)
    ? ok({ charset: "shift_jis", bytes, digest })
    : bad("ends in the middle of a character: it was cut");
}

/** The file's octets from the beginning, in pieces of 32 KiB: the text of larger ones outlives the young generation. The handle stays open. */
export async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  const size = 32 * 1024;
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(size), 0, size, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function decodes(decoder: InstanceType<typeof TextDecoder>, chunk?: Buffer): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false; // TextDecoder in fatal mode throws a TypeError for what its charset has not.
  }
}

function startsWith(chunk: Buffer, ...octets: readonly number[]): boolean {
  return octets.every((octet, index) => chunk[index] === octet);
}
