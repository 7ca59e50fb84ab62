// A file of leaked passwords' SHA-1 hashes, sorted: looked up by halving, never read whole. As `haveibeenpwned` gives it.
import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";

const lineMaxOctets = 128; // 40 digits and a count
const prefixMin = 10; // hexadecimal digits: 40 bits, so that a prefix names few others

/**
 * Whether the password's hash, or a prefix of it of ten digits or more, stands in the file. Rejects where the file
 * cannot be read: a check that cannot be made is no yes.
 */
export function createBreachedList(path: string): (password: string) => Promise<boolean> {
  return async (password) => {
    const hash = createHash("sha1").update(password).digest("hex").toUpperCase();
    const file = await open(path, "r");
    try {
      return await find(file, hash);
    } finally {
      await file.close();
    }
  };
}

async function find(file: FileHandle, hash: string): Promise<boolean> {
  let low = 0;
  let high = (await file.stat()).size;
  // low is always the start of a line, and the line wanted, if any, starts in [low, high).
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const line = await lineBehind(file, middle, low);
    if (line.start >= high) {
      high = middle;
      continue;
    }
    const entry = (/^[0-9A-F]+/i.exec(line.text)?.[0] ?? "").toUpperCase();
    if (entry.length >= prefixMin && hash.startsWith(entry)) return true;
    if (entry < hash) low = line.start + line.octets;
    else high = line.start === low ? low : middle;
  }
  return false;
}

/** The first line that starts at or behind `at`; `lineStart` is known to be one's start. */
async function lineBehind(
  file: FileHandle,
  at: number,
  lineStart: number,
): Promise<{ readonly start: number; readonly text: string; readonly octets: number }> {
  const buffer = Buffer.alloc(2 * lineMaxOctets);
  const from = Math.max(lineStart, at - 1);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  const text = buffer.subarray(0, bytesRead).toString("latin1");
  const skipped = at <= lineStart ? 0 : text.indexOf("\n") + 1;
  if (at > lineStart && skipped === 0) return { start: Infinity, text: "", octets: 0 };
  const rest = text.slice(skipped);
  const end = rest.indexOf("\n");
  const line = end === -1 ? rest : rest.slice(0, end);
  return { start: from + skipped, text: line, octets: line.length + (end === -1 ? 0 : 1) };
}
