// The folded text of a page: joined from lines that are read once and kept, since a campaign's messages share most of theirs.
import { detach } from "../mail/detach.ts";
import type { Block } from "../content/view.ts";
import { findLiterals } from "./literal.ts";
import { fold, type Folded, foldedAt, type FoldedLine, foldLine, gaps } from "./normalise.ts";

/** Something written out in a text, and where. */
export interface Written {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A line as the reader sees it. `rank` and `blockRank` count only lines and blocks that hold words. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly block: number;
  readonly rank: number;
  readonly blockRank: number;
}

/** All positions are those of the folded text. */
export interface PageText {
  readonly folded: Folded;
  /** With every literal target blanked out. */
  readonly words: string;
  readonly lines: readonly Line[];
  /** In order. */
  readonly literals: readonly Written[];
}

export const blank = "\ufffc";

/** What one line of the source says by itself: no literal goes over a line's end. */
interface Read {
  readonly line: FoldedLine;
  readonly words: string;
  readonly literals: readonly Written[];
  readonly hasWords: boolean;
}

const keptCharactersMax = 250_000; // of all lines kept; one takes about 10 octets for each character
const lineCost = 30; // characters that a line costs beside its own
const keptLineMax = 4000;

const kept = new Map<string, Read>();
let keptCharacters = 0;

function readLine(text: string): Read {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const line = foldLine(text);
  const found = findLiterals(text.includes("＠") ? withAsciiMailboxes(text) : text);
  const literals = found.length === 0 ? found : toFolded(found, fold(text));
  const words = blankOut(line.text, literals);
  const read: Read = { line, words, literals, hasWords: hasWord.test(line.text) };
  if (text.length > keptLineMax) return read;
  keptCharacters += text.length + lineCost;
  if (keptCharacters > keptCharactersMax) {
    kept.clear(); // rare, and what is in use comes back with the next message
    keptCharacters = text.length + lineCost;
  }
  kept.set(detach(text), read);
  return read;
}

/**
 * "ｓｕｐｐｏｒｔ＠ｅｘａｍｐｌｅ．ｊｐ": as some write it against harvesters. Every character keeps its place. A local part
 * has 64 characters at most (RFC 5321 §4.5.3.1.1): without that bound a long text in such letters is walked again from each.
 */
function withAsciiMailboxes(text: string): string {
  return text.replace(/[０-９Ａ-Ｚａ-ｚ．＿－]{0,64}＠[０-９Ａ-Ｚａ-ｚ．－]*/gu, (mailbox) =>
    mailbox.normalize("NFKC"),
  );
}

const hasWord = /[\p{L}\p{N}]/u;

/** In order; what folds to nothing is left out. */
export function toFolded(written: readonly Written[], folded: Folded): readonly Written[] {
  if (written.length === 0) return [];
  return written
    .map(({ text, start, end }) => ({
      text,
      start: foldedAt(folded, start),
      end: foldedAt(folded, end),
    }))
    .filter((found) => found.end > found.start)
    .toSorted((a, b) => a.start - b.start);
}

interface Placed {
  readonly read: Read;
  readonly offset: number;
  /** What stands before its first character. */
  readonly gap: number;
}

/** undefined where the lines cannot be read one by one. */
export function joinLines(blocks: readonly Pick<Block, "text">[]): PageText | undefined {
  const placed: Placed[] = [];
  let offset = 0;
  let pending: number = gaps.none;
  for (const { text } of blocks) {
    for (let start = 0; start <= text.length;) {
      const lineEnd = text.indexOf("\n", start);
      const end = lineEnd === -1 ? text.length : lineEnd;
      const read = readLine(text.slice(start, end));
      const { line } = read;
      if (line.joinsBack || line.isBroken) return undefined;
      if (line.text === "") pending = Math.max(pending, line.tail);
      else {
        placed.push({ read, offset: offset + start, gap: pending });
        pending = line.tail;
      }
      pending = Math.max(pending, end === text.length ? gaps.block : gaps.line);
      start = end + 1;
    }
    offset += text.length + 1;
  }
  return assemble(placed, Math.max(0, offset - 1));
}

function assemble(placed: readonly Placed[], sourceLength: number): PageText {
  let length = 0;
  for (const { read } of placed) length += read.line.text.length;
  const at = new Uint32Array(length + 1);
  const gap = new Uint8Array(length + 1);
  const lines: Line[] = [];
  const literals: Written[] = [];
  const rank = { block: 0, line: -1, worded: -1, hasWords: false };
  let base = 0;
  for (const { read, offset, gap: before } of placed) {
    const { places, text: shown } = read.line;
    const end = base + shown.length;
    if (places === undefined)
      for (let index = base; index < end; index += 1) at[index] = offset + index - base;
    else
      for (let index = base; index < end; index += 1) {
        const place = places[index - base] ?? 0;
        at[index] = offset + (place >>> 2);
        gap[index] = place & 3;
      }
    gap[base] = Math.max(before, gap[base] ?? 0);
    for (const { text, start, end: to } of read.literals)
      literals.push({ text, start: base + start, end: base + to });
    if (base > 0 && gap[base] === gaps.block) {
      rank.block += 1;
      rank.hasWords = false;
    }
    if (read.hasWords) {
      rank.line += 1;
      if (!rank.hasWords) rank.worded += 1;
      rank.hasWords = true;
    }
    lines.push(toLine(base, end, rank));
    base = end;
  }
  at[length] = sourceLength;
  gap[length] = gaps.block;
  const text = placed.map(({ read }) => read.line.text).join("");
  const words = placed.map(({ read }) => read.words).join("");
  return { folded: { text, at, gap }, words, lines, literals };
}

interface Rank {
  block: number;
  line: number;
  worded: number;
  hasWords: boolean;
}

function toLine(start: number, end: number, { block, line, worded }: Rank): Line {
  return { start, end, block, rank: Math.max(0, line), blockRank: Math.max(0, worded) };
}

/** The lines of a text that is folded in one piece. */
export function findLines(folded: Folded): Line[] {
  const lines: Line[] = [];
  const length = folded.text.length;
  const rank = { block: 0, line: -1, worded: -1, hasWords: false };
  for (let start = 0; start < length;) {
    if (start > 0 && folded.gap[start] === gaps.block) {
      rank.block += 1;
      rank.hasWords = false;
    }
    let end = start + 1;
    while (end < length && (folded.gap[end] ?? 0) < gaps.line) end += 1;
    if (hasWord.test(folded.text.slice(start, end))) {
      rank.line += 1;
      if (!rank.hasWords) rank.worded += 1;
      rank.hasWords = true;
    }
    lines.push(toLine(start, end, rank));
    start = end;
  }
  return lines;
}

export function blankOut(text: string, literals: readonly Written[]): string {
  let out = "";
  let last = 0;
  for (const { start, end } of literals) {
    if (start < last) continue;
    out += text.slice(last, start) + blank.repeat(end - start);
    last = end;
  }
  return out + text.slice(last);
}
