// Presentational attributes of HTML (HTML Living Standard §15.3): bgcolor, color, size, width and their kin, as settings.
import type { ElementNode } from "../html/node.ts";
import { type Color, parseLegacyColor } from "./color.ts";
import type { Setting } from "./declaration.ts";
import { type Length, px } from "./length.ts";
import { type CssValue, word } from "./value.ts";

const backgroundTags = new Set("body table thead tbody tfoot tr td th".split(" "));
const sizedTags = new Set(
  "table td th col img iframe object embed video hr input canvas marquee tr thead tbody tfoot".split(
    " ",
  ),
);
const fontSizesPx = [10, 13, 16, 18, 24, 32, 48];

const hintNames = new Set(
  "align bgcolor background width height color size text href nowrap wrap hspace vspace marginwidth leftmargin rightmargin marginheight topmargin bottommargin".split(
    " ",
  ),
);
const alignedTags = new Set("div p h1 h2 h3 h4 h5 h6 td th tr tbody thead tfoot".split(" "));
const hintTags = new Set([...backgroundTags, ...sizedTags, ...alignedTags, "font", "a", "pre"]);
const cachedMax = 2000;
const cached = new Map<string, readonly Setting[]>();

/**
 * In the order of the cascade: after the browser's sheet, before every author rule. The same list is given for the same
 * attributes, so that whole styles can be shared.
 */
export function presentationalHints(element: ElementNode): readonly Setting[] {
  const { tag, attributes } = element;
  if (!hintTags.has(tag)) return none;
  const isCell = tag === "td" || tag === "th";
  let key: string = tag;
  for (const [name, value] of attributes)
    if (hintNames.has(name)) key += `\n${name}=${name === "href" ? "" : value}`;
  if (isCell) key += `\n${cellPaddingOf(element) ?? ""}`;
  if (tag === "a") key += `\n${bodyOf(element)?.attributes.get("link") ?? ""}`;
  let settings = cached.get(key);
  if (settings === undefined) {
    settings = readHints(element);
    if (cached.size >= cachedMax) cached.clear();
    cached.set(key, settings.length === 0 ? none : settings);
  }
  return settings.length === 0 ? none : settings;
}

function readHints(element: ElementNode): readonly Setting[] {
  const { tag, attributes } = element;
  const settings: Setting[] = [];
  const set = (property: string, value: CssValue | undefined): void => {
    if (value !== undefined) settings.push({ property, value, important: false });
  };
  if (backgroundTags.has(tag)) {
    set("background-color", colorValue(attributes.get("bgcolor")));
    const picture = attributes.get("background");
    if (picture !== undefined && picture.trim() !== "")
      set("background-image", { kind: "paint", layers: ["picture"] });
  }
  if (alignedTags.has(tag)) {
    const align = attributes.get("align")?.trim().toLowerCase() ?? "";
    if (/^(?:left|right|center|justify)$/.test(align)) set("text-align", word(align));
  }
  if (sizedTags.has(tag)) {
    if (!/^t(?:r|body|head|foot)$/.test(tag)) set("width", dimension(attributes.get("width"), tag));
    set("height", dimension(attributes.get("height"), tag));
  }
  switch (tag) {
    case "font":
      set("color", colorValue(attributes.get("color")));
      set("font-size", fontSize(attributes.get("size")));
      break;
    case "body":
      set("color", colorValue(attributes.get("text")));
      for (const [attribute, sides] of bodyMargins) {
        const value = dimension(attributes.get(attribute), tag);
        if (value?.kind === "length") for (const side of sides) set(`margin-${side}`, value);
      }
      break;
    case "a":
      if (attributes.has("href")) set("color", colorValue(bodyOf(element)?.attributes.get("link")));
      break;
    case "td":
    case "th":
      if (attributes.has("nowrap")) set("white-space", word("nowrap"));
      for (const side of sides) set(`padding-${side}`, dimension(cellPaddingOf(element), tag));
      break;
    case "pre":
      if (attributes.has("wrap")) set("white-space", word("pre-wrap"));
      break;
    case "img":
      for (const side of ["left", "right"])
        set(`margin-${side}`, dimension(attributes.get("hspace"), tag));
      for (const side of ["top", "bottom"])
        set(`margin-${side}`, dimension(attributes.get("vspace"), tag));
      break;
  }
  return settings;
}

const none: readonly Setting[] = [];
const sides = ["top", "right", "bottom", "left"];
const bodyMargins: readonly (readonly [string, readonly string[]])[] = [
  ["marginwidth", ["left", "right"]],
  ["leftmargin", ["left"]],
  ["rightmargin", ["right"]],
  ["marginheight", ["top", "bottom"]],
  ["topmargin", ["top"]],
  ["bottommargin", ["bottom"]],
];

function bodyOf(element: ElementNode): ElementNode | undefined {
  for (let up = element.parent; up !== undefined; up = up.parent) if (up.tag === "body") return up;
  return undefined;
}

function cellPaddingOf(cell: ElementNode): string | undefined {
  for (let up = cell.parent; up !== undefined; up = up.parent)
    if (up.tag === "table") return up.attributes.get("cellpadding");
  return undefined;
}

function colorValue(text: string | undefined): CssValue | undefined {
  const color: Color | undefined = text === undefined ? undefined : parseLegacyColor(text);
  return color === undefined ? undefined : { kind: "color", color };
}

/** "Rules for parsing dimension values"; a cell of width or height 0 has none (HTML: non-zero dimension). */
function dimension(text: string | undefined, tag: string): CssValue | undefined {
  const match = /^\s*\+?(\d+(?:\.\d*)?|\.\d+)(%)?/.exec(text ?? "");
  if (match === null) return undefined;
  const number = Number(match[1]);
  if (number === 0 && /^(?:td|th|table|col)$/.test(tag)) return undefined;
  const base = px(0);
  const length: Length =
    match[2] === undefined || base.kind !== "sum"
      ? px(number)
      : { ...base, percent: number, relative: true };
  return { kind: "length", length };
}

/** `<font size>`: 1–7, or relative to 3. */
function fontSize(text: string | undefined): CssValue | undefined {
  const match = /^\s*([+-])?(\d+)/.exec(text ?? "");
  if (match === null) return undefined;
  const number = Number(match[2]);
  const step = match[1] === "+" ? 3 + number : match[1] === "-" ? 3 - number : number;
  const sizePx = fontSizesPx[Math.min(7, Math.max(1, step)) - 1] ?? 16;
  return { kind: "length", length: px(sizePx) };
}
