// Reasons for which a box and all in it is unseen, whatever its content's own style says.
import { viewport } from "../style/length.ts";
import type { Style } from "../style/style.ts";
import type { ClipShape } from "../style/value.ts";
import type { Length } from "../style/length.ts";
import { resolveLength } from "../style/length.ts";

/** Below this share of ink nothing is made out (measured against what a reader of black on white makes out). */
export const opacityMin = 0.1;
const scaleMin = 0.1;
const blurMaxPx = 8; // letters of usual size are a cloud
const clipMinPx = 2; // what is left of a box must be wider and higher than this

/** `opacity`: the product down to this element. `isInline`: transforms do not apply. */
export function whyBoxHidden(
  style: Style,
  opacity: number,
  isInline: boolean,
  widthPx: number,
): string | undefined {
  if (style.outlookHides) return "mso-hide:all";
  if (opacity < opacityMin) return `opacity ${round(opacity)}`;
  if (style.contentHidden && !isInline) return "content-visibility:hidden";
  if (style.maskAlpha < opacityMin) return "mask";
  if (style.blurPx >= blurMaxPx) return `filter:blur(${round(style.blurPx)}px)`;
  if (style.clip !== undefined && (style.position === "absolute" || style.position === "fixed")) {
    if (clipsAll(style.clip, widthPx)) return "clip";
  }
  if (style.clipPath !== undefined && clipsAll(style.clipPath, widthPx)) return "clip-path";
  return isInline ? undefined : whyTransformHides(style);
}

function whyTransformHides(style: Style): string | undefined {
  for (const step of style.transform) {
    if (step.kind === "scale" && Math.min(Math.abs(step.x), Math.abs(step.y)) < scaleMin)
      return "transform:scale(0)";
    if (step.kind === "rotate" && step.axis !== "z") {
      const turn = Math.cos((step.degrees * Math.PI) / 180);
      if (Math.abs(turn) < scaleMin) return "transform:rotate on edge";
      if (turn < 0 && style.backfaceHidden) return "turned away (backface-visibility:hidden)";
    }
    if (step.kind === "skew" && Math.abs(Math.cos((step.x * Math.PI) / 180)) < 0.02)
      return "transform:skew";
  }
  return undefined;
}

/** Painted before the backgrounds of its stacking context's blocks (CSS 2 appendix E.2): under them, where one is opaque. */
export function whySunk(style: Style, isCovered: boolean): string | undefined {
  const isSunk = style.position !== "static" && style.zIndex !== undefined && style.zIndex < 0;
  return isSunk && isCovered ? `z-index ${style.zIndex}` : undefined;
}

export function isStackingContext(style: Style): boolean {
  return (
    (style.position !== "static" && style.zIndex !== undefined) ||
    style.position === "fixed" ||
    style.position === "sticky" ||
    style.opacity < 1 ||
    style.blend !== "normal" ||
    style.transform.length > 0
  );
}

const opaqueMin = 0.9;

export function isOpaque(style: Style): boolean {
  return style.backgroundColor.a >= opaqueMin || (style.gradient?.a ?? 0) >= opaqueMin;
}

/** Smallest factor by which the style's transforms and zoom scale letters. */
export function scaleOf(style: Style, isInline: boolean): number {
  let scale = style.zoom;
  if (isInline) return scale;
  for (const step of style.transform)
    if (step.kind === "scale") scale *= Math.min(Math.abs(step.x), Math.abs(step.y));
  return scale;
}

const assumedHeightPx = 24; // of a box whose height is not known: one or two lines of text

function clipsAll(shape: ClipShape, widthPx: number): boolean {
  const x = (length: Length): number =>
    resolveLength(length, { emPx: 16, remPx: 16, percentOfPx: widthPx });
  const y = (length: Length): number =>
    resolveLength(length, { emPx: 16, remPx: 16, percentOfPx: assumedHeightPx });
  switch (shape.kind) {
    case "rect": {
      const [top, right, bottom, left] = shape.edges;
      const width =
        right === undefined ? widthPx : x(right) - (left === undefined ? 0 : Math.max(0, x(left)));
      const height =
        bottom === undefined
          ? viewport.heightPx
          : y(bottom) - (top === undefined ? 0 : Math.max(0, y(top)));
      const above = top !== undefined && bottom === undefined && y(top) > viewport.heightPx;
      return width <= clipMinPx || height <= clipMinPx || above;
    }
    case "inset": {
      const [top, right, bottom, left] = shape.sides;
      if (top === undefined || right === undefined || bottom === undefined || left === undefined)
        return false;
      return (
        widthPx - x(left) - x(right) <= clipMinPx ||
        assumedHeightPx - y(top) - y(bottom) <= clipMinPx
      );
    }
    case "round":
      return shape.radii.length > 0 && shape.radii.some((radius) => x(radius) <= clipMinPx);
    case "polygon": {
      const xs = shape.points.map(([left]) => x(left));
      const ys = shape.points.map(([, top]) => y(top));
      const width = Math.min(widthPx, Math.max(...xs)) - Math.max(0, Math.min(...xs));
      const height = Math.max(...ys) - Math.max(0, Math.min(...ys));
      return shape.points.length < 3 || width <= clipMinPx || height <= clipMinPx;
    }
    case "unknown":
      return false;
  }
}

export function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
