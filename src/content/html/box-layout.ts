// One element's box: where it stands, what it clips, how it is painted; then its content.
import type { Style } from "../style/style.ts";
import { resolveLength, viewport } from "../style/length.ts";
import {
  type Anchor,
  type Clip,
  createFlow,
  endLine,
  type Flow,
  type Frame,
  intersect,
  resolveDimension,
  resolveSize,
} from "./frame.ts";
import { scaleOf, whyBoxHidden } from "./hiding.ts";
import type { Laying } from "./layout.ts";
import type { ElementNode } from "./node.ts";
import { paintElement } from "./paint-state.ts";
import { layRow } from "./table-layout.ts";
import { textWidth } from "./text-metrics.ts";

const inlineDisplays = /^(?:inline|ruby|ruby-base|ruby-text|math|inline-.*)$/;
const unclippable = /^(?:inline|contents|ruby.*|table-(?:row|column|header|footer).*|table-row-group)$/;
const pushedPx = 400; // a margin or padding beyond this moves content out of sight, it does not indent
const scrollableMinPx = 20; // a scrolled area smaller than this shows nothing

export function layBox(element: ElementNode, own: Style, frame: Frame, laying: Laying): void {
  const style = blockify(own, frame);
  const link = linkOf(element, frame, laying);
  if (style.display === "contents") {
    laying.children(element, { ...frame, style, link });
    return;
  }
  const isInline = inlineDisplays.test(style.display);
  if (isInline && (style.display === "inline" || style.display.startsWith("ruby"))) layInline(element, style, { ...frame, link }, laying);
  else layBlock(element, style, { ...frame, link }, laying, isInline);
}

/** Floats, positioned boxes and the items of a flex box or grid are blocks (CSS Display 3 §2.7). */
function blockify(style: Style, frame: Frame): Style {
  if (!inlineDisplays.test(style.display)) return style;
  const isItem = /^(?:inline-)?(?:flex|grid)$/.test(frame.style.display);
  const outOfFlow = style.position === "absolute" || style.position === "fixed" || style.float !== "none";
  if (!isItem && !outOfFlow) return style;
  const inner = style.display.startsWith("inline-") ? style.display.slice("inline-".length) : "block";
  return { ...style, display: inner };
}

function linkOf(element: ElementNode, frame: Frame, laying: Laying): number {
  const target = element.tag === "a" ? element.attributes.get("href") : undefined;
  return target === undefined ? frame.link : laying.collector.addLink(target);
}

/** Inline boxes have no size of their own; only margins and relative positions move them. */
function layInline(element: ElementNode, style: Style, frame: Frame, laying: Laying): void {
  const paint = paintElement(frame.paint, style);
  const { flow } = frame;
  const marginLeft = resolveSize(style.margin.left, frame.width) ?? 0;
  const marginRight = resolveSize(style.margin.right, frame.width) ?? 0;
  flow.x = Math.max(0, flow.x + resolveDimension(style.padding.left, frame.width) + Math.max(0, marginLeft));
  const moved = relativeShift(style, frame);
  const why = frame.why ?? whyBoxHidden(style, paint.opacity, true, frame.width);
  laying.children(element, {
    ...frame,
    style,
    why,
    paint,
    scale: frame.scale * scaleOf(style, true),
    shiftX: frame.shiftX + moved.x + Math.min(0, marginLeft),
    shiftY: frame.shiftY + moved.y,
  });
  flow.x += resolveDimension(style.padding.right, frame.width) + Math.max(0, marginRight);
}

function relativeShift(style: Style, frame: Frame): { readonly x: number; readonly y: number } {
  if (style.position !== "relative") return { x: 0, y: 0 };
  const left = resolveSize(style.inset.left, frame.width);
  const right = resolveSize(style.inset.right, frame.width);
  const top = resolveSize(style.inset.top, 0);
  const bottom = resolveSize(style.inset.bottom, 0);
  return { x: left ?? -(right ?? 0), y: top ?? -(bottom ?? 0) };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  /** Content height that the style fixes. */
  readonly height: number | undefined;
  readonly shiftX: number;
  readonly shiftY: number;
  readonly flow: Flow;
}

function layBlock(element: ElementNode, style: Style, frame: Frame, laying: Laying, isInlineBlock: boolean): void {
  const { collector } = laying;
  const outOfFlow = style.position === "absolute" || style.position === "fixed";
  if (!isInlineBlock) collector.endBlock();
  const placed = outOfFlow ? placeAbsolute(element, style, frame) : placeInFlow(element, style, frame, isInlineBlock);
  // In quirks mode a percentage height of what has no height is one of the window's.
  const quirkHeight = laying.quirks && style.height !== "auto" && style.height.relative === true && style.height.percent === 0;
  const box = quirkHeight ? { ...placed, height: 0 } : placed;
  const paint = paintElement(frame.paint, style);
  const why = frame.why ?? whyBoxHidden(style, paint.opacity, false, box.width);
  const transformed = transformShift(style, box);
  const shiftX = box.shiftX + transformed.x;
  const shiftY = box.shiftY + transformed.y;
  const outerClip = style.position === "fixed" ? undefined : style.position === "absolute" ? frame.anchor.clip : frame.clip;
  const padTop = resolveDimension(style.padding.top, frame.width);
  const padLeft = resolveDimension(style.padding.left, frame.width);
  const clip = intersect(outerClip, ownClip(style, frame, box, shiftX, shiftY));
  const isAnchor = style.position !== "static" || style.transform.length > 0;
  const anchor: Anchor = isAnchor
    ? { left: box.left + shiftX, top: box.top + shiftY, width: box.width, height: box.height, clip }
    : frame.anchor;
  box.flow.y += padTop;
  const inner: Frame = {
    style,
    why,
    link: frame.link,
    paint,
    scale: frame.scale * scaleOf(style, false),
    left: box.left + (padLeft > pushedPx ? 0 : padLeft),
    width: Math.max(0, box.width),
    flow: box.flow,
    shiftX: shiftX + (padLeft > pushedPx ? padLeft : 0),
    shiftY,
    clip,
    anchor,
    table: style.display.endsWith("table")
      ? { fixed: style.fixedTable && style.width !== "auto", sized: style.width !== "auto" }
      : frame.table,
    fixed: style.position === "fixed" || (frame.fixed && style.position !== "absolute"),
  };
  if (isRow(style)) layRow(element, inner, laying);
  else laying.children(element, inner);
  endLine(box.flow);
  if (!isInlineBlock) collector.endBlock();
  if (!outOfFlow) closeBox(style, frame, box, padTop, isInlineBlock);
}

function isRow(style: Style): boolean {
  if (style.display === "table-row") return true;
  return (style.display === "flex" || style.display === "inline-flex") && !style.column;
}

/** Moves the outer cursor behind the box. */
function closeBox(style: Style, frame: Frame, box: Box, padTop: number, isInlineBlock: boolean): void {
  const { flow } = frame;
  const content = box.flow.y + box.flow.margin - box.top - padTop;
  const least = resolveSize(style.minHeight, 0) ?? 0;
  const most = maxHeightOf(style) ?? Number.POSITIVE_INFINITY;
  const height = Math.min(most, Math.max(least, box.height ?? content));
  const outer = padTop + height + resolveDimension(style.padding.bottom, frame.width);
  if (isInlineBlock) {
    flow.lineHeight = Math.max(flow.lineHeight, outer);
    flow.x += box.width;
    return;
  }
  flow.y = box.top + outer;
  flow.x = 0;
  flow.lineHeight = 0;
  flow.margin = resolveSize(style.margin.bottom, frame.width) ?? 0;
  flow.firstLine = false;
}

function maxHeightOf(style: Style): number | undefined {
  return style.maxHeight === "auto" || style.maxHeight.relative === true ? undefined : style.maxHeight.px;
}

function placeInFlow(element: ElementNode, style: Style, frame: Frame, isInlineBlock: boolean): Box {
  const { flow } = frame;
  const moved = relativeShift(style, frame);
  const marginTop = resolveSize(style.margin.top, frame.width) ?? 0;
  const marginLeft = resolveSize(style.margin.left, frame.width);
  const marginRight = resolveSize(style.margin.right, frame.width);
  const pushed = (marginLeft ?? 0) > pushedPx ? (marginLeft ?? 0) : 0;
  let left = frame.left + Math.max(0, marginLeft ?? 0) - pushed;
  if (isInlineBlock) {
    left += flow.x;
  } else {
    endLine(flow);
    flow.y += flow.margin < 0 || marginTop < 0 ? flow.margin + marginTop : Math.max(flow.margin, marginTop);
    flow.margin = 0;
  }
  const available = frame.width - (marginLeft ?? 0) - (marginRight ?? 0);
  const width = widthOf(style, frame, available, isInlineBlock ? element : undefined);
  if (!isInlineBlock && marginLeft === undefined && width < available)
    left += marginRight === undefined ? (available - width) / 2 : available - width;
  return {
    left,
    top: flow.y,
    width,
    height: heightOf(style),
    shiftX: frame.shiftX + moved.x + Math.min(0, marginLeft ?? 0) + pushed,
    shiftY: frame.shiftY + moved.y,
    flow: createFlow(flow.y, resolveDimension(style.textIndent, width)),
  };
}

/** Content width: as the style says, else all that is there (`shrink`: what the text needs of it). */
function widthOf(style: Style, frame: Frame, available: number, shrink: ElementNode | undefined): number {
  const padding = resolveDimension(style.padding.left, frame.width) + resolveDimension(style.padding.right, frame.width);
  const room = Math.max(0, available - padding);
  const own = style.display === "table-cell" ? undefined : resolveSize(style.width, frame.width);
  const wanted = own ?? (shrink === undefined ? room : Math.min(room, contentWidth(shrink, style.fontSizePx)));
  const most = resolveSize(style.maxWidth, frame.width) ?? Number.POSITIVE_INFINITY;
  const least = resolveSize(style.minWidth, frame.width) ?? 0;
  return Math.max(least, Math.min(most, wanted));
}

function heightOf(style: Style): number | undefined {
  if (style.sizeContained && style.height === "auto") return 0;
  if (style.height === "auto" || style.height.relative === true) return undefined;
  return Math.max(0, style.height.px);
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

function placeAbsolute(element: ElementNode, style: Style, frame: Frame): Box {
  const window: Anchor = { left: 0, top: 0, width: viewport.widthPx, height: viewport.heightPx, clip: undefined };
  const anchor = style.position === "fixed" ? window : frame.anchor;
  const { flow } = frame;
  const marginLeft = resolveSize(style.margin.left, anchor.width) ?? 0;
  const marginTop = resolveSize(style.margin.top, anchor.width) ?? 0;
  const left = resolveSize(style.inset.left, anchor.width);
  const right = resolveSize(style.inset.right, anchor.width);
  const top = resolveSize(style.inset.top, anchor.height ?? 0);
  const bottom = resolveSize(style.inset.bottom, anchor.height ?? 0);
  const width = widthOf(style, frame, anchor.width, left !== undefined && right !== undefined ? undefined : element);
  const height = heightOf(style);
  const x =
    left === undefined
      ? right === undefined
        ? frame.left + frame.shiftX + flow.x
        : anchor.left + anchor.width - right - width
      : anchor.left + left;
  const anchorHeight = anchor.height ?? 0;
  const y =
    top === undefined
      ? bottom === undefined
        ? flow.y + frame.shiftY
        : anchor.top + anchorHeight - bottom - (height ?? 20)
      : anchor.top + top;
  const shiftX = x + marginLeft - frame.left;
  const shiftY = y + marginTop - flow.y;
  return { left: frame.left, top: flow.y, width, height, shiftX, shiftY, flow: createFlow(flow.y, resolveDimension(style.textIndent, width)) };
}

function transformShift(style: Style, box: Box): { readonly x: number; readonly y: number } {
  let x = 0;
  let y = 0;
  for (const step of style.transform) {
    if (step.kind !== "translate") continue;
    x += shiftOf(step.x, style.fontSizePx, box.width);
    y += shiftOf(step.y, style.fontSizePx, box.height ?? 20);
  }
  return { x, y };
}

function shiftOf(length: Parameters<typeof resolveLength>[0], emPx: number, percentOfPx: number): number {
  return resolveLength(length, { emPx, remPx: 16, percentOfPx });
}

/** The area that overflow leaves, in page coordinates. */
function ownClip(style: Style, frame: Frame, box: Box, shiftX: number, shiftY: number): Clip | undefined {
  if (unclippable.test(style.display) || style.display === "table") return undefined;
  const isCell = style.display === "table-cell";
  if (isCell && !frame.table.fixed && (style.maxWidth === "auto" || frame.table.sized)) return undefined;
  if (style.overflowX === "visible" && style.overflowY === "visible") return undefined;
  const padX = resolveDimension(style.padding.left, frame.width) + resolveDimension(style.padding.right, frame.width);
  const padY = resolveDimension(style.padding.top, frame.width) + resolveDimension(style.padding.bottom, frame.width);
  const least = resolveSize(style.minHeight, 0) ?? 0;
  const fixed = Math.min(box.height ?? Number.POSITIVE_INFINITY, maxHeightOf(style) ?? Number.POSITIVE_INFINITY);
  const height = isCell ? Number.POSITIVE_INFINITY : Math.max(least, fixed) + padY;
  const width = box.width + padX;
  const scrollsX = /^(?:auto|scroll|overlay)$/.test(style.overflowX) && width >= scrollableMinPx;
  const scrollsY = /^(?:auto|scroll|overlay)$/.test(style.overflowY) && height >= scrollableMinPx;
  const far = 1e7;
  const clipsX = style.overflowX !== "visible" && !scrollsX;
  const clipsY = style.overflowY !== "visible" && !scrollsY;
  if (!clipsX && !clipsY) return undefined;
  const left = box.left + shiftX;
  const top = box.top + shiftY;
  const why = height < width ? `overflow:hidden, height ${Math.round(height)}px` : `overflow:hidden, width ${Math.round(width)}px`;
  return {
    left: clipsX ? left : -far,
    right: clipsX ? left + width : far,
    top: clipsY ? top : -far,
    bottom: clipsY ? top + height : far,
    why: Number.isFinite(height) ? why : `overflow:hidden, width ${Math.round(width)}px`,
  };
}
