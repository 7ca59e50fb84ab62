// Gathers what the layout finds into blocks, hidden texts and images, in reading order.
import { limits } from "../limits.ts";
import { findLinks } from "../link-scan.ts";
import type { Block, Hidden, Image, Link, Run } from "../view.ts";

/** How a stretch of text looks. */
export interface Look {
  readonly fontSizePx: number;
  readonly contrast: number;
}

export interface Collector {
  /** A link is opened; text and images name it by the number given back. */
  addLink(target: string): number;
  /** Visible text, white space collapsed already but for what `keep` keeps. `yPx`: where its line begins. */
  text(text: string, look: Look, link: number, yPx: number, keep: boolean): void;
  /** Text that the reader does not see. */
  hide(text: string, why: string, link: number): void;
  lineBreak(): void;
  endBlock(): void;
  image(alt: string, source: string, link: number): void;
  /** What stands above this is not empty: a picture, a rule. */
  inkUntil(yPx: number): void;
  finish(): { readonly blocks: readonly Block[]; readonly hidden: readonly Hidden[]; readonly images: readonly Image[] };
}

interface DraftRun {
  text: string;
  readonly look: Look;
  readonly link: number;
}

interface DraftBlock {
  readonly runs: DraftRun[];
  readonly blankLinesBefore: number;
}

interface DraftHidden {
  text: string;
  readonly why: string;
  readonly link: number;
  readonly beforeBlock: number;
}

interface DraftImage {
  readonly alt: string;
  readonly source: string;
  readonly link: number;
  readonly beforeBlock: number;
}

const linePx = 19; // one line of 16 px text
const hiddenTextMax = 1000; // characters of one entry: evidence, not an archive
const blank = /^[\s\u00a0\u00ad\u200b-\u200f\u2060\u3000\ufeff]*$/;

export function createCollector(): Collector {
  const targets: string[] = [];
  const linkTexts: string[] = [];
  const blocks: DraftBlock[] = [];
  const hidden: DraftHidden[] = [];
  const images: DraftImage[] = [];
  let runs: DraftRun[] = [];
  let lineHasInk = false;
  let blockHasInk = false;
  let blockStartPx = 0;
  let inkPx = 0; // where the last visible thing ended
  const endBlock = (): void => {
    const trimmed = trimRuns(runs);
    runs = [];
    lineHasInk = false;
    if (!blockHasInk) return;
    blockHasInk = false;
    blocks.push({ runs: trimmed, blankLinesBefore: Math.max(0, Math.floor((blockStartPx + 1) / linePx)) });
  };
  return {
    addLink(target) {
      linkTexts.push("");
      return targets.push(target) - 1;
    },
    text(text, look, link, yPx, keep) {
      const last = runs.at(-1);
      const before = last?.text.at(-1);
      const atStart = before === undefined || before === "\n" || before === " ";
      const added = !keep && atStart && text.startsWith(" ") ? text.slice(1) : text;
      if (added === "") return;
      if (!blank.test(added)) {
        if (!blockHasInk) blockStartPx = blocks.length === 0 && inkPx === 0 ? 0 : yPx - inkPx;
        inkPx = Math.max(inkPx, yPx + linePx);
        lineHasInk = true;
        blockHasInk = true;
      }
      if (last !== undefined && last.link === link && last.look === look) last.text += added;
      else runs.push({ text: added, look, link });
      if (link >= 0) linkTexts[link] = joinWords(linkTexts[link] ?? "", added);
    },
    hide(text, why, link) {
      const words = text.replace(/[ \t\n\f\r]+/g, " ");
      if (blank.test(words) && link < 0) return;
      const beforeBlock = blocks.length + (blockHasInk ? 1 : 0);
      const last = hidden.at(-1);
      if (last !== undefined && last.why === why && last.link === link && last.beforeBlock === beforeBlock) {
        last.text = (last.text + words).slice(0, hiddenTextMax);
        return;
      }
      if (hidden.length < limits.hiddenListed)
        hidden.push({ text: words.slice(0, hiddenTextMax), why, link, beforeBlock });
    },
    lineBreak() {
      if (!lineHasInk) {
        endBlock();
        return;
      }
      const last = runs.at(-1);
      if (last !== undefined) last.text += "\n";
      lineHasInk = false;
    },
    endBlock,
    image(alt, source, link) {
      images.push({ alt, source, link, beforeBlock: blocks.length + (blockHasInk ? 1 : 0) });
    },
    inkUntil(yPx) {
      inkPx = Math.max(inkPx, yPx);
    },
    finish() {
      endBlock();
      const link = (index: number, fallback: string): { link?: Link } => {
        const target = targets[index];
        if (target === undefined) return {};
        const words = (linkTexts[index] ?? "").replace(/\s+/g, " ").trim();
        return { link: { text: words === "" ? fallback : words, target } };
      };
      return {
        blocks: blocks.map((block) => finishBlock(block, (index) => link(index, "").link)),
        hidden: hidden
          .map((item) => ({ ...item, text: item.text.trim() }))
          .map(({ text, why, link: index, beforeBlock }) => ({ text, ...link(index, text), why, beforeBlock })),
        images: images.map(({ alt, source, link: index, beforeBlock }) => ({ alt, source, ...link(index, ""), beforeBlock })),
      };
    },
  };
}

function joinWords(before: string, added: string): string {
  return before.length > 2000 ? before : before + added;
}

/** Drops white space at the block's ends and around its line breaks. */
function trimRuns(runs: readonly DraftRun[]): DraftRun[] {
  const kept = [...runs];
  for (let last = kept.at(-1); last !== undefined; last = kept.at(-1)) {
    last.text = last.text.replace(/[ \t\n\u00a0\u3000]+$/, "");
    if (last.text !== "") break;
    kept.pop();
  }
  for (let first = kept[0]; first !== undefined; first = kept[0]) {
    first.text = first.text.replace(/^[ \t\n\u00a0\u3000]+/, "");
    if (first.text !== "") break;
    kept.shift();
  }
  for (const run of kept) if (run.text.includes("\n")) run.text = run.text.replace(/[ \t]+\n/g, "\n");
  return kept;
}

function finishBlock(block: DraftBlock, linkOf: (index: number) => Link | undefined): Block {
  const runs: Run[] = [];
  for (const draft of block.runs) {
    const link = linkOf(draft.link);
    if (link !== undefined) runs.push({ text: draft.text, link, ...draft.look });
    else addPlainRun(runs, draft);
  }
  return { text: runs.map((run) => run.text).join(""), runs, blankLinesBefore: block.blankLinesBefore };
}

/** Mail clients make links of addresses in running text. */
function addPlainRun(runs: Run[], { text, look }: DraftRun): void {
  let last = 0;
  for (const { start, end, link } of findLinks(text)) {
    if (start > last) runs.push({ text: text.slice(last, start), ...look });
    runs.push({ text: text.slice(start, end), link, ...look });
    last = end;
  }
  if (last < text.length) runs.push({ text: text.slice(last), ...look });
}
