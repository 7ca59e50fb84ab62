// Where the layout stands: the box that content flows in, what clips it, what lies behind it and why it may be unseen.
import type { Dimension, Size, Style } from "../style/style.ts";
import type { PaintState } from "./paint-state.ts";

/** A cursor through one column of lines; y grows down the page. All in px, as good as average letter widths allow. */
export interface Flow {
  y: number;
  /** Width used in the open line. */
  x: number;
  /** Height of the open line. */
  lineHeight: number;
  /** The next text begins the first line of its block, which text-indent moves. */
  firstLine: boolean;
  /** text-indent of the block, px. */
  readonly indentPx: number;
  /** Least height of a line: that of the block's own font ("strut", CSS Inline 3 §3.2). */
  readonly strutPx: number;
  /** Lines that have been ended. */
  ended: number;
  /** The last of them, or the open one, that shows letters, and where its middle is; -1: none does yet. */
  letters: { readonly line: number; readonly middle: number };
  /** Bottom margin that has not been added yet: it collapses with the next top margin. */
  margin: number;
}

/** An area of the page outside which nothing is painted. */
export interface Clip {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** The box is as high as its content, not known before that is laid: how far the box itself is moved down. */
  readonly openShiftY?: number;
  /** Of such a box: its padding above and below, in which lines of no height show. */
  readonly openPadPx?: number;
  readonly why: string;
}

/** What absolutely positioned descendants are placed by. */
export interface Anchor {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number | undefined;
  readonly clip: Clip | undefined;
}

export interface Frame {
  readonly style: Style;
  /** Why everything in here is unseen, whatever its own style says. */
  readonly why: string | undefined;
  readonly link: number;
  readonly paint: PaintState;
  /** What blocks in here lie on: an inline box's background does not reach behind them. */
  readonly blockPaint: PaintState;
  /** Product of all scaling: letters are so much smaller. */
  readonly scale: number;
  /** Left edge and width of the box that lines are broken in. */
  readonly left: number;
  readonly width: number;
  readonly flow: Flow;
  /** How far position, transform and negative margins have moved the content from where it would flow. */
  readonly shiftX: number;
  readonly shiftY: number;
  readonly clip: Clip | undefined;
  readonly anchor: Anchor;
  /** Of the nearest table: do its columns keep their widths whatever is in them; has it a width of its own. */
  readonly table: { readonly fixed: boolean; readonly sized: boolean };
  /** An opaque background of this stacking context lies over what has a z-index below 0. */
  readonly covers: boolean;
  /** Placed by the window, not by the page: below its lower edge nobody scrolls. */
  readonly fixed: boolean;
}

export function resolveSize(size: Size, ofPx: number): number | undefined {
  return size === "auto" ? undefined : size.px + (size.percent / 100) * ofPx;
}

export function resolveDimension(size: Dimension, ofPx: number): number {
  return size.px + (size.percent / 100) * ofPx;
}

export function createFlow(y: number, indentPx = 0, strutPx = 0): Flow {
  return {
    y,
    x: 0,
    lineHeight: 0,
    firstLine: true,
    indentPx,
    strutPx,
    ended: 0,
    letters: { line: -1, middle: y },
    margin: 0,
  };
}

/** Ends the open line, if there is one. */
export function endLine(flow: Flow): void {
  if (flow.x > 0 || flow.lineHeight > 0) flow.y += flow.lineHeight;
  flow.x = 0;
  flow.lineHeight = 0;
  flow.ended += 1;
}

export function intersect(one: Clip | undefined, two: Clip | undefined): Clip | undefined {
  if (one === undefined || two === undefined) return one ?? two;
  const inner =
    two.right - two.left < one.right - one.left || two.bottom - two.top < one.bottom - one.top
      ? two
      : one;
  return {
    left: Math.max(one.left, two.left),
    top: Math.max(one.top, two.top),
    right: Math.min(one.right, two.right),
    bottom: Math.min(one.bottom, two.bottom),
    ...(inner.openShiftY === undefined ? {} : { openShiftY: inner.openShiftY }),
    ...(inner.openPadPx === undefined ? {} : { openPadPx: inner.openPadPx }),
    why: inner.why,
  };
}

/** Line height in px of text in that style. */
export function lineHeightOf(style: Style): number {
  return style.lineHeight.kind === "factor"
    ? style.lineHeight.value * style.fontSizePx
    : style.lineHeight.value;
}
