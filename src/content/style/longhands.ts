// The longhand properties that decide whether text is seen: how each is read, and whether it is inherited.
import { parseClip, parseClipPath } from "./clip.ts";
import { blendModes } from "./blend.ts";
import { parseFilter } from "./filter.ts";
import { readSizeAdjust } from "./font-size.ts";
import { readLayerList } from "./layer-place.ts";
import { parsePaint } from "./paint.ts";
import { parseLength, resolveLength } from "./length.ts";
import { parseTracks } from "./grid-tracks.ts";
import { splitTop } from "./split.ts";
import { parseRotate, parseScale, parseTransform, parseTranslate } from "./transform.ts";
import { color, keywords, lengthOr, numberOrPercent, numberPattern, type Read, words } from "./value-readers.ts"; // prettier-ignore
import { type CssValue, word } from "./value.ts";

const sizes =
  "auto min-content max-content fit-content stretch -webkit-fill-available -webkit-fit-content -moz-fit-content intrinsic min-intrinsic";
const size = lengthOr(sizes, { quirky: true });
const maxSize = lengthOr(`none ${sizes.slice(5)}`, { quirky: true });
const offset = lengthOr("auto", { negative: true, quirky: true });
const padding = lengthOr("", { quirky: true });
const overflow = words("visible hidden clip scroll auto overlay");
const fontSize = lengthOr(
  "xx-small x-small small medium large x-large xx-large xxx-large smaller larger math",
  { quirky: true },
);

const lineHeight: Read = (text) => {
  if (text === "normal") return word(text);
  if (numberPattern.test(text))
    return Number(text) < 0 ? undefined : { kind: "number", number: Number(text) };
  return padding(text, false);
};

const displays =
  "none contents block inline inline-block flow-root flex inline-flex grid inline-grid table inline-table table-row table-cell table-row-group table-header-group table-footer-group table-column table-column-group table-caption list-item run-in ruby ruby-base ruby-text ruby-base-container ruby-text-container math -webkit-box -webkit-inline-box -webkit-flex -webkit-inline-flex grid-lanes inline-grid-lanes";
const displaySet = new Set(displays.split(" "));
/** Two words (`block flow`) say the same as one. */
const display: Read = (text) => {
  if (displaySet.has(text))
    return text === "run-in" ? undefined : word(text.replace(/^-webkit-/, ""));
  const parts = text.split(/\s+/);
  if (parts.length < 2 || parts.length > 3) return undefined;
  const known = /^(?:block|inline|flow|flow-root|table|flex|grid|ruby|math|list-item)$/;
  if (!parts.every((part) => known.test(part))) return undefined;
  const inner = parts.find((part) => !/^(?:block|inline|flow)$/.test(part));
  if (!parts.includes("inline"))
    return word(inner === undefined || inner === "flow-root" ? "block" : inner);
  if (inner === undefined) return word("inline");
  return word(inner === "flow-root" ? "inline-block" : `inline-${inner}`);
};

const whiteSpace: Read = (text) => {
  if (/^(?:normal|pre|nowrap|pre-wrap|pre-line|break-spaces)$/.test(text)) return word(text);
  const parts = text.split(/\s+/);
  if (
    !parts.every((part) =>
      /^(?:collapse|preserve|preserve-breaks|preserve-spaces|break-spaces|wrap|nowrap)$/.test(part),
    )
  )
    return undefined;
  const wraps = !parts.includes("nowrap");
  if (parts.includes("preserve-breaks")) return word("pre-line");
  if (parts.some((part) => /^(?:preserve|preserve-spaces|break-spaces)$/.test(part)))
    return word(wraps ? "pre-wrap" : "pre");
  return word(wraps ? "normal" : "nowrap");
};

/** A hanging indent leaves the first line where it is. */
const textIndent: Read = (text, quirks) => {
  const parts = splitTop(text, " ").filter((part) => part !== "hanging" && part !== "each-line");
  const [only] = parts;
  const read = parts.length === 1 && only !== undefined ? offset(only, quirks) : undefined;
  return read !== undefined && /\bhanging\b/.test(text) ? offset("0", quirks) : read;
};

const aspectRatio: Read = (text) => {
  const [width = "", height = "1"] = text.replace(/\bauto\b/, "").split("/");
  const ratio = Number(width.trim()) / Number(height.trim());
  if (text === "auto") return word(text);
  return ratio > 0 && Number.isFinite(ratio) ? { kind: "number", number: ratio } : undefined;
};

/** The first of a list is painted on top. */
const textShadow: Read = (text, quirks) => {
  if (text === "none") return word(text);
  const parts = splitTop(splitTop(text, ",")[0] ?? "", " ");
  const lengths = parts.map((part) => parseLength(part)).filter((length) => length !== undefined);
  const px = lengths.map((length) =>
    resolveLength(length, { emPx: 16, remPx: 16, percentOfPx: 0 }),
  );
  if (px.length < 2) return undefined;
  if (px.some((each) => Math.abs(each) > shadowNearPx)) return word("far");
  const said = parts.find((part) => parseLength(part) === undefined);
  return said === undefined ? { kind: "color", color: "current" } : color(said, quirks);
};
const shadowNearPx = 3; // further off or more blurred it is no letter

const zoom: Read = (text) =>
  text === "normal" || text === "reset"
    ? { kind: "number", number: 1 }
    : numberOrPercent(text, false);

function readContain(text: string): CssValue | undefined {
  const parts = text.split(/\s+/);
  const known = parts.every((part) =>
    /^(?:none|strict|content|size|inline-size|layout|style|paint)$/.test(part),
  );
  return known ? word(text) : undefined;
}

function px(value: number): CssValue {
  return { kind: "length", length: { kind: "sum", px: value, em: 0, rem: 0, percent: 0 } };
}

/** The quoted strings of generated content; counters and attributes give no text, pictures take an element's place. */
function readContent(text: string): CssValue {
  if (/^(?:url|image-set|-webkit-image-set)\(/.test(text)) return word("picture");
  const strings = text.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g) ?? [];
  return strings.length === 0
    ? word("none")
    : { kind: "text", text: strings.map((part) => part.slice(1, -1)).join("") };
}

interface Longhand {
  readonly read: Read;
  readonly inherited?: true;
}

const table: Readonly<Record<string, Longhand>> = {
  color: { read: color, inherited: true },
  "-webkit-text-fill-color": { read: color, inherited: true },
  "font-size": { read: fontSize, inherited: true },
  "font-size-adjust": { read: readSizeAdjust, inherited: true },
  "line-height": { read: lineHeight, inherited: true },
  visibility: { ...keywords("visible hidden collapse"), inherited: true },
  "pointer-events": { ...keywords("auto none all visible painted fill stroke"), inherited: true },
  "text-indent": { read: textIndent, inherited: true },
  "letter-spacing": { read: lengthOr("normal", { negative: true, quirky: true }), inherited: true },
  "white-space": { read: whiteSpace, inherited: true },
  "text-align": {
    ...keywords(
      "start end left right center justify match-parent -webkit-center -webkit-left -webkit-right",
    ),
    inherited: true,
  },
  "-webkit-line-clamp": {
    read: (text) =>
      text === "none"
        ? word(text)
        : /^[1-9]\d*$/.test(text)
          ? { kind: "number", number: Number(text) }
          : undefined,
  },
  direction: { ...keywords("ltr rtl"), inherited: true },
  "unicode-bidi": keywords(
    "normal embed isolate bidi-override isolate-override plaintext -webkit-isolate -webkit-isolate-override -webkit-plaintext",
  ),
  "-webkit-text-security": { ...keywords("none circle disc square"), inherited: true },
  display: { read: display },
  opacity: { read: numberOrPercent },
  "z-index": {
    read: (text) =>
      text === "auto"
        ? word(text)
        : /^[+-]?\d{1,10}$/.test(text)
          ? { kind: "number", number: Number(text) }
          : undefined,
  },
  position: keywords("static relative absolute fixed sticky -webkit-sticky"),
  float: keywords("none left right inline-start inline-end"),
  left: { read: offset },
  right: { read: offset },
  top: { read: offset },
  bottom: { read: offset },
  width: { read: size },
  height: { read: size },
  "min-width": { read: size },
  "min-height": { read: size },
  "max-width": { read: maxSize },
  "max-height": { read: maxSize },
  "margin-left": { read: offset },
  "margin-right": { read: offset },
  "margin-top": { read: offset },
  "margin-bottom": { read: offset },
  "padding-left": { read: padding },
  "padding-right": { read: padding },
  "padding-top": { read: padding },
  "padding-bottom": { read: padding },
  "overflow-x": { read: overflow },
  "overflow-y": { read: overflow },
  clip: { read: parseClip },
  "clip-path": { read: parseClipPath },
  transform: { read: parseTransform },
  translate: { read: parseTranslate },
  scale: { read: parseScale },
  rotate: { read: parseRotate },
  "backface-visibility": keywords("visible hidden"),
  "content-visibility": keywords("visible auto hidden"),
  filter: { read: parseFilter },
  zoom: { read: zoom },
  "background-color": { read: color },
  "background-image": { read: parsePaint },
  "background-clip": keywords("border-box padding-box content-box text border-area"),
  "background-size": { read: readLayerList },
  "background-repeat": { read: readLayerList },
  "background-position": { read: readLayerList },
  "background-blend-mode": keywords(blendModes),
  "mix-blend-mode": keywords(blendModes),
  "mask-image": { read: parsePaint },
  "mask-size": { read: readLayerList },
  "mask-repeat": { read: readLayerList },
  "mask-position": { read: readLayerList },
  "aspect-ratio": { read: aspectRatio },
  "text-shadow": { read: textShadow, inherited: true },
  "-webkit-text-stroke-width": {
    read: (text) => ({ thin: px(1), medium: px(3), thick: px(5) })[text] ?? padding(text, false),
    inherited: true,
  },
  "-webkit-text-stroke-color": { read: color, inherited: true },
  "mso-hide": keywords("all none screen"),
  "flex-direction": keywords("row row-reverse column column-reverse"),
  "animation-name": { read: (text) => ({ kind: "list", items: splitTop(text, ",") }) },
  "animation-fill-mode": { read: (text) => ({ kind: "list", items: splitTop(text, ",") }) },
  "animation-duration": { read: (text) => ({ kind: "list", items: splitTop(text, ",") }) },
  "animation-delay": { read: (text) => ({ kind: "list", items: splitTop(text, ",") }) },
  "animation-iteration-count": { read: (text) => ({ kind: "list", items: splitTop(text, ",") }) },
  "animation-play-state": { read: (text) => ({ kind: "list", items: splitTop(text, ",") }) },
  contain: { read: readContain },
  "grid-template-columns": { read: parseTracks },
  "grid-template-rows": { read: parseTracks },
  "grid-auto-rows": { read: parseTracks },
  "flex-grow": { read: numberOrPercent },
  "flex-basis": { read: lengthOr(`content ${sizes}`) },
  "box-sizing": keywords("content-box border-box"),
  "table-layout": keywords("auto fixed"),
  content: { read: readContent },
};

/** Other names for the same properties (left to right, top to bottom: mail is written so). */
const aliases: Readonly<Record<string, string>> = {
  "-webkit-background-clip": "background-clip",
  "-webkit-background-size": "background-size",
  "-webkit-mask-image": "mask-image",
  "-webkit-mask-size": "mask-size",
  "-webkit-mask-repeat": "mask-repeat",
  "-webkit-mask-position": "mask-position",
  "line-clamp": "-webkit-line-clamp",
  "-webkit-transform": "transform",
  "-webkit-filter": "filter",
  "-webkit-opacity": "opacity",
  "-webkit-clip-path": "clip-path",
  "-webkit-backface-visibility": "backface-visibility",
  "inline-size": "width",
  "block-size": "height",
  "min-inline-size": "min-width",
  "min-block-size": "min-height",
  "max-inline-size": "max-width",
  "max-block-size": "max-height",
  "margin-inline-start": "margin-left",
  "margin-inline-end": "margin-right",
  "margin-block-start": "margin-top",
  "margin-block-end": "margin-bottom",
  "padding-inline-start": "padding-left",
  "padding-inline-end": "padding-right",
  "padding-block-start": "padding-top",
  "padding-block-end": "padding-bottom",
  "inset-inline-start": "left",
  "inset-inline-end": "right",
  "inset-block-start": "top",
  "inset-block-end": "bottom",
  "overflow-inline": "overflow-x",
  "overflow-block": "overflow-y",
};

export const longhandNames: readonly string[] = Object.keys(table);

export function canonicalName(property: string): string {
  return aliases[property] ?? property;
}

export function isLonghand(property: string): boolean {
  return Object.hasOwn(table, property);
}

export function isInherited(property: string): boolean {
  return property.startsWith("--") || table[property]?.inherited === true;
}

export function readLonghand(
  property: string,
  text: string,
  quirks: boolean,
): CssValue | undefined {
  return table[property]?.read(text, quirks);
}
