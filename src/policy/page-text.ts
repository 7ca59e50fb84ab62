// The folded text of a page: joined from lines that are read once and kept, since a campaign's messages share most of theirs.
import { detach } from "../content/detach.ts";
import type { Block } from "../content/view.ts";
import { findLiterals } from "./literal.ts";
import { type Folded, foldedAt, foldStretch, gaps } from "./normalise.ts";

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
  readonly folded: Folded;
  readonly words: string;
  readonly literals: readonly Written[];
  readonly hasWords: boolean;
  /** What stands behind its last character. */
  readonly tail: number;
  /** Its first character changes the line before, or it holds breaks of its own (line ends of Unicode alone). */
  readonly isEntangled: boolean;
}

const keptCharactersMax = 250_000; // of all lines kept; one takes about 20 octets for each character
const lineCost = 30; // characters that a line costs beside its own
const keptLineMax = 4000;

const kept = new Map<string, Read>();
let keptCharacters = 0;

function readLine(text: string): Read {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const { tail, joinsBack, ...folded } = foldStretch(text);
  const literals = toFolded(findLiterals(text.replaceAll("＠", "@")), folded);
  const read: Read = {
    folded,
    words: blankOut(folded.text, literals),
    literals,
    hasWords: hasWord.test(folded.text),
    tail,
    isEntangled: joinsBack || isBroken(folded),
  };
  if (text.length > keptLineMax) return read;
  keptCharacters += text.length + lineCost;
  if (keptCharacters > keptCharactersMax) {
    kept.clear(); // rare, and what is in use comes back with the next message
    keptCharacters = text.length + lineCost;
  }
  kept.set(detach(text), read);
  return read;
}

const hasWord = /[\p{L}\p{N}]/u;

function isBroken({ text, gap }: Folded): boolean {
  for (let at = 1; at < text.length; at += 1) if ((gap[at] ?? 0) >= gaps.line) return true;
  return false;
}

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
export function joinLines(blocks: readonly Block[]): PageText | undefined {
  const placed: Placed[] = [];
  let offset = 0;
  let pending: number = gaps.none;
  for (const { text } of blocks) {
    for (let start = 0; start <= text.length;) {
      const lineEnd = text.indexOf("\n", start);
      const end = lineEnd === -1 ? text.length : lineEnd;
      const read = readLine(text.slice(start, end));
      if (read.isEntangled) return undefined;
      if (read.folded.text === "") pending = Math.max(pending, read.tail);
      else {
        placed.push({ read, offset: offset + start, gap: pending });
        pending = read.tail;
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
  for (const { read } of placed) length += read.folded.text.length;
  const at = new Uint32Array(length + 1);
  const gap = new Uint8Array(length + 1);
  const lines: Line[] = [];
  const literals: Written[] = [];
  const rank = { block: 0, line: -1, worded: -1, hasWords: false };
  let base = 0;
  for (const { read, offset, gap: before } of placed) {
    const { folded } = read;
    const end = base + folded.text.length;
    for (let index = base; index < end; index += 1)
      at[index] = offset + (folded.at[index - base] ?? 0);
    gap.set(folded.gap, base);
    gap[base] = Math.max(before, folded.gap[0] ?? 0);
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
  const text = placed.map(({ read }) => read.folded.text).join("");
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
