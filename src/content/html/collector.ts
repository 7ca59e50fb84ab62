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
  finish(): Gathered;
}

export interface Gathered {
  readonly blocks: readonly Block[];
  readonly hidden: readonly Hidden[];
  readonly images: readonly Image[];
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
  const gathered = emptyGathering();
  return {
    addLink(target) {
      gathered.linkTexts.push("");
      return gathered.targets.push(target) - 1;
    },
    text: (text, look, link, yPx, keep) => {
      addText(gathered, text, look, link, yPx, keep);
    },
    hide: (text, why, link) => {
      addHidden(gathered, text, why, link);
    },
    lineBreak() {
      if (!gathered.lineHasInk) {
        endBlock(gathered);
        return;
      }
      const last = gathered.runs.at(-1);
      if (last !== undefined) last.text += "\n";
      gathered.lineHasInk = false;
    },
    endBlock: () => {
      endBlock(gathered);
    },
    image(alt, source, link) {
      gathered.images.push({ alt, source, link, beforeBlock: nextBlock(gathered) });
    },
    inkUntil(yPx) {
      gathered.inkPx = Math.max(gathered.inkPx, yPx);
    },
    finish: () => finish(gathered),
  };
}

interface Gathering {
  readonly targets: string[];
  readonly linkTexts: string[];
  readonly blocks: DraftBlock[];
  readonly hidden: DraftHidden[];
  readonly images: DraftImage[];
  /** Of the open block. */
  runs: DraftRun[];
  lineHasInk: boolean;
  blockHasInk: boolean;
  /** Empty space above the open block. */
  gapPx: number;
  /** Where the last visible thing ended. */
  inkPx: number;
}

function emptyGathering(): Gathering {
  return {
    targets: [],
    linkTexts: [],
    blocks: [],
    hidden: [],
    images: [],
    runs: [],
    lineHasInk: false,
    blockHasInk: false,
    gapPx: 0,
    inkPx: 0,
  };
}

/** Index of the block that what comes now stands before: not the open one, if that shows anything yet. */
function nextBlock(gathered: Gathering): number {
  return gathered.blocks.length + (gathered.blockHasInk ? 1 : 0);
}

function addText(
  gathered: Gathering,
  text: string,
  look: Look,
  link: number,
  yPx: number,
  keep: boolean,
): void {
  const { runs, linkTexts } = gathered;
  const last = runs.at(-1);
  const before = last?.text.at(-1);
  const atStart = before === undefined || before === "\n" || before === " ";
  const added = !keep && atStart && text.startsWith(" ") ? text.slice(1) : text;
  if (added === "") return;
  if (!blank.test(added)) {
    const isFirst = gathered.blocks.length === 0 && gathered.inkPx === 0;
    if (!gathered.blockHasInk) gathered.gapPx = isFirst ? 0 : yPx - gathered.inkPx;
    gathered.inkPx = Math.max(gathered.inkPx, yPx + linePx);
    gathered.lineHasInk = true;
    gathered.blockHasInk = true;
  }
  if (last !== undefined && last.link === link && last.look === look) last.text += added;
  else runs.push({ text: added, look, link });
  if (link >= 0) linkTexts[link] = joinWords(linkTexts[link] ?? "", added);
}

function addHidden(gathered: Gathering, text: string, why: string, link: number): void {
  const words = text.replace(/[ \t\n\f\r]+/g, " ");
  if (blank.test(words) && link < 0) return;
  const { hidden } = gathered;
  const beforeBlock = nextBlock(gathered);
  const last = hidden.at(-1);
  const goesOn = last?.why === why && last.link === link && last.beforeBlock === beforeBlock;
  if (last !== undefined && goesOn) last.text = (last.text + words).slice(0, hiddenTextMax);
  else if (hidden.length < limits.hiddenListed)
    hidden.push({ text: words.slice(0, hiddenTextMax), why, link, beforeBlock });
}

function endBlock(gathered: Gathering): void {
  const { runs, blockHasInk, gapPx } = gathered;
  gathered.runs = [];
  gathered.lineHasInk = false;
  gathered.blockHasInk = false;
  if (!blockHasInk) return;
  const blankLinesBefore = Math.max(0, Math.floor((gapPx + 1) / linePx));
  gathered.blocks.push({ runs: trimRuns(runs), blankLinesBefore });
}

function finish(gathered: Gathering): Gathered {
  endBlock(gathered);
  const { targets, linkTexts, blocks, hidden, images } = gathered;
  const linkOf = (index: number, fallback: string): { link?: Link } => {
    const target = targets[index];
    if (target === undefined) return {};
    const words = (linkTexts[index] ?? "").replace(/\s+/g, " ").trim();
    return { link: { text: words === "" ? fallback : words, target } };
  };
  return {
    blocks: blocks.map((block) => finishBlock(block, (index) => linkOf(index, "").link)),
    hidden: hidden.map(({ text, why, link, beforeBlock }) => {
      const words = text.trim();
      return { text: words, ...linkOf(link, words), why, beforeBlock };
    }),
    images: images.map(({ link, ...image }) => ({ ...image, ...linkOf(link, "") })),
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
  for (const run of kept)
    if (run.text.includes("\n")) run.text = run.text.replace(/[ \t]+\n/g, "\n");
  return kept;
}

function finishBlock(block: DraftBlock, linkOf: (index: number) => Link | undefined): Block {
  const runs: Run[] = [];
  for (const draft of block.runs) {
    const link = linkOf(draft.link);
    if (link !== undefined) runs.push({ text: draft.text, link, ...draft.look });
    else addPlainRun(runs, draft);
  }
  return {
    text: runs.map((run) => run.text).join(""),
    runs,
    blankLinesBefore: block.blankLinesBefore,
  };
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
