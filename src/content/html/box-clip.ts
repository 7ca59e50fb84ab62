// What a box cuts off of its content by overflow, and how high it can be.
import type { Style } from "../style/style.ts";
import type { Box } from "./box-place.ts";
import { type Clip, type Frame, lineHeightOf, resolveDimension, resolveSize } from "./frame.ts";

const unclippable =
  /^(?:inline|contents|ruby.*|table|table-(?:row|column|header|footer).*|table-row-group)$/;
const scrollableMinPx = 20; // a scrolled area smaller than this shows nothing
const flatPx = 2;
const farPx = 1e7; // no edge

/** The area that overflow leaves, in page coordinates. */
export function ownClip(
  style: Style,
  frame: Frame,
  box: Box,
  shiftX: number,
  shiftY: number,
): Clip | undefined {
  if (unclippable.test(style.display)) return undefined;
  const isCell = style.display === "table-cell";
  if (isCell && !frame.table.fixed && (style.maxWidth === "auto" || frame.table.sized))
    return undefined;
  if (style.overflowX === "visible" && style.overflowY === "visible") return undefined;
  const padX =
    resolveDimension(style.padding.left, frame.width) +
    resolveDimension(style.padding.right, frame.width);
  const padY =
    resolveDimension(style.padding.top, frame.width) +
    resolveDimension(style.padding.bottom, frame.width);
  const least = resolveSize(style.minHeight, 0) ?? 0;
  const fixed = Math.min(
    box.height ?? Number.POSITIVE_INFINITY,
    maxHeightOf(style) ?? Number.POSITIVE_INFINITY,
  );
  const clamped = style.display === "box" && style.lineClamp > 0;
  const lines = clamped ? style.lineClamp * lineHeightOf(style) : Number.POSITIVE_INFINITY;
  const height = isCell ? Number.POSITIVE_INFINITY : Math.min(lines, Math.max(least, fixed)) + padY;
  const width = box.width + padX;
  const scrollsX = /^(?:auto|scroll|overlay)$/.test(style.overflowX) && width >= scrollableMinPx;
  const scrollsY = /^(?:auto|scroll|overlay)$/.test(style.overflowY) && height >= scrollableMinPx;
  const clipsX = style.overflowX !== "visible" && !scrollsX;
  const clipsY = style.overflowY !== "visible" && !scrollsY;
  if (!clipsX && !clipsY) return undefined;
  const left = box.left + shiftX;
  const top = box.top + shiftY;
  const why =
    height < width
      ? `overflow:hidden, height ${Math.round(height)}px`
      : `overflow:hidden, width ${Math.round(width)}px`;
  return {
    left: clipsX ? left : -farPx,
    right: clipsX ? left + width : farPx,
    top: clipsY ? top : -farPx,
    bottom: clipsY ? top + height : farPx,
    ...(clipsY && !Number.isFinite(height) ? { openShiftY: shiftY, openPadPx: padY } : {}),
    why: Number.isFinite(height) ? why : `overflow:hidden, width ${Math.round(width)}px`,
  };
}

/** The box is too flat for its background to lie behind text that overflows it. */
export function isFlat(style: Style, box: Box): boolean {
  const height = Math.min(
    box.height ?? Number.POSITIVE_INFINITY,
    maxHeightOf(style) ?? Number.POSITIVE_INFINITY,
  );
  const least = resolveSize(style.minHeight, 0) ?? 0;
  const padding = style.contentClip ? 0 : style.padding.top.px + style.padding.bottom.px;
  return !style.display.startsWith("table") && Math.max(least, height) + padding <= flatPx;
}

/** max-height in px; undefined for none and for percentages of what is not known. */
export function maxHeightOf(style: Style): number | undefined {
  return style.maxHeight === "auto" || style.maxHeight.relative === true
    ? undefined
    : style.maxHeight.px;
}
