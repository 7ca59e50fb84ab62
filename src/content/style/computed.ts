// The computed style of one element: winning values with inheritance, var() and font-relative lengths worked out.
import { black, type Color, transparent } from "./color.ts";
import type { Winners } from "./cascade.ts";
import { expand } from "./declaration.ts";
import { isInherited } from "./longhands.ts";
import { type Length, type LengthContext, resolveLength } from "./length.ts";
import { substituteVariables } from "./variables.ts";
import type { ClipShape, CssValue, TransformStep } from "./value.ts";

/** px plus a share of the containing block (percent 100 is all of it). */
export interface Dimension {
  readonly px: number;
  readonly percent: number;
  /** Has a percentage, be it 0 %: of a height that is not known it counts as auto. */
  readonly relative?: true;
}

export type Size = Dimension | "auto";

export interface BoxSides<T> {
  readonly top: T;
  readonly right: T;
  readonly bottom: T;
  readonly left: T;
}

export interface Style {
  // Inherited.
  readonly color: Color;
  /** What the letters are painted with: -webkit-text-fill-color, else color. */
  readonly fill: Color | "current";
  readonly fontSizePx: number;
  /** Before the browser's least size; what em and % of children count from is fontSizePx. */
  readonly specifiedFontPx: number;
  /** Some ancestor or the element itself gave its size in absolute units. */
  readonly fontAbsolute: boolean;
  readonly lineHeight: { readonly kind: "factor" | "px"; readonly value: number };
  readonly visible: boolean;
  readonly textIndent: Dimension;
  readonly letterSpacingPx: number;
  readonly whiteSpace: string;
  readonly rightToLeft: boolean;
  readonly masked: boolean;
  readonly custom: ReadonlyMap<string, string>;
  // The element's own.
  readonly display: string;
  readonly collapsed: boolean;
  readonly opacity: number;
  readonly position: string;
  readonly float: string;
  readonly inset: BoxSides<Size>;
  readonly margin: BoxSides<Size>;
  readonly padding: BoxSides<Dimension>;
  readonly width: Size;
  readonly height: Size;
  readonly minWidth: Size;
  readonly minHeight: Size;
  readonly maxWidth: Size;
  readonly maxHeight: Size;
  readonly overflowX: string;
  readonly overflowY: string;
  readonly clip: ClipShape | undefined;
  readonly clipPath: ClipShape | undefined;
  readonly transform: readonly TransformStep[];
  readonly backfaceHidden: boolean;
  readonly contentHidden: boolean;
  readonly zoom: number;
  readonly backgroundColor: Color;
  readonly gradient: Color | undefined;
  readonly picture: boolean;
  readonly textClip: boolean;
  readonly maskAlpha: number;
  readonly outlookHides: boolean;
  /** Flex items stand one below the other. */
  readonly column: boolean;
  readonly flexGrow: number;
  readonly flexBasis: Size;
  /** table-layout: fixed: columns do not grow with their content. */
  readonly fixedTable: boolean;
  /** contain: size: the box is as high as if it were empty. */
  readonly sizeContained: boolean;
}

export interface StyleEnvironment {
  readonly quirks: boolean;
  /** Font size of the root element, for rem. */
  readonly remPx: number;
  /** Text colour of the body, which tables take in quirks mode. */
  readonly bodyColor: Color;
}

const zero: Dimension = { px: 0, percent: 0 };
const fullPercentPx = 784; // what percentages in min() and max() are taken of: the body's width
const defaultFontPx = 16;
const sizeWordsPx: Readonly<Record<string, number>> = {
  "xx-small": 9,
  "x-small": 10,
  small: 13,
  medium: 16,
  large: 18,
  "x-large": 24,
  "xx-large": 32,
  "xxx-large": 48,
};

export const rootStyle: Style = initialStyle();

function initialStyle(): Style {
  const autoSides = { top: "auto", right: "auto", bottom: "auto", left: "auto" } as const;
  const zeroSides = { top: zero, right: zero, bottom: zero, left: zero };
  return {
    color: black,
    fill: "current",
    fontSizePx: defaultFontPx,
    specifiedFontPx: defaultFontPx,
    fontAbsolute: false,
    lineHeight: { kind: "factor", value: 1.2 },
    visible: true,
    textIndent: zero,
    letterSpacingPx: 0,
    whiteSpace: "normal",
    rightToLeft: false,
    masked: false,
    custom: new Map(),
    display: "inline",
    collapsed: false,
    opacity: 1,
    position: "static",
    float: "none",
    inset: autoSides,
    margin: zeroSides,
    padding: zeroSides,
    width: "auto",
    height: "auto",
    minWidth: "auto",
    minHeight: "auto",
    maxWidth: "auto",
    maxHeight: "auto",
    overflowX: "visible",
    overflowY: "visible",
    clip: undefined,
    clipPath: undefined,
    transform: [],
    backfaceHidden: false,
    contentHidden: false,
    zoom: 1,
    backgroundColor: transparent,
    gradient: undefined,
    picture: false,
    textClip: false,
    maskAlpha: 1,
    outlookHides: false,
    column: false,
    flexGrow: 0,
    flexBasis: "auto",
    fixedTable: false,
    sizeContained: false,
  };
}

/** The style of an element whose parent's style is known. Pure. */
export function computeStyle(winners: Winners, parent: Style, environment: StyleEnvironment): Style {
  const custom = customProperties(winners, parent.custom);
  const look = (property: string): CssValue | undefined => resolveRaw(winners.get(property), property, custom, environment);
  const font = fontSize(look("font-size"), parent, environment);
  const { fontSizePx } = font;
  const lengths: LengthContext = { emPx: fontSizePx, remPx: environment.remPx, percentOfPx: fullPercentPx };
  const written = look("color");
  const isQuirk = written?.kind === "color" && written.color === "body";
  const color = isQuirk ? environment.bodyColor : colorOf(written, parent.color, parent.color, black);
  const size = (property: string, own: Size): Size => sizeOf(look(property), lengths, own);
  const side = (property: string, own: Size): Size => sizeOf(look(property), lengths, own, zero);
  const fixed = (property: string, own: Dimension): Dimension => dimensionOf(side(property, own));
  const visibility = wordOf(look("visibility"), undefined);
  const opacity = numberOf(look("opacity"), parent.opacity, 1) * numberOf(look("filter"), 1, 1);
  const background = paintOf(look("background-image"), parent);
  const overflowX = wordOf(look("overflow-x"), parent.overflowX) ?? "visible";
  const overflowY = wordOf(look("overflow-y"), parent.overflowY) ?? "visible";
  const contain = wordOf(look("contain"), "none") ?? "none";
  const paintContained = /\b(?:strict|content|paint)\b/.test(contain);
  const position = wordOf(look("position"), parent.position) ?? "static";
  const display = wordOf(look("display"), parent.display) ?? "inline";
  return {
    color,
    fill: fillOf(look("-webkit-text-fill-color"), parent.fill, color),
    ...font,
    lineHeight: lineHeightOf(look("line-height"), parent.lineHeight, lengths),
    visible: visibility === undefined ? inheritedOr(winners.get("visibility"), parent.visible, true) : visibility === "visible",
    collapsed: visibility === "collapse",
    textIndent: dimensionOf(inheritedSize(look("text-indent"), lengths, parent.textIndent)),
    letterSpacingPx: dimensionOf(inheritedSize(look("letter-spacing"), lengths, { px: parent.letterSpacingPx, percent: 0 })).px,
    whiteSpace: inheritedWord(look("white-space"), parent.whiteSpace, "normal"),
    rightToLeft: inheritedWord(look("direction"), parent.rightToLeft ? "rtl" : "ltr", "ltr") === "rtl",
    masked: inheritedWord(look("-webkit-text-security"), parent.masked ? "disc" : "none", "none") !== "none",
    custom,
    display,
    opacity: Math.min(1, Math.max(0, opacity)),
    position: position === "-webkit-sticky" ? "sticky" : position,
    float: wordOf(look("float"), parent.float) ?? "none",
    inset: {
      top: size("top", parent.inset.top),
      right: size("right", parent.inset.right),
      bottom: size("bottom", parent.inset.bottom),
      left: size("left", parent.inset.left),
    },
    margin: {
      top: side("margin-top", parent.margin.top),
      right: side("margin-right", parent.margin.right),
      bottom: side("margin-bottom", parent.margin.bottom),
      left: side("margin-left", parent.margin.left),
    },
    padding: {
      top: fixed("padding-top", parent.padding.top),
      right: fixed("padding-right", parent.padding.right),
      bottom: fixed("padding-bottom", parent.padding.bottom),
      left: fixed("padding-left", parent.padding.left),
    },
    width: size("width", parent.width),
    height: size("height", parent.height),
    minWidth: size("min-width", parent.minWidth),
    minHeight: size("min-height", parent.minHeight),
    maxWidth: size("max-width", parent.maxWidth),
    maxHeight: size("max-height", parent.maxHeight),
    // One axis that is not visible makes the other scroll (CSS Overflow 3 §3.1).
    overflowX: paintContained ? "clip" : overflowX === "visible" && overflowY !== "visible" && overflowY !== "clip" ? "auto" : overflowX,
    overflowY: paintContained ? "clip" : overflowY === "visible" && overflowX !== "visible" && overflowX !== "clip" ? "auto" : overflowY,
    clip: clipOf(look("clip"), parent.clip),
    clipPath: clipOf(look("clip-path"), parent.clipPath),
    transform: ["translate", "rotate", "scale", "transform"].flatMap((property) => {
      const value = look(property);
      return value?.kind === "transform" ? value.steps : [];
    }),
    backfaceHidden: wordOf(look("backface-visibility"), "visible") === "hidden",
    contentHidden: wordOf(look("content-visibility"), "visible") === "hidden",
    zoom: numberOf(look("zoom"), parent.zoom, 1) || 1,
    backgroundColor: colorOf(look("background-color"), parent.backgroundColor, color, transparent, false),
    gradient: background.gradient,
    picture: background.picture,
    textClip: wordOf(look("background-clip"), parent.textClip ? "text" : "border-box") === "text",
    maskAlpha: maskOf(look("mask-image")),
    outlookHides: wordOf(look("mso-hide"), "none") === "all",
    column: wordOf(look("flex-direction"), "row")?.startsWith("column") === true,
    flexGrow: numberOf(look("flex-grow"), 0, 0),
    flexBasis: size("flex-basis", "auto"),
    fixedTable: wordOf(look("table-layout"), "auto") === "fixed",
    sizeContained: /\b(?:strict|size)\b/.test(contain),
  };
}

/** A value with var() is read now; where that fails the property is unset (CSS Variables §3.1). */
function resolveRaw(
  value: CssValue | undefined,
  property: string,
  custom: ReadonlyMap<string, string>,
  environment: StyleEnvironment,
): CssValue | undefined {
  let resolved = value;
  if (value?.kind === "raw") {
    const text = substituteVariables(value.text, custom);
    const pairs = text === undefined ? [] : expand(value.property, text, environment.quirks);
    resolved = pairs.find(([name]) => name === property)?.[1] ?? { kind: "wide", word: "unset" };
  }
  if (resolved?.kind === "wide" && (resolved.word === "unset" || resolved.word === "revert"))
    return isInherited(property) ? inherit : initial;
  return resolved;
}

const inherit: CssValue = { kind: "wide", word: "inherit" };
const initial: CssValue = { kind: "wide", word: "initial" };

function customProperties(winners: Winners, parent: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  let own: Map<string, string> | undefined;
  for (const [property, value] of winners) {
    if (value.kind !== "raw" || !property.startsWith("--")) continue;
    own ??= new Map(parent);
    const text = value.text.toLowerCase();
    if (text === "initial") own.delete(property);
    else if (text === "inherit" || text === "unset") {
      const above = parent.get(property);
      if (above === undefined) own.delete(property);
      else own.set(property, above);
    } else own.set(property, value.text);
  }
  return own ?? parent;
}

function isInherit(value: CssValue): boolean {
  return value.kind === "wide" && value.word === "inherit";
}

function wordOf(value: CssValue | undefined, parent: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.kind === "word") return value.word;
  return isInherit(value) ? parent : undefined;
}

function inheritedWord(value: CssValue | undefined, parent: string, first: string): string {
  if (value === undefined || isInherit(value)) return parent;
  return value.kind === "word" ? value.word : first;
}

function inheritedOr<T>(value: CssValue | undefined, parent: T, first: T): T {
  return value?.kind === "wide" && value.word === "initial" ? first : parent;
}

function numberOf(value: CssValue | undefined, parent: number, first: number): number {
  if (value === undefined) return first;
  if (value.kind === "number") return value.number;
  return isInherit(value) ? parent : first;
}

function colorOf(value: CssValue | undefined, parent: Color, current: Color, first: Color, inherited = true): Color {
  if (value === undefined) return inherited ? parent : first;
  if (value.kind === "color") return typeof value.color === "string" ? current : value.color;
  return isInherit(value) ? parent : first;
}

function fillOf(value: CssValue | undefined, parent: Color | "current", color: Color): Color | "current" {
  if (value === undefined || isInherit(value)) return parent;
  if (value.kind !== "color") return "current";
  return typeof value.color === "string" ? color : value.color;
}

type Font = Pick<Style, "fontSizePx" | "specifiedFontPx" | "fontAbsolute">;

/** Chromium's "minimum logical font size": sizes counted in em or % alone do not go below it, 0 excepted. */
const leastRelativePx = 6;

function fontSize(value: CssValue | undefined, parent: Style, environment: StyleEnvironment): Font {
  if (value === undefined || isInherit(value))
    return { fontSizePx: parent.fontSizePx, specifiedFontPx: parent.specifiedFontPx, fontAbsolute: parent.fontAbsolute };
  const font = (sizePx: number, fontAbsolute: boolean): Font => {
    const raised = !fontAbsolute && sizePx > 0.01 && sizePx < leastRelativePx;
    return { fontSizePx: raised ? leastRelativePx : sizePx, specifiedFontPx: sizePx, fontAbsolute };
  };
  if (value.kind === "word") {
    if (value.word === "smaller") return font(parent.specifiedFontPx / 1.2, parent.fontAbsolute);
    if (value.word === "larger") return font(parent.specifiedFontPx * 1.2, parent.fontAbsolute);
    return font(sizeWordsPx[value.word] ?? parent.specifiedFontPx, false);
  }
  if (value.kind !== "length") return font(defaultFontPx, false);
  const { length } = value;
  const context = { emPx: parent.specifiedFontPx, remPx: environment.remPx, percentOfPx: parent.specifiedFontPx };
  const isRelative = length.kind === "sum" && length.fontRelative === true;
  return font(Math.max(0, resolveLength(length, context)), parent.fontAbsolute || !isRelative);
}

function lineHeightOf(value: CssValue | undefined, parent: Style["lineHeight"], context: LengthContext): Style["lineHeight"] {
  if (value === undefined || isInherit(value)) return parent;
  if (value.kind === "number") return { kind: "factor", value: value.number };
  if (value.kind === "length")
    return { kind: "px", value: resolveLength(value.length, { ...context, percentOfPx: context.emPx }) };
  return rootStyle.lineHeight;
}

function toDimension(length: Length, context: LengthContext): Dimension {
  if (length.kind !== "sum") return { px: resolveLength(length, context), percent: 0 };
  const px = resolveLength(length, { ...context, percentOfPx: 0 });
  return length.relative === true ? { px, percent: length.percent, relative: true } : { px, percent: 0 };
}

/** `first` is the initial value; words other than auto (min-content …) count as auto. */
function sizeOf(value: CssValue | undefined, context: LengthContext, parent: Size, first: Size = "auto"): Size {
  if (value === undefined) return first;
  if (value.kind === "length") return toDimension(value.length, context);
  if (value.kind === "word") return "auto";
  return isInherit(value) ? parent : first;
}

function inheritedSize(value: CssValue | undefined, context: LengthContext, parent: Dimension): Size {
  if (value === undefined || isInherit(value)) return parent;
  return value.kind === "length" ? toDimension(value.length, context) : zero;
}

function dimensionOf(size: Size): Dimension {
  return size === "auto" ? zero : size;
}

function clipOf(value: CssValue | undefined, parent: ClipShape | undefined): ClipShape | undefined {
  if (value?.kind === "clip") return value.shape;
  return value !== undefined && isInherit(value) ? parent : undefined;
}

function paintOf(value: CssValue | undefined, parent: Style): { gradient: Color | undefined; picture: boolean } {
  if (value?.kind === "paint") return { gradient: value.average, picture: value.picture };
  if (value !== undefined && isInherit(value)) return { gradient: parent.gradient, picture: parent.picture };
  return { gradient: undefined, picture: false };
}

function maskOf(value: CssValue | undefined): number {
  return value?.kind === "paint" && !value.picture && value.average !== undefined ? value.average.a : 1;
}
