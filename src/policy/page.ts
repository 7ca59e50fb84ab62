// One alternative prepared for the rules: its visible text as one folded string, its lines, and all its targets.
import type { Alternative, Block, Run } from "../content/view.ts";
import type { Followable } from "./checks/destination.ts";
import type { OptOutLanguage, OptOutReading } from "./checks/opt-out-reading.ts";
import { blockBreak, foldedAt, gaps, type Folded } from "./normalise.ts";
import { blank, type Line } from "./page-text.ts";
import { type ShownText, showText } from "./shown-text.ts";

/** Something a reader can follow: a link, or a URL or mail address written out. */
export interface Target extends Followable {
  /** Visible words of the link; the literal itself where it is written out. */
  readonly text: string;
  readonly how: "link" | "literal";
  /** Folded positions. */
  readonly start: number;
  readonly end: number;
}

export { blank };
export type { Line };

export interface Page {
  readonly alternative: Alternative;
  readonly kind: "plain" | "html";
  /** What follows up to `lines`, by itself: the same object for messages of the same text. */
  readonly text: ShownText;
  /** The blocks' texts, joined by {@link blockBreak}. */
  readonly source: string;
  readonly folded: Folded;
  /** The folded text with every literal target blanked out by U+FFFC: a word inside a URL says nothing to a reader. */
  readonly words: string;
  readonly lines: readonly Line[];
  /** In reading order. */
  readonly targets: readonly Target[];
  readonly runs: readonly PlacedRun[];
  /** What several rules ask of it, read once. Here and not in a WeakMap: that holds its values until a full collection. */
  readonly optOutReadings: Map<OptOutLanguage, OptOutReading>;
}

interface PlacedRun {
  readonly start: number;
  readonly end: number;
  readonly run: Run;
}

export function createPage(alternative: Alternative): Page {
  const { kind, blocks } = alternative;
  const text = showText(blocks);
  const known = text.isKept ? latest.get(text) : undefined;
  const placed = known?.blocks === blocks ? known : { blocks, ...placeTargets(text, blocks) };
  if (text.isKept) latest.set(text, placed);
  const { source, folded, words, lines } = text;
  const { targets, runs } = placed;
  const optOutReadings = new Map<OptOutLanguage, OptOutReading>();
  return {
    alternative,
    kind,
    text,
    source,
    folded,
    words,
    lines,
    targets,
    runs,
    optOutReadings,
  };
}

type Places = Pick<Page, "targets" | "runs">;

/** Parts that come again octet for octet have the same blocks (content/read.ts). */
const latest = new WeakMap<ShownText, Places & { readonly blocks: readonly Block[] }>();

function placeTargets(text: ShownText, blocks: readonly Block[]): Places {
  const runs = placeRuns(blocks);
  const links = placeLinks(runs, text.folded);
  const free = outside(text.literals, links)
    .slice(0, freeMax)
    .map(({ text: raw, start, end }): Target => ({ raw, text: raw, how: "literal", start, end, leads: undefined })); // prettier-ignore
  return { targets: merge(links, free), runs };
}

const freeMax = 5000; // of one text, written so that no client makes links of them; what comes behind is no target

/** Both in order; of two at one place that of `one` comes first. */
function merge(one: readonly Target[], two: readonly Target[]): readonly Target[] {
  if (two.length === 0) return one;
  return [...one, ...two].sort((a, b) => a.start - b.start);
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
export function lineAt(page: Pick<ShownText, "lines">, position: number): Line {
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
export function quote(
  page: Pick<ShownText, "lines" | "source" | "folded">,
  start: number,
  end: number,
  around = 0,
): string {
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
function placeRuns(blocks: readonly Block[]): PlacedRun[] {
  const placed: PlacedRun[] = [];
  let offset = 0;
  for (const block of blocks) {
    let cursor = 0;
    for (const run of block.runs) {
      const text = trimmed(run.text);
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

/** Without spaces, tabs and line ends around it. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isLineSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isLineSpace(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isLineSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
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
    if (end > start) targets.push({ raw: open.target, text, how, start, end, leads: undefined });
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
