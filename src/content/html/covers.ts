// Which texts lie under boxes that are painted over them: the painting order of CSS 2 appendix E over rough rectangles.
//
// A document with boxes that could cover something (opaque, and moved from where they would flow) is laid again with its
// texts and boxes noted down, and once more where some text turns out to be covered. Other documents cost one test a box.
import { viewport } from "../style/length.ts";
import type { Style } from "../style/style.ts";
import type { Clip } from "./frame.ts";
import { exceeds, limits } from "../limits.ts";
import { isOpaque, isStackingContext, opacityMin } from "./hiding.ts";

/** In page coordinates, px. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A box whose height is known when it is left. */
export interface CoveredBox {
  readonly style: Style;
  readonly left: number;
  readonly top: number;
  width: number;
  height: number;
  /** The box that it is placed by, if absolutely; undefined: the window. */
  readonly anchor: CoveredBox | undefined;
  /** Order of painting of its background, see {@link comparePainting}. */
  readonly key: readonly number[];
  /** It hides what is under it. */
  readonly hides: boolean;
  readonly clip: Clip | undefined;
}

/** What one pass over the document does about covering. */
export interface Covers {
  enter(style: Style, place: Place): CoveredBox | undefined;
  /** `widthPx`: of an inline box, which is as wide as its content. */
  leave(box: CoveredBox, heightPx: number, widthPx?: number): void;
  /** A stretch of visible text was laid; true where it is known to be covered. */
  text(rect: Rect): boolean;
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly clip: Clip | undefined;
  /** It and all around it can be seen. */
  readonly isSeen: boolean;
}

/** A picture that comes with the message is there; one from the web may not be loaded. */
export const broughtAlong = /^\s*(?:data:image|cid:)/i;

/** Whether a box may be painted over text that stands before it: opaque, above the flow, and moved. */
export function mayCover(style: Style): boolean {
  if (!isOpaque(style)) return false;
  if (style.position === "absolute" || style.position === "fixed") return true;
  const isAbove = style.position === "relative" || isStackingContext(style) || isInLine(style);
  return isAbove && isMoved(style);
}

/** Painted among the text, in the order of the document. */
function isInLine({ display }: Style): boolean {
  return display === "inline-block" || display === "inline";
}

function isMoved({ margin, inset, transform, position }: Style): boolean {
  const isNegative = (size: Style["margin"]["top"]): boolean =>
    size !== "auto" && (size.px < 0 || size.percent < 0);
  return (
    Object.values(margin).some(isNegative) ||
    (position === "relative" && Object.values(inset).some((size) => size !== "auto")) ||
    transform.some((step) => step.kind === "translate")
  );
}

/** The pass that notes everything down. */
export function createCoverFinder(): Covers & { readonly covered: () => ReadonlySet<number> } {
  const boxes: CoveredBox[] = [];
  const texts: { readonly rect: Rect; readonly key: readonly number[] }[] = [];
  const open: Level[] = [{ box: undefined, content: [], context: [] }];
  let order = 0;
  return {
    enter(style, place) {
      order += 1;
      const level = open.at(-1) ?? { box: undefined, content: [], context: [] };
      const own = levelOf(style, level, order);
      const box: CoveredBox = {
        ...place,
        style,
        height: 0,
        anchor: open.findLast(({ box: one }) => one !== undefined && isAnchor(one.style))?.box,
        key: [...own.content, phases.background, 0],
        hides: mayCover(style) && place.isSeen,
      };
      if (box.hides) boxes.push(box);
      if (boxes.length > limits.coveringBoxes)
        exceeds(`has more than ${limits.coveringBoxes} boxes that may lie over its text`);
      open.push({ ...own, box });
      return box;
    },
    leave(box, heightPx, widthPx) {
      box.height = heightPx;
      box.width = widthPx ?? box.width;
      if (open.at(-1)?.box === box) open.pop();
    },
    text(rect) {
      order += 1;
      const content = open.at(-1)?.content ?? [];
      texts.push({ rect, key: [...content, phases.inline, order] });
      if (texts.length > limits.coveredTexts)
        exceeds(
          `has more than ${limits.coveredTexts} pieces of text among boxes that may lie over them`,
        );
      return false;
    },
    covered() {
      const places = boxes.map((box) => ({ key: box.key, rect: rectOf(box) }));
      const found = new Set<number>();
      for (const [index, { rect, key }] of texts.entries())
        if (places.some((box) => comparePainting(box.key, key) > 0 && liesUnder(rect, box.rect)))
          found.add(index);
      return found;
    },
  };
}

/** The last pass: the texts come in the same order, and those covered are known. */
export function createCoverTeller(covered: ReadonlySet<number>): Covers {
  let index = -1;
  return {
    enter: () => undefined,
    leave: () => undefined,
    text: () => {
      index += 1;
      return covered.has(index);
    },
  };
}

/** Where content is painted: pairs of z and document order, outermost stacking context first. */
interface Level {
  readonly box: CoveredBox | undefined;
  readonly content: readonly number[];
  /** The stacking context that positioned boxes in here belong to. */
  readonly context: readonly number[];
}

const phases = { background: -1e9, float: -0.7, inline: -0.5 } as const;

function levelOf(style: Style, { content, context }: Level, order: number): Omit<Level, "box"> {
  const isContext = isStackingContext(style);
  if (isContext || style.position !== "static") {
    const z = style.position === "static" ? 0 : (style.zIndex ?? 0); // it has no meaning for others
    const path = [...context, z, order];
    return { content: path, context: isContext ? path : context };
  }
  if (style.float !== "none") return { content: [...content, phases.float, order], context };
  if (isInLine(style)) return { content: [...content, phases.inline, order], context };
  return { content, context };
} // prettier-ignore

function comparePainting(one: readonly number[], two: readonly number[]): number {
  for (let index = 0; index < Math.max(one.length, two.length); index += 1) {
    const difference = (one[index] ?? 0) - (two[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function isAnchor(style: Style): boolean {
  return style.position !== "static" || style.transform.length > 0;
}

const everywhere = { left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 } as const;
const nowhere = { left: 0, top: 0, right: 0, bottom: 0 } as const;
const wholeWindow = 0.9;

/** Whether what scrolls under a fixed box comes out again: only one as large as the window hides it for good. */
function rectOf(box: CoveredBox): Rect {
  const { style } = box;
  const { top, bottom } = spanOf(box);
  const { left, right } = reachOf(box);
  if (style.position === "fixed") {
    const fills =
      right - left >= wholeWindow * viewport.widthPx &&
      bottom - top >= wholeWindow * viewport.heightPx;
    return fills ? everywhere : nowhere;
  }
  const { clip } = box;
  return {
    left: Math.max(left, clip?.left ?? left),
    right: Math.min(right, clip?.right ?? right),
    top: Math.max(top, clip?.top ?? top),
    bottom: Math.min(bottom, clip?.bottom ?? bottom),
  };
}

/** `top` and `bottom`, or a height of so many per cent, reach as far as the box that it is placed by turned out to be. */
function spanOf({ style, top, height, anchor }: CoveredBox): { top: number; bottom: number } {
  const isPlaced = style.position === "absolute" || style.position === "fixed";
  if (!isPlaced) return { top, bottom: top + height };
  const within = anchor === undefined || style.position === "fixed" ? { top: 0, height: viewport.heightPx } : anchor; // prettier-ignore
  if (style.height !== "auto" && style.height.relative === true)
    return { top, bottom: top + (style.height.percent / 100) * within.height };
  const { top: above, bottom: below } = style.inset;
  if (above === "auto" && below !== "auto") {
    const end = within.top + within.height - below.px - (below.percent / 100) * within.height;
    return { top: end - height, bottom: end };
  }
  if (style.height !== "auto" || above === "auto" || below === "auto")
    return { top, bottom: top + height };
  const start = within.top + above.px + (above.percent / 100) * within.height;
  const end = within.top + within.height - below.px - (below.percent / 100) * within.height;
  return { top: start, bottom: end };
}

function reachOf({ style, left, width }: CoveredBox): { left: number; right: number } {
  const { left: before, right: behind } = style.inset;
  const isStretched = style.width === "auto" && before !== "auto" && behind !== "auto";
  const taken = isStretched ? before.px + behind.px : 0;
  return { left, right: left + width - taken };
}

const shareMin = 0.9;
const edgePx = 2; // positions are rough

function liesUnder(text: Rect, box: Rect): boolean {
  const width = text.right - text.left;
  const overlap = Math.min(text.right, box.right) - Math.max(text.left, box.left);
  return (
    overlap >= shareMin * width && text.top >= box.top - edgePx && text.bottom <= box.bottom + edgePx
  );
} // prettier-ignore

/** Half a veil hides nothing. */
export function hidesEnough(opacity: number): boolean {
  return opacity >= 1 - opacityMin;
}
