// Shorthand properties taken apart into the longhands that decide whether text is seen.
import { fourSides } from "./clip.ts";
import { placePairs, readLayer } from "./layer-place.ts";
import { longhandNames, readLonghand } from "./longhands.ts";
import { functionCall, splitTop } from "./split.ts";
import { type CssValue, word } from "./value.ts";

/** What a declaration sets a longhand to. */
export type Pair = readonly [property: string, value: CssValue];

interface Shorthand {
  readonly longhands: readonly string[];
  readonly expand: (value: string, quirks: boolean) => readonly Pair[];
}

const sides = ["top", "right", "bottom", "left"];

function sidesOf(names: readonly string[]): Shorthand {
  return {
    longhands: names,
    expand: (value, quirks) => {
      const parts = splitTop(value, " ");
      if (parts.length === 0 || parts.length > names.length) return [];
      const texts =
        names.length === 4 ? fourSides(parts) : [parts[0] ?? "", parts[1] ?? parts[0] ?? ""];
      return readAll(
        names.map((name, index) => [name, texts[index] ?? ""] as const),
        quirks,
      );
    },
  };
}

/** All or nothing: one bad part makes the whole shorthand invalid. */
function readAll(pairs: readonly (readonly [string, string])[], quirks: boolean): readonly Pair[] {
  const read: Pair[] = [];
  for (const [name, text] of pairs) {
    const value = readLonghand(name, text, quirks);
    if (value === undefined) return [];
    read.push([name, value]);
  }
  return read;
}

const gridLonghands = ["grid-template-rows", "grid-template-columns"];

/** `rows / columns`; areas by name and automatic flow leave no track empty. */
function expandGrid(value: string, quirks: boolean): readonly Pair[] {
  const [rows = "none", columns = "none"] = splitTop(value, "/");
  const isPlain = !/["']|auto-flow/.test(value);
  return readAll(
    [
      ["grid-template-rows", isPlain ? rows.trim() : "none"],
      ["grid-template-columns", isPlain ? columns.trim() : "none"],
    ],
    quirks,
  );
}

const animationLonghands = [
  "animation-name",
  "animation-fill-mode",
  "animation-duration",
  "animation-delay",
  "animation-iteration-count",
  "animation-play-state",
];

const fontLonghands = ["font-size", "line-height", "font-size-adjust"];
const maskLonghands = ["mask-image", "mask-size", "mask-repeat", "mask-position"];

export const shorthands: Readonly<Record<string, Shorthand>> = {
  margin: sidesOf(sides.map((side) => `margin-${side}`)),
  padding: sidesOf(sides.map((side) => `padding-${side}`)),
  inset: sidesOf(sides),
  "margin-inline": sidesOf(["margin-left", "margin-right"]),
  "margin-block": sidesOf(["margin-top", "margin-bottom"]),
  "padding-inline": sidesOf(["padding-left", "padding-right"]),
  "padding-block": sidesOf(["padding-top", "padding-bottom"]),
  "inset-inline": sidesOf(["left", "right"]),
  "inset-block": sidesOf(["top", "bottom"]),
  overflow: sidesOf(["overflow-x", "overflow-y"]),
  font: { longhands: fontLonghands, expand: expandFont },
  background: {
    longhands: [
      "background-color",
      "background-image",
      "background-clip",
      "background-size",
      "background-repeat",
      "background-position",
    ],
    expand: expandBackground,
  },
  animation: { longhands: animationLonghands, expand: expandAnimation },
  "-webkit-animation": { longhands: animationLonghands, expand: expandAnimation },
  grid: { longhands: gridLonghands, expand: expandGrid },
  "grid-template": { longhands: gridLonghands, expand: expandGrid },
  flex: { longhands: ["flex-grow", "flex-basis"], expand: expandFlex },
  "-webkit-text-stroke": {
    longhands: ["-webkit-text-stroke-width", "-webkit-text-stroke-color"],
    expand: expandStroke,
  },
  mask: { longhands: maskLonghands, expand: expandMask },
  "-webkit-mask": { longhands: maskLonghands, expand: expandMask },
  all: { longhands: longhandNames.filter((name) => name !== "direction"), expand: () => [] },
};

/** `[style weight…] size[/line-height] family`, or a system font. */
function expandFont(value: string, quirks: boolean): readonly Pair[] {
  if (/^(?:caption|icon|menu|message-box|small-caption|status-bar)$/.test(value))
    return readAll(
      [
        ["font-size", "13.333px"],
        ["line-height", "normal"],
        ["font-size-adjust", "none"],
      ],
      quirks,
    );
  const parts = splitTop(value.replace(/\s*\/\s*/g, "/"), " ");
  for (const [index, part] of parts.entries()) {
    if (
      /^(?:normal|italic|oblique|bold|bolder|lighter|small-caps|[1-9]\d{2}|1000|(?:ultra-|extra-|semi-)?(?:condensed|expanded)|[\d.]+deg)$/.test(
        part,
      )
    )
      continue;
    const [size = "", height = "normal"] = splitTop(part, "/");
    if (index === parts.length - 1) return []; // a family must follow
    return readAll(
      [
        ["font-size", size],
        ["line-height", height],
        ["font-size-adjust", "none"],
      ],
      false,
    );
  }
  return [];
}

/** Layers between commas; only the last has a colour. */
function expandBackground(value: string, quirks: boolean): readonly Pair[] {
  const layers = splitTop(value, ",").map(readLayer);
  const images: string[] = [];
  let color: CssValue | undefined;
  let clip = "border-box";
  for (const [index, { others }] of layers.entries()) {
    let image = "none";
    for (const part of others) {
      const call = functionCall(part);
      if (call !== undefined && /(?:gradient|^url|image|cross-fade|element)/.test(call.name))
        image = part;
      else if (/^(?:text|border-box|padding-box|content-box)$/.test(part)) clip = part;
      else if (!/^(?:none|scroll|fixed|local)$/.test(part)) {
        const read = readLonghand("background-color", part, quirks);
        if (read === undefined || index < layers.length - 1 || color !== undefined) return [];
        color = read;
      }
    }
    images.push(image);
  }
  const image = readImages("background-image", images, quirks);
  if (image === undefined) return [];
  return [
    ["background-color", color ?? { kind: "wide", word: "initial" }],
    ["background-image", image],
    ["background-clip", word(clip)],
    ...placePairs("background", layers),
  ];
}

function readImages(
  property: string,
  images: readonly string[],
  quirks: boolean,
): CssValue | undefined {
  const hasImage = images.some((image) => image !== "none");
  return hasImage ? readLonghand(property, images.join(","), quirks) : word("none");
}

/** `grow shrink basis`, `basis`, `none` or `auto`. */
function expandFlex(value: string, quirks: boolean): readonly Pair[] {
  if (value === "none")
    return readAll(
      [
        ["flex-grow", "0"],
        ["flex-basis", "auto"],
      ],
      quirks,
    );
  const parts = splitTop(value, " ");
  const numbers = parts.filter((part) => /^[\d.]+$/.test(part));
  const basis =
    parts.find((part) => !numbers.includes(part)) ??
    numbers[2] ??
    (numbers.length > 0 ? "0%" : "auto");
  return readAll(
    [
      ["flex-grow", numbers[0] ?? "1"],
      ["flex-basis", basis],
    ],
    quirks,
  );
}

const animationWord =
  /^(?:[\d.+-]+m?s|[\d.]+|infinite|normal|reverse|alternate|alternate-reverse|running|paused|linear|ease|ease-in|ease-out|ease-in-out|step-start|step-end|[\w-]+\(.*\))$/;

function expandAnimation(value: string): readonly Pair[] {
  const lists: string[][] = animationLonghands.map(() => []);
  for (const animation of splitTop(value, ",")) {
    const parts = splitTop(animation, " ");
    const fill = parts.find((part) => /^(?:forwards|backwards|both)$/.test(part)) ?? "none";
    const [duration = "0s", delay = "0s"] = parts.filter((part) => /^[\d.+-]+m?s$/.test(part));
    const times = parts.find((part) => part === "infinite" || /^[\d.]+$/.test(part)) ?? "1";
    const state = parts.includes("paused") ? "paused" : "running";
    const name = parts.find((part) => part !== fill && part !== "none" && !animationWord.test(part)); // prettier-ignore
    for (const [index, item] of [name ?? "none", fill, duration, delay, times, state].entries())
      lists[index]?.push(item);
  }
  return animationLonghands.map((property, index) => [
    property,
    { kind: "list", items: lists[index] ?? [] },
  ]);
}

function expandStroke(value: string, quirks: boolean): readonly Pair[] {
  const parts = splitTop(value, " ");
  const width = parts.find((part) => readLonghand("-webkit-text-stroke-width", part, quirks) !== undefined); // prettier-ignore
  const color = parts.find((part) => part !== width) ?? "currentcolor";
  return readAll(
    [
      ["-webkit-text-stroke-width", width ?? "0"],
      ["-webkit-text-stroke-color", color],
    ],
    quirks,
  );
}

function expandMask(value: string, quirks: boolean): readonly Pair[] {
  const layers = splitTop(value, ",").map(readLayer);
  const images = layers.map(
    ({ others }) =>
      others.find((part) => /(?:gradient|^url|image)/.test(functionCall(part)?.name ?? "")) ??
      "none",
  );
  const image = readImages("mask-image", images, quirks);
  return image === undefined ? [] : [["mask-image", image], ...placePairs("mask", layers)];
}
