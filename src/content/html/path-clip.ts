// The area that clip-path leaves of a box (CSS Masking 1 §5), by its outermost edges.
import type { Length } from "../style/length.ts";
import { resolveLength } from "../style/length.ts";
import type { Style } from "../style/style.ts";
import type { Box } from "./box-place.ts";
import { type Clip, type Frame, resolveDimension } from "./frame.ts";

const farPx = 1e7; // no edge

/** undefined where there is none, or where its edges are not known. */
export function pathClip(
  style: Style,
  frame: Frame,
  box: Box,
  shift: { readonly x: number; readonly y: number },
): Clip | undefined {
  const shape = style.clipPath;
  if (shape === undefined) return undefined;
  const padding = (side: "left" | "right" | "top" | "bottom"): number =>
    resolveDimension(style.padding[side], frame.width);
  const width = box.width + padding("left") + padding("right");
  const height = box.height === undefined ? undefined : box.height + padding("top") + padding("bottom"); // prettier-ignore
  const x = (length: Length): number => resolve(length, width);
  const y = (length: Length): number | undefined =>
    height === undefined && isRelative(length) ? undefined : resolve(length, height ?? 0);
  const left = box.left + shift.x;
  const top = box.top + shift.y;
  const clip = (
    edges: readonly [number, number | undefined, number | undefined, number],
  ): Clip => ({
    left: left + edges[0],
    top: edges[1] === undefined ? -farPx : top + edges[1],
    bottom: edges[2] === undefined ? farPx : top + edges[2],
    right: left + edges[3],
    why: "clip-path",
  });
  switch (shape.kind) {
    case "inset": {
      const [above, right, below, before] = shape.sides;
      if (above === undefined || right === undefined || below === undefined || before === undefined)
        return undefined;
      const under = height === undefined ? undefined : height - resolve(below, height);
      return clip([x(before), y(above), under, width - x(right)]);
    }
    case "rect": {
      const [above, right, below, before] = shape.edges;
      return clip([
        before === undefined ? 0 : x(before),
        above === undefined ? 0 : y(above),
        below === undefined ? undefined : y(below),
        right === undefined ? width : x(right),
      ]);
    }
    case "polygon": {
      const xs = shape.points.map(([at]) => x(at));
      const ys = shape.points.map(([, at]) => y(at));
      const known = ys.filter((at) => at !== undefined);
      const all = known.length === ys.length && ys.length > 0;
      return clip([
        Math.min(...xs),
        all ? Math.min(...known) : undefined,
        all ? Math.max(...known) : undefined,
        Math.max(...xs),
      ]);
    }
    case "round":
    case "unknown":
      return undefined;
  }
}

function isRelative(length: Length): boolean {
  return length.kind === "sum" ? length.percent !== 0 : length.of.some(isRelative);
}

function resolve(length: Length, percentOfPx: number): number {
  return resolveLength(length, { emPx: 16, remPx: 16, percentOfPx });
}
