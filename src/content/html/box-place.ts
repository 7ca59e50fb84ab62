// Where a box stands and how large it is: in the flow, or by position, moved by relative offsets and transforms.
import { resolveLength, viewport } from "../style/length.ts";
import type { Style } from "../style/style.ts";
import {
  type Anchor,
  createFlow,
  endLine,
  lineHeightOf,
  type Flow,
  type Frame,
  resolveDimension,
  resolveSize,
} from "./frame.ts";
import type { ElementNode } from "./node.ts";
import { textWidth } from "./text-metrics.ts";

export const pushedPx = 400; // a margin or padding beyond this moves content out of sight, it does not indent

/** Sizes are those of the content, without padding. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  /** Content height that the style fixes. */
  readonly height: number | undefined;
  readonly shiftX: number;
  readonly shiftY: number;
  readonly flow: Flow;
}

export function placeInFlow(
  element: ElementNode,
  style: Style,
  frame: Frame,
  isInlineBlock: boolean,
  quirks: boolean,
): Box {
  const { flow } = frame;
  const moved = relativeShift(style, frame);
  const marginTop = resolveSize(style.margin.top, frame.width) ?? 0;
  const marginLeft = resolveSize(style.margin.left, frame.width);
  const marginRight = resolveSize(style.margin.right, frame.width);
  const pushed = (marginLeft ?? 0) > pushedPx ? (marginLeft ?? 0) : 0;
  let left = frame.left + Math.max(0, marginLeft ?? 0) - pushed;
  const shrunk = isInlineBlock ? widthOf(style, frame, frame.width, element) : 0;
  if (isInlineBlock) {
    if (flow.x > 0 && flow.x + shrunk > frame.width && style.whiteSpace !== "nowrap") endLine(flow);
    left += flow.x;
  } else {
    endLine(flow);
    flow.y +=
      flow.margin < 0 || marginTop < 0 ? flow.margin + marginTop : Math.max(flow.margin, marginTop);
    flow.margin = 0;
  }
  const available = frame.width - (marginLeft ?? 0) - (marginRight ?? 0);
  const width = widthOf(style, frame, available, isInlineBlock ? element : undefined);
  if (!isInlineBlock && marginLeft === undefined && width < available)
    left += marginRight === undefined ? (available - width) / 2 : available - width;
  // A box at the right edge goes beyond it by its negative margin.
  const atRight = style.float === "right" || style.rightToLeft;
  const pulled = atRight ? Math.max(0, -(marginRight ?? 0)) : 0;
  return {
    left,
    top: flow.y,
    width,
    height: heightOf(style, quirks, width),
    shiftX: frame.shiftX + moved.x + Math.min(0, marginLeft ?? 0) + pushed + pulled,
    shiftY: frame.shiftY + moved.y,
    flow: createFlow(flow.y, resolveDimension(style.textIndent, width), lineHeightOf(style)),
  };
}

/** Content width: as the style says, else all that is there (`shrink`: what the text needs of it). */
function widthOf(
  style: Style,
  frame: Frame,
  available: number,
  shrink: ElementNode | undefined,
): number {
  const padding =
    resolveDimension(style.padding.left, frame.width) +
    resolveDimension(style.padding.right, frame.width);
  const room = Math.max(0, available - padding);
  const isCell = style.display === "table-cell"; // its column decides
  const written = isCell ? undefined : resolveSize(style.width, frame.width);
  const own =
    written === undefined ? undefined : Math.max(0, written - (style.borderBox ? padding : 0));
  const wanted =
    own ?? (shrink === undefined ? room : Math.min(room, contentWidth(shrink, style.fontSizePx)));
  const most = resolveSize(style.maxWidth, frame.width) ?? Number.POSITIVE_INFINITY;
  const least = resolveSize(style.minWidth, frame.width) ?? 0;
  return Math.max(least, Math.min(most, wanted));
}

/** Content height that the style fixes; undefined where the content decides. */
function heightOf(style: Style, quirks: boolean, widthPx: number): number | undefined {
  if (style.sizeContained && style.height === "auto") return 0;
  if (style.height === "auto") {
    const isKept = style.aspectRatio !== undefined && style.overflowY !== "visible";
    return isKept ? widthPx / style.aspectRatio : undefined; // else the content is the least height
  }
  // In quirks mode a percentage height of what has no height is one of the window's.
  if (style.height.relative === true) return quirks && style.height.percent === 0 ? 0 : undefined;
  const padding = style.borderBox ? style.padding.top.px + style.padding.bottom.px : 0;
  return Math.max(0, style.height.px - padding);
}

const measuredNodesMax = 200;

/** Rough width of the text in an element, set in one line. */
function contentWidth(element: ElementNode, fontSizePx: number): number {
  let width = 0;
  let nodes = 0;
  const stack: ElementNode[] = [element];
  for (let next = stack.pop(); next !== undefined && nodes < measuredNodesMax; next = stack.pop()) {
    nodes += 1;
    for (const child of next.children) {
      if (child.kind === "text") width += textWidth(child.text.slice(0, 500), fontSizePx, 0);
      else if (child.kind === "element") stack.push(child);
    }
  }
  return width;
}

export function placeAbsolute(
  element: ElementNode,
  style: Style,
  frame: Frame,
  quirks: boolean,
): Box {
  const window: Anchor = {
    left: 0,
    top: 0,
    width: viewport.widthPx,
    height: viewport.heightPx,
    clip: undefined,
  };
  const anchor = style.position === "fixed" ? window : frame.anchor;
  const { flow } = frame;
  const marginLeft = resolveSize(style.margin.left, anchor.width) ?? 0;
  const marginTop = resolveSize(style.margin.top, anchor.width) ?? 0;
  const left = resolveSize(style.inset.left, anchor.width);
  const right = resolveSize(style.inset.right, anchor.width);
  const top = resolveSize(style.inset.top, anchor.height ?? 0);
  const bottom = resolveSize(style.inset.bottom, anchor.height ?? 0);
  const width = widthOf(
    style,
    frame,
    anchor.width,
    left !== undefined && right !== undefined ? undefined : element,
  );
  const height = heightOf(style, quirks, width);
  const x =
    left === undefined
      ? right === undefined
        ? frame.left + frame.shiftX + flow.x
        : anchor.left + anchor.width - right - width
      : anchor.left + left;
  const y = placeDown({ top, bottom, height }, anchor, flow.y + frame.shiftY);
  const shiftX = x + marginLeft - frame.left;
  const shiftY = y + marginTop - flow.y;
  return {
    left: frame.left,
    top: flow.y,
    width,
    height,
    shiftX,
    shiftY,
    flow: createFlow(flow.y, resolveDimension(style.textIndent, width), lineHeightOf(style)),
  };
}

/** How far down a box placed absolutely stands. `here` is where it would flow. */
function placeDown(
  { top, bottom, height = 20 }: { readonly top: number | undefined; readonly bottom: number | undefined; readonly height: number | undefined },
  anchor: Anchor,
  here: number,
): number {
  if (top !== undefined) return anchor.top + top;
  if (bottom === undefined) return here;
  if (anchor.height !== undefined) return anchor.top + anchor.height - bottom - height;
  // The anchor is as high as its content, of which only what stands before is known: it is no higher than that.
  const above = here - bottom - height;
  return bottom < viewport.heightPx ? Math.max(anchor.top, above) : above;
} // prettier-ignore

export function transformShift(style: Style, box: Box): { readonly x: number; readonly y: number } {
  let x = 0;
  let y = 0;
  for (const step of style.transform) {
    if (step.kind !== "translate") continue;
    x += shiftOf(step.x, style.fontSizePx, box.width);
    y += shiftOf(step.y, style.fontSizePx, box.height ?? 20);
  }
  return { x, y };
}

function shiftOf(
  length: Parameters<typeof resolveLength>[0],
  emPx: number,
  percentOfPx: number,
): number {
  return resolveLength(length, { emPx, remPx: 16, percentOfPx });
}

/** How far position: relative moves a box. */
export function relativeShift(
  style: Style,
  frame: Frame,
): { readonly x: number; readonly y: number } {
  if (style.position !== "relative") return { x: 0, y: 0 };
  const left = resolveSize(style.inset.left, frame.width);
  const right = resolveSize(style.inset.right, frame.width);
  const top = resolveSize(style.inset.top, 0);
  const bottom = resolveSize(style.inset.bottom, 0);
  return { x: left ?? -(right ?? 0), y: top ?? -(bottom ?? 0) };
}
