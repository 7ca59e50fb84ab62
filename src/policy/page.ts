// One alternative prepared for the rules: its visible text as one folded string, its lines, and all its targets.
import type { Alternative, Run } from "../content/view.ts";
import { blockBreak, fold, foldedAt, gaps, type Folded } from "./normalise.ts";
import { findLiterals } from "./literal.ts";
import { findPlaceholders } from "./checks/placeholder-patterns.ts";

/** Something a reader can follow: a link, or a URL or mail address written out. */
export interface Target {
  /** As written in href, or as it stands in the text. */
  readonly raw: string;
  /** Visible words of the link; the literal itself where it is written out. */
  readonly text: string;
  readonly how: "link" | "literal";
  /** Folded positions. */
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

export interface Page {
  readonly alternative: Alternative;
  readonly kind: "plain" | "html";
  /** The blocks' texts, joined by {@link blockBreak}. */
  readonly source: string;
  readonly folded: Folded;
  /** The folded text with every literal target blanked out by U+FFFC: a word inside a URL says nothing to a reader. */
  readonly words: string;
  readonly lines: readonly Line[];
  /** In reading order. */
  readonly targets: readonly Target[];
  readonly runs: readonly PlacedRun[];
}

interface PlacedRun {
  readonly start: number;
  readonly end: number;
  readonly run: Run;
}

export const blank = "\ufffc";

export function createPage(alternative: Alternative): Page {
  const source = alternative.blocks.map((block) => block.text).join(blockBreak);
  const folded = fold(source);
  const runs = placeRuns(alternative);
  const links = placeLinks(runs, folded);
  const literals = [...findLiterals(source.replaceAll("＠", "@")), ...findPlaceholders(source)]
    .map((found) => ({
      raw: found.text,
      text: found.text,
      how: "literal" as const,
      start: foldedAt(folded, found.start),
      end: foldedAt(folded, found.end),
    }))
    .filter((found) => found.end > found.start)
    .toSorted((a, b) => a.start - b.start);
  const free = outside(literals, links);
  const targets = [...links, ...free].toSorted((a, b) => a.start - b.start);
  return {
    alternative,
    kind: alternative.kind,
    source,
    folded,
    words: blankOut(folded.text, literals),
    lines: findLines(folded),
    targets,
    runs,
  };
}

/** Those that overlap none of `others`. Both in order. */
function outside<T extends Span>(spans: readonly T[], others: readonly Span[]): T[] {
  let next = 0;
  return spans.filter((span) => {
    while (next < others.length && (others[next]?.end ?? 0) <= span.start) next += 1;
    return (others[next]?.start ?? Number.POSITIVE_INFINITY) >= span.end;
  });
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The line that holds a folded position. */
export function lineAt(page: Page, position: number): Line {
  let low = 0;
  let high = page.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((page.lines[middle]?.start ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return page.lines[low] ?? { start: 0, end: 0, block: 0, rank: 0, blockRank: 0 };
}

/**
 * The words between two folded positions as they stand in the message, on one line. With `around`, so many characters
 * more on each side, or the whole line where it is short.
 */
export function quote(page: Page, start: number, end: number, around = 0): string {
  const line = lineAt(page, start);
  const isShort = around > 0 && line.end - line.start <= shortLine && end <= line.end;
  const from = isShort ? line.start : Math.max(line.start, start - around);
  const to = isShort ? line.end : Math.max(end, Math.min(line.end, end + around));
  const text = page.source.slice(
    page.folded.at[from] ?? 0,
    page.folded.at[to] ?? page.source.length,
  );
  const flat = text.replace(/[\s\p{Cf}]+/gu, " ").trim();
  const before = around > 0 && from > line.start ? "…" : "";
  const behind = around > 0 && to < line.end ? "…" : "";
  return flat.length > quoteMax ? `${before}${flat.slice(0, quoteMax)}…` : before + flat + behind;
}

const shortLine = 56; // characters a reader takes in at once
const quoteMax = 120;

/** How well the words between two folded positions can be read: the worst of their runs. */
export function legibility(
  page: Page,
  start: number,
  end: number,
): { readonly contrast: number; readonly fontSizePx: number } {
  const from = page.folded.at[start] ?? 0;
  const to = (page.folded.at[Math.max(start, end - 1)] ?? 0) + 1;
  let contrast = 21;
  let fontSizePx = 1000;
  for (let index = firstRunBehind(page.runs, from); index < page.runs.length; index += 1) {
    const placed = page.runs[index];
    if (placed === undefined || placed.start >= to) break;
    if (placed.run.text.trim() === "") continue;
    contrast = Math.min(contrast, placed.run.contrast);
    fontSizePx = Math.min(fontSizePx, placed.run.fontSizePx);
  }
  return { contrast, fontSizePx: fontSizePx === 1000 ? 16 : fontSizePx };
}

function firstRunBehind(runs: readonly PlacedRun[], offset: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds each run in its block's text. A run that a client shows otherwise than it is written is skipped. */
function placeRuns(alternative: Alternative): PlacedRun[] {
  const placed: PlacedRun[] = [];
  let offset = 0;
  for (const block of alternative.blocks) {
    let cursor = 0;
    for (const run of block.runs) {
      const text = run.text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
      if (text === "") continue;
      let found = block.text.indexOf(text, cursor);
      if (found === -1) found = block.text.indexOf(text.replace(/\s+/g, " "), cursor);
      if (found === -1) continue;
      const end = Math.min(block.text.length, found + text.length);
      placed.push({ start: offset + found, end: offset + end, run });
      cursor = end;
    }
    offset += block.text.length + blockBreak.length;
  }
  return placed;
}

/** One target for each link, whatever number of runs its words are split into. */
function placeLinks(runs: readonly PlacedRun[], folded: Folded): Target[] {
  const targets: Target[] = [];
  let open: { from: number; to: number; target: string } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const start = foldedAt(folded, open.from);
    const end = foldedAt(folded, open.to);
    const text = folded.text.slice(start, end);
    const how = isWrittenOut(text, open.target) ? "literal" : "link";
    if (end > start) targets.push({ raw: open.target, text, how, start, end });
    open = undefined;
  };
  for (const { start, end, run } of runs) {
    if (run.link === undefined) close();
    else if (
      open !== undefined &&
      open.target === run.link.target &&
      isJoined(folded, open.to, start)
    )
      open.to = end;
    else {
      close();
      open = { from: start, to: end, target: run.link.target };
    }
  }
  close();
  return targets;
}

/** The link's words are its target: as good as written out. */
function isWrittenOut(text: string, target: string): boolean {
  const bare = target.replace(/^mailto:/i, "").toLowerCase();
  return bare !== "" && (text === bare || `http://${text}` === bare || `https://${text}` === bare);
}

function isJoined(folded: Folded, before: number, start: number): boolean {
  const position = foldedAt(folded, start);
  return foldedAt(folded, before) === position && folded.gap[position] !== gaps.block;
}

function blankOut(text: string, literals: readonly { start: number; end: number }[]): string {
  let out = "";
  let last = 0;
  for (const { start, end } of literals) {
    if (start < last) continue;
    out += text.slice(last, start) + blank.repeat(end - start);
    last = end;
  }
  return out + text.slice(last);
}

function findLines(folded: Folded): Line[] {
  const lines: Line[] = [];
  const length = folded.text.length;
  let block = 0;
  let rank = -1;
  let blockRank = -1;
  let blockHasWords = false;
  for (let start = 0; start < length;) {
    if (start > 0 && folded.gap[start] === gaps.block) {
      block += 1;
      blockHasWords = false;
    }
    let end = start + 1;
    while (end < length && (folded.gap[end] ?? 0) < gaps.line) end += 1;
    if (/[\p{L}\p{N}]/u.test(folded.text.slice(start, end))) {
      rank += 1;
      if (!blockHasWords) blockRank += 1;
      blockHasWords = true;
    }
    lines.push({ start, end, block, rank: Math.max(0, rank), blockRank: Math.max(0, blockRank) });
    start = end;
  }
  return lines;
}
