// One element's box: where it stands, what it clips, how it is painted; then its content.
import { transparent, white } from "../style/color.ts";
import type { Style } from "../style/style.ts";
import { inlineDisplays } from "../style/used.ts";
import { isFlat, maxHeightOf, ownClip } from "./box-clip.ts";
import {
  type Box,
  placeAbsolute,
  placeInFlow,
  pushedPx,
  relativeShift,
  transformShift,
} from "./box-place.ts";
import {
  type Clip,
  endLine,
  type Frame,
  intersect,
  lineHeightOf,
  resolveDimension,
  resolveSize,
} from "./frame.ts";
import { broughtAlong, type CoveredBox, hidesEnough, mayCover } from "./covers.ts";
import { hasEmptyTrack, layGrid } from "./grid-layout.ts";
import { isOpaque, isStackingContext, scaleOf, whyBoxHidden, whySunk } from "./hiding.ts";
import type { Laying } from "./laying.ts";
import type { ElementNode } from "./node.ts";
import { paintElement } from "./paint-state.ts";
import { pathClip } from "./path-clip.ts";
import { layRow } from "./table-layout.ts";

/** An inline box's background does not lie behind the blocks in it; a flat box's not behind what overflows it. */
const noBackground = { backgroundColor: transparent, gradient: undefined } as const;

export function layBox(element: ElementNode, style: Style, frame: Frame, laying: Laying): void {
  const link = linkOf(element, style, frame, laying);
  if (style.display === "contents") {
    laying.children(element, { ...frame, style, link });
    return;
  }
  const isInline = inlineDisplays.test(style.display);
  if (isInline && (style.display === "inline" || style.display.startsWith("ruby")))
    layInline(element, style, { ...frame, link }, laying);
  else layBlock(element, style, { ...frame, link }, laying, isInline);
}

function linkOf(element: ElementNode, style: Style, frame: Frame, laying: Laying): number {
  const isLink = element.tag === "a" && element.attributes.has("href");
  if (!isLink) return frame.link;
  const link = laying.collector.addLink(element);
  if (!style.inert) return link;
  laying.collector.hide(" ", "pointer-events:none", link);
  return frame.link;
}

/** Inline boxes have no size of their own; only margins and relative positions move them. */
function layInline(element: ElementNode, style: Style, frame: Frame, laying: Laying): void {
  const paint = paintElement(frame.paint, style);
  const { flow } = frame;
  const marginLeft = resolveSize(style.margin.left, frame.width) ?? 0;
  const marginRight = resolveSize(style.margin.right, frame.width) ?? 0;
  flow.x += resolveDimension(style.padding.left, frame.width) + marginLeft; // a negative margin draws what follows along
  const moved = relativeShift(style, frame);
  const why =
    frame.why ??
    whySunk(style, frame.covers) ??
    whyBoxHidden(style, paint.opacity, true, frame.width);
  const inner: Frame = {
    ...frame,
    style,
    why,
    paint,
    blockPaint: paintElement(frame.blockPaint, { ...style, ...noBackground }),
    scale: frame.scale * scaleOf(style, true),
    shiftX: frame.shiftX + moved.x,
    shiftY: frame.shiftY + moved.y,
  };
  const from = flow.x - resolveDimension(style.padding.left, frame.width);
  const layer = enterInline(style, inner, from, laying);
  laying.children(element, inner);
  flow.x += resolveDimension(style.padding.right, frame.width);
  if (layer !== undefined)
    laying.covers?.leave(layer, Math.max(flow.lineHeight, lineHeightOf(style)), flow.x - from);
  flow.x += Math.max(0, marginRight);
}

/** An inline box is painted in its line, over what stands before it; positioned, with all that is in it. */
function enterInline(
  style: Style,
  inner: Frame,
  from: number,
  laying: Laying,
): CoveredBox | undefined {
  const isAbove = mayCover(style);
  if (laying.covers === undefined) {
    if (isAbove) laying.noteCover();
    return undefined;
  }
  if (!isAbove && style.position === "static") return undefined;
  return laying.covers.enter(style, {
    left: inner.left + inner.shiftX + from,
    top: inner.flow.y + inner.shiftY,
    width: 0,
    clip: inner.clip,
    isSeen: inner.why === undefined && style.visible && hidesEnough(inner.paint.opacity),
  });
}

function layBlock(
  element: ElementNode,
  style: Style,
  frame: Frame,
  laying: Laying,
  isInlineBlock: boolean,
): void {
  const { collector, quirks } = laying;
  const outOfFlow = style.position === "absolute" || style.position === "fixed";
  if (!isInlineBlock) collector.endBlock();
  const box = outOfFlow
    ? placeAbsolute(element, style, frame, quirks)
    : placeInFlow(element, style, frame, isInlineBlock || style.float !== "none", quirks);
  const padTop = resolveDimension(style.padding.top, frame.width);
  box.flow.y += padTop;
  const inner = innerFrame(style, frame, box, isInlineBlock, element.tag === "body");
  const covering = isPlacedInRow(style, frame) ? undefined : enterCover(style, box, inner, laying);
  if (isRow(style)) layRow(element, inner, laying);
  else if (hasEmptyTrack(style)) layGrid(element, inner, laying);
  else laying.children(element, inner);
  endLine(box.flow);
  layGenerated(element, style, inner, laying);
  if (covering !== undefined)
    laying.covers?.leave(covering, outerHeight(style, frame, box, padTop));
  if (!isInlineBlock) collector.endBlock();
  if (!outOfFlow) closeBox(style, frame, box, padTop, isInlineBlock || style.float !== "none");
}

/** Out of a row's flow, and left where it would stand in it: which place that is depends on its neighbours' widths. */
function isPlacedInRow({ position, inset }: Style, { style }: Frame): boolean {
  return (
    isRow(style) && position === "absolute" && Object.values(inset).every((side) => side === "auto")
  );
}

/** Notes the box down where covering is looked at, and tells where it should be. */
function enterCover(style: Style, box: Box, inner: Frame, laying: Laying): CoveredBox | undefined {
  if (laying.covers === undefined) {
    if (mayCover(style)) laying.noteCover();
    return undefined;
  }
  return laying.covers.enter(style, {
    left: box.left + inner.shiftX,
    top: box.top + inner.shiftY,
    width: box.width + style.padding.left.px + style.padding.right.px,
    clip: inner.clip,
    isSeen: inner.why === undefined && style.visible && hidesEnough(inner.paint.opacity),
  });
}

/** A picture placed over the flow: one that the message brings along is painted, another only where it has a background. */
export function coverByPicture(
  element: ElementNode,
  style: Style,
  frame: Frame,
  laying: Laying,
): void {
  if (style.position !== "absolute" && style.position !== "fixed") return;
  const isBroughtAlong = broughtAlong.test(element.attributes.get("src") ?? "");
  const shown = isBroughtAlong ? { ...style, backgroundColor: white } : style;
  const box = placeAbsolute(element, shown, frame, laying.quirks);
  const inner = innerFrame(shown, frame, box, false, false);
  const covering = enterCover(shown, box, inner, laying);
  if (covering !== undefined) laying.covers?.leave(covering, box.height ?? 0);
}

/** Boxes of ::before and ::after that are placed over the element; their text is listed elsewhere. */
function layGenerated(element: ElementNode, style: Style, inner: Frame, laying: Laying): void {
  for (const own of laying.generatedStyles(element, style)) {
    if (own.display === "none" || own.position !== "absolute") continue;
    const empty: ElementNode = { ...element, children: [] };
    const box = placeAbsolute(empty, own, { ...inner, style: own }, laying.quirks);
    const frame = innerFrame(own, inner, box, false, false);
    const covering = enterCover(own, box, frame, laying);
    if (covering !== undefined) laying.covers?.leave(covering, box.height ?? 0);
  }
}

/** The frame for a block's content. The body's background is the canvas's, which lies behind everything. */
function innerFrame(
  style: Style,
  frame: Frame,
  box: Box,
  isInlineBlock: boolean,
  isBody: boolean,
): Frame {
  const under = isInlineBlock ? frame.paint : frame.blockPaint;
  const paint = paintElement(under, isFlat(style, box) ? { ...style, ...noBackground } : style);
  const transformed = transformShift(style, box);
  const shiftX = box.shiftX + transformed.x;
  const shiftY = box.shiftY + transformed.y;
  const cut = pathClip(style, frame, box, { x: shiftX, y: shiftY });
  const clip = intersect(
    intersect(outerClip(style, frame), ownClip(style, frame, box, shiftX, shiftY)),
    cut,
  );
  const isAnchor = style.position !== "static" || style.transform.length > 0;
  const corner = { left: box.left + shiftX, top: box.top + shiftY };
  const padLeft = resolveDimension(style.padding.left, frame.width);
  const pushed = padLeft > pushedPx ? padLeft : 0;
  const sized = style.width !== "auto";
  return {
    style,
    why:
      frame.why ??
      whySunk(style, frame.covers) ??
      whyBoxHidden(style, paint.opacity, false, box.width),
    link: frame.link,
    paint,
    blockPaint: paint,
    scale: frame.scale * scaleOf(style, false),
    left: box.left + padLeft - pushed,
    width: Math.max(0, box.width),
    flow: box.flow,
    shiftX: shiftX + pushed,
    shiftY,
    clip,
    anchor: isAnchor
      ? { ...corner, width: box.width, height: box.height, clip }
      : cut === undefined
        ? frame.anchor
        : { ...frame.anchor, clip: intersect(frame.anchor.clip, cut) }, // it cuts what is placed by others, too
    table: style.display.endsWith("table")
      ? { fixed: style.fixedTable && sized, sized }
      : frame.table,
    covers: !isStackingContext(style) && (frame.covers || (!isBody && isOpaque(style))),
    fixed: style.position === "fixed" || (frame.fixed && style.position !== "absolute"),
  };
}

/** Positioned boxes are cut by the boxes that they are placed by alone. */
function outerClip(style: Style, frame: Frame): Clip | undefined {
  if (style.position === "fixed") return undefined;
  return style.position === "absolute" ? frame.anchor.clip : frame.clip;
}

function isRow(style: Style): boolean {
  if (style.display === "table-row") return true;
  return (style.display === "flex" || style.display === "inline-flex") && !style.column;
}

/** Moves the outer cursor behind the box. */
function closeBox(
  style: Style,
  frame: Frame,
  box: Box,
  padTop: number,
  isInlineBlock: boolean,
): void {
  const { flow } = frame;
  const outer = outerHeight(style, frame, box, padTop);
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

/** Height with padding, once the content is laid. */
function outerHeight(style: Style, frame: Frame, box: Box, padTop: number): number {
  const content = box.flow.y + box.flow.margin - box.top - padTop;
  const least = resolveSize(style.minHeight, 0) ?? 0;
  const most = maxHeightOf(style) ?? Number.POSITIVE_INFINITY;
  const height = Math.min(most, Math.max(least, box.height ?? content));
  return padTop + height + resolveDimension(style.padding.bottom, frame.width);
}
