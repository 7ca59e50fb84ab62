// Gathers what the layout finds into blocks, hidden texts and images, in reading order.
import { limits } from "../limits.ts";
import type { Block, Hidden, Image, Link } from "../view.ts";
import {
  type DraftBlock,
  type DraftRun,
  finishBlock,
  type Look,
  trimRuns,
} from "./finish-block.ts";
import type { ElementNode } from "./node.ts";

export interface Collector {
  /** A link is opened; text and images name it by the number given back. Its target is read at the end. */
  addLink(element: ElementNode): number;
  /** Visible text, white space collapsed already but for what `keep` keeps. `yPx`: where its line begins. */
  text(text: string, look: Look, link: number, yPx: number, keep: boolean): void;
  /** Text that the reader does not see. */
  hide(text: string, why: string, link: number): void;
  lineBreak(): void;
  endBlock(): void;
  /** Words and source are read at the end. */
  image(element: ElementNode, link: number): void;
  /** What stands above this is not empty: a picture, a rule. */
  inkUntil(yPx: number): void;
  /** Where the gathering stands; undefined within a block. */
  mark(): Mark | undefined;
  /** What came since; undefined where it cannot be told from what was before. */
  since(mark: Mark): Stretch | undefined;
  /** Adds what came at another time; false, and nothing done, where it did not come at the same place. */
  add(stretch: Stretch): boolean;
  finish(): Gathered;
}

export interface Gathered {
  readonly blocks: readonly Block[];
  readonly hidden: readonly Hidden[];
  readonly images: readonly Image[];
}

/** How much of each kind has been gathered. */
export interface Mark {
  readonly links: number;
  readonly blocks: number;
  readonly hidden: number;
  readonly images: number;
  readonly inkPx: number;
  readonly lastHidden: string;
}

/** What a part of the document adds. */
export interface Stretch {
  readonly mark: Mark;
  readonly links: readonly DraftLink[];
  readonly blocks: readonly DraftBlock[];
  readonly hidden: readonly DraftHidden[];
  readonly images: readonly DraftImage[];
  readonly inkPx: number;
}

interface DraftLink {
  readonly element: ElementNode;
  text: string;
  /** The text as it is shown, once it is all there. */
  words: string | undefined;
}

interface DraftHidden {
  text: string;
  readonly why: string;
  readonly link: number;
  readonly beforeBlock: number;
}

interface DraftImage {
  readonly element: ElementNode;
  readonly link: number;
  readonly beforeBlock: number;
}

const linePx = 19; // one line of 16 px text
const linkTextMax = 2000; // characters, after which no more are added
const hiddenTextMax = 1000; // characters of one entry: evidence, not an archive
const blank = /^[\s\u00a0\u00ad\u200b-\u200f\u2060\u3000\ufeff]*$/;

export function createCollector(): Collector {
  const gathered = emptyGathering();
  return {
    addLink(element) {
      return gathered.links.push({ element, text: "", words: undefined }) - 1;
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
    image(element, link) {
      gathered.images.push({ element, link, beforeBlock: nextBlock(gathered) });
    },
    inkUntil(yPx) {
      gathered.inkPx = Math.max(gathered.inkPx, yPx);
    },
    mark: () => mark(gathered),
    since: (before) => since(gathered, before),
    add: (stretch) => add(gathered, stretch),
    finish: () => finish(gathered),
  };
}

interface Gathering {
  readonly links: DraftLink[];
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
    links: [],
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

function mark(gathered: Gathering): Mark | undefined {
  if (gathered.runs.length > 0 || gathered.blockHasInk) return undefined;
  const { links, blocks, hidden, images, inkPx } = gathered;
  return {
    links: links.length,
    blocks: blocks.length,
    hidden: hidden.length,
    images: images.length,
    inkPx,
    lastHidden: hidden.at(-1)?.text ?? "",
  };
}

function since(gathered: Gathering, before: Mark): Stretch | undefined {
  if (gathered.runs.length > 0 || gathered.blockHasInk) return undefined;
  const { links, blocks, hidden, images, inkPx } = gathered;
  // Text that went on with what was hidden before belongs to both sides.
  if (before.hidden > 0 && hidden[before.hidden - 1]?.text !== before.lastHidden) return undefined;
  return {
    mark: before,
    links: links.slice(before.links),
    blocks: blocks.slice(before.blocks),
    hidden: hidden.slice(before.hidden).map((item) => ({ ...item })),
    images: images.slice(before.images),
    inkPx,
  };
}

function add(gathered: Gathering, stretch: Stretch): boolean {
  const { links, blocks, hidden, images } = gathered;
  const { mark: before } = stretch;
  const isSamePlace =
    gathered.runs.length === 0 &&
    !gathered.blockHasInk &&
    links.length === before.links &&
    blocks.length === before.blocks &&
    images.length === before.images &&
    gathered.inkPx === before.inkPx;
  if (!isSamePlace) return false;
  const first = stretch.hidden[0];
  if (first !== undefined) {
    if (hidden.length + stretch.hidden.length >= limits.hiddenListed) return false;
    if (goesOn(hidden.at(-1), first.why, first.link, first.beforeBlock)) return false;
  }
  for (const link of stretch.links) links.push(link);
  for (const block of stretch.blocks) blocks.push(block);
  for (const item of stretch.hidden) hidden.push({ ...item });
  for (const image of stretch.images) images.push(image);
  gathered.inkPx = stretch.inkPx;
  return true;
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
  const { runs } = gathered;
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
  const open = gathered.links[link];
  if (open !== undefined && open.text.length <= linkTextMax) open.text += added;
}

function addHidden(gathered: Gathering, text: string, why: string, link: number): void {
  const words = text.replace(/[ \t\n\f\r]+/g, " ");
  if (blank.test(words) && link < 0) return;
  const { hidden } = gathered;
  const beforeBlock = nextBlock(gathered);
  const last = hidden.at(-1);
  if (last !== undefined && goesOn(last, why, link, beforeBlock))
    last.text = (last.text + words).slice(0, hiddenTextMax);
  else if (hidden.length < limits.hiddenListed)
    hidden.push({ text: words.slice(0, hiddenTextMax), why, link, beforeBlock });
}

function goesOn(
  last: DraftHidden | undefined,
  why: string,
  link: number,
  beforeBlock: number,
): boolean {
  return last?.why === why && last.link === link && last.beforeBlock === beforeBlock;
}

function endBlock(gathered: Gathering): void {
  const { runs, blockHasInk, gapPx } = gathered;
  if (runs.length > 0) gathered.runs = [];
  gathered.lineHasInk = false;
  gathered.blockHasInk = false;
  if (!blockHasInk) return;
  const blankLinesBefore = Math.max(0, Math.floor((gapPx + 1) / linePx));
  gathered.blocks.push({ runs: trimRuns(runs), blankLinesBefore });
}

function finish(gathered: Gathering): Gathered {
  endBlock(gathered);
  const { links, blocks, hidden, images } = gathered;
  const made = links.map((link): Link => {
    link.words ??= link.text.replace(/\s+/g, " ").trim();
    return { text: link.words, target: link.element.attributes.get("href") ?? "" };
  });
  const linkOf = (index: number): Link | undefined => made[index];
  return {
    blocks: blocks.map((block) => finishBlock(block, linkOf)),
    hidden: hidden.map(({ text, why, link, beforeBlock }) => {
      const words = text.trim();
      const found = linkOf(link);
      if (found === undefined) return { text: words, why, beforeBlock };
      return { text: words, link: found.text === "" ? { ...found, text: words } : found, why, beforeBlock }; // prettier-ignore
    }),
    images: images.map(({ element, link, beforeBlock }) => {
      const alt = element.attributes.get("alt") ?? "";
      const source = element.attributes.get("src") ?? "";
      const found = linkOf(link);
      return found === undefined ? { alt, source, beforeBlock } : { alt, source, beforeBlock, link: found }; // prettier-ignore
    }),
  };
}
