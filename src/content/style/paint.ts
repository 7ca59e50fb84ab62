// Background and mask images: gradients by their average colour; pictures are not loaded by a careful mail client.
import { black, type Color, mix, parseColor, transparent } from "./color.ts";
import { functionCall, splitTop } from "./split.ts";
import { coveringOf, type LayerPlaces } from "./layer-place.ts";
import { type CssValue, type PaintLayer, word } from "./value.ts";

const layersMax = 20;

/** `none`, or layers between commas, the first on top. */
export function parsePaint(text: string): CssValue | undefined {
  if (text === "none") return word("none");
  const layers: PaintLayer[] = [];
  for (const layer of splitTop(text, ",").slice(0, layersMax)) {
    const read = layer === "none" ? layer : isNowhere(layer) ? transparent : readImage(layer);
    if (read === undefined) return undefined;
    layers.push(read);
  }
  return { kind: "paint", layers };
}

/** What the gradients that cover the box come to; what covers a part of it leaves the colour below. */
export function backgroundOf(
  layers: readonly PaintLayer[],
  places: LayerPlaces,
): Color | undefined {
  let average: Color | undefined;
  for (const [index, layer] of layers.entries()) {
    if (typeof layer === "string" || coveringOf(places, index) !== "all") continue;
    average = average === undefined ? layer : layered(average, layer);
  }
  return average;
}

/** How much a mask leaves of what it is laid over: 0 to 1. */
export function maskOf(layers: readonly PaintLayer[], places: LayerPlaces): number {
  let left = transparent;
  let isMasked = false;
  for (const [index, layer] of layers.entries()) {
    if (layer === "none") continue;
    isMasked = true;
    const covering = coveringOf(places, index);
    if (layer === "picture") {
      if (covering !== "none") return 1;
    } else if (covering === "all") left = layered(left, layer);
  }
  return isMasked ? left.a : 1;
}

/** An element of the message itself, which as a mask or picture paints nothing: clients rename ids. */
function isNowhere(layer: string): boolean {
  return /^url\(\s*["']?#/.test(layer);
}

export function readImage(text: string): Color | "picture" | undefined {
  const call = functionCall(text);
  if (call === undefined) return undefined;
  if (
    /^(?:url|image-set|-webkit-image-set|cross-fade|-webkit-cross-fade|image|element|paint)$/.test(
      call.name,
    )
  )
    return "picture";
  if (
    !/^(?:-webkit-|-moz-|-o-)?(?:repeating-)?(?:linear|radial|conic)-gradient$/.test(call.name) &&
    call.name !== "-webkit-gradient"
  )
    return undefined;
  return averageOfStops(call.body);
}

/** The mean over the gradient's line: equal shares where the stops name no place. */
function averageOfStops(body: string): Color {
  const stops: { color: Color; at: number | undefined }[] = [];
  for (const part of splitTop(body, ",")) {
    const pieces = splitTop(part, " ");
    const color = pieces
      .map((piece) => parseColor(piece, black))
      .find((found) => found !== undefined);
    if (color === undefined) continue;
    const places = pieces
      .filter((piece) => /^[\d.]+%$/.test(piece))
      .map((piece) => Number.parseFloat(piece) / 100);
    if (places.length === 0) stops.push({ color, at: undefined });
    for (const at of places) stops.push({ color, at });
  }
  if (stops.length === 0) return transparent;
  const last = stops.length - 1;
  const placed = stops.map((stop, index) => ({
    color: stop.color,
    at: Math.min(1, Math.max(0, stop.at ?? (last === 0 ? 0 : index / last))),
  }));
  let total = 0;
  let sum: Color | undefined;
  const add = (color: Color, share: number): void => {
    if (share <= 0) return;
    sum = sum === undefined ? color : mix(sum, color, total / (total + share));
    total += share;
  };
  add(placed[0]?.color ?? transparent, placed[0]?.at ?? 0);
  for (let index = 1; index < placed.length; index += 1) {
    const before = placed[index - 1];
    const here = placed[index];
    if (before !== undefined && here !== undefined)
      add(mix(before.color, here.color, 0.5), here.at - before.at);
  }
  add(placed[last]?.color ?? transparent, 1 - (placed[last]?.at ?? 1));
  return sum ?? placed[0]?.color ?? transparent;
}

function layered(top: Color, under: Color): Color {
  const a = top.a + under.a * (1 - top.a);
  if (a === 0) return transparent;
  const at = (x: number, y: number): number => (x * top.a + y * under.a * (1 - top.a)) / a;
  return { r: at(top.r, under.r), g: at(top.g, under.g), b: at(top.b, under.b), a };
}
