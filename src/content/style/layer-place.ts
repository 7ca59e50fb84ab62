// Where the layers of a background or mask are painted: size, repeat and position, as far as they keep the box from being covered.
import { parseLength, resolveLength } from "./length.ts";
import { splitTop } from "./split.ts";
import type { CssValue } from "./value.ts";

// Of a box whose size is not known: as wide as a narrow mail and as high as a footer.
const boxPx = { x: 600, y: 240 } as const;
const coveredShare = 0.8;
const movedPx = 50; // further off its place, a layer that is not repeated leaves the text

/** One item for each layer; items are used again where there are more layers. */
export function readLayerList(text: string): CssValue {
  return { kind: "list", items: splitTop(text, ",").slice(0, 20) };
}

/** Where each layer of a list is painted. */
export interface LayerPlaces {
  readonly sizes: CssValue | undefined;
  readonly repeats: CssValue | undefined;
  readonly positions: CssValue | undefined;
}

export type Covering = "all" | "part" | "none";

/** How much of the box that layer covers, were it a gradient: it has no size of its own. */
export function coveringOf({ sizes, repeats, positions }: LayerPlaces, layer: number): Covering {
  const size = itemOf(sizes, layer);
  const [x = "repeat", y = x] = repeatsOf(itemOf(repeats, layer) ?? "");
  const [width = "auto", height = "auto"] = splitTop(size ?? "", " ");
  const isMoved = isMovedOff(itemOf(positions, layer) ?? "");
  const both = [along(width, x, boxPx.x, isMoved), along(height, y, boxPx.y, isMoved)];
  return both.includes("none") ? "none" : both.includes("part") ? "part" : "all";
}

function itemOf(list: CssValue | undefined, layer: number): string | undefined {
  if (list?.kind !== "list" || list.items.length === 0) return undefined;
  return list.items[layer % list.items.length];
}

function repeatsOf(text: string): readonly string[] {
  if (text === "repeat-x") return ["repeat", "no-repeat"];
  if (text === "repeat-y") return ["no-repeat", "repeat"];
  return text === "" ? [] : text.split(" ");
}

function along(size: string, repeat: string, ofPx: number, isMoved: boolean): Covering {
  const length = parseLength(size); // none for auto, cover and contain: the whole box
  const px =
    length === undefined ? ofPx : resolveLength(length, { emPx: 16, remPx: 16, percentOfPx: ofPx });
  if (px <= 0) return "none";
  if (repeat === "repeat" || repeat === "round") return "all";
  return px >= ofPx * coveredShare && !isMoved ? "all" : "part";
}

/** Percentages move by a share of the room that the layer leaves: none where it fills the box. */
function isMovedOff(position: string): boolean {
  return splitTop(position, " ").some((part) => {
    const length = parseLength(part);
    if (length === undefined) return false;
    return Math.abs(resolveLength(length, { emPx: 16, remPx: 16, percentOfPx: 0 })) > movedPx;
  });
}

const repeatWord = /^(?:repeat|repeat-x|repeat-y|no-repeat|space|round)$/;
const placeWord = /^(?:left|right|top|bottom|center)$/;
const sizeWord = /^(?:cover|contain|auto)$/;

/** One layer of a shorthand, taken apart. */
export interface Layer {
  readonly size: string;
  readonly repeat: string;
  readonly position: string;
  /** All that is neither. */
  readonly others: readonly string[];
}

export function readLayer(text: string): Layer {
  const size: string[] = [];
  const repeat: string[] = [];
  const position: string[] = [];
  const others: string[] = [];
  let sizesLeft = 0; // behind the slash stand one or two
  for (const part of splitTop(withSpacedSlashes(text), " ")) {
    const isLength = parseLength(part) !== undefined;
    if (part === "/") sizesLeft = 2;
    else if (sizesLeft > 0 && (isLength || sizeWord.test(part))) {
      size.push(part);
      sizesLeft -= 1;
    } else {
      sizesLeft = 0;
      if (repeatWord.test(part)) repeat.push(part);
      else if (isLength || placeWord.test(part)) position.push(part);
      else others.push(part);
    }
  }
  return {
    size: size.join(" ") || "auto",
    repeat: repeat.join(" ") || "repeat",
    position: position.join(" ") || "0 0",
    others,
  };
}

/** Slashes outside brackets and strings. */
function withSpacedSlashes(text: string): string {
  return splitTop(text, "/").join(" / ");
}

/** The longhands of places, as a shorthand sets them. */
export function placePairs(
  prefix: "background" | "mask",
  layers: readonly Layer[],
): readonly (readonly [string, CssValue])[] {
  const list = (items: readonly string[]): CssValue => ({ kind: "list", items });
  return [
    [`${prefix}-size`, list(layers.map(({ size }) => size))],
    [`${prefix}-repeat`, list(layers.map(({ repeat }) => repeat))],
    [`${prefix}-position`, list(layers.map(({ position }) => position))],
  ];
}
