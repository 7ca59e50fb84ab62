// Computes an element's style: winning values with inheritance, var() and font-relative lengths worked out.
import type { Winners } from "./cascade.ts";
import { blend } from "./blend.ts";
import { black, type Color, mix } from "./color.ts";
import { expand } from "./declaration.ts";
import { readFontSize } from "./font-size.ts";
import type { LayerPlaces } from "./layer-place.ts";
import type { LengthContext } from "./length.ts";
import { isInherited } from "./longhands.ts";
import { backgroundOf, maskOf } from "./paint.ts";
import { type Registry, withRegistered } from "./registered.ts";
import { setters } from "./setters.ts";
import { bareChild, type Style } from "./style.ts";
import type { CssValue } from "./value.ts";
import { substituteVariables } from "./variables.ts";

export interface StyleEnvironment {
  readonly quirks: boolean;
  /** Font size of the root element, for rem. */
  readonly remPx: number;
  /** Text colour of the body, which tables take in quirks mode. */
  readonly bodyColor: Color;
  /** Custom properties with a type. */
  readonly registered: Registry;
}

/** A style in the making. */
export type Draft = { -readonly [Name in keyof Style]: Style[Name] };

const fullPercentPx = 784; // what percentages in min() and max() are taken of: the body's width

/** The style of an element whose parent's style is known. Pure. */
export function computeStyle(
  winners: Winners,
  parent: Style,
  environment: StyleEnvironment,
): Style {
  const bare = bareChild(parent);
  const { registered } = environment;
  if (winners.size === 0 && registered.size === 0) return bare;
  const draft: Draft = { ...bare };
  draft.custom = customProperties(winners, parent.custom);
  if (registered.size > 0)
    draft.custom = withRegistered(draft.custom, parent.custom, (name) => winners.has(name), registered); // prettier-ignore
  const look = (property: string): CssValue | undefined =>
    resolveValue(winners.get(property), property, draft.custom, environment);
  const font = look("font-size");
  if (font !== undefined && !isInherit(font))
    Object.assign(draft, readFontSize(font, parent, environment.remPx));
  const color = look("color");
  if (color !== undefined && !isInherit(color)) draft.color = readColor(color, parent, environment);
  const lengths: LengthContext = {
    emPx: draft.fontSizePx,
    remPx: environment.remPx,
    percentOfPx: fullPercentPx,
  };
  for (const [property, winner] of winners) {
    const setter = setters[property];
    if (setter === undefined) continue;
    const value = resolveValue(winner, property, draft.custom, environment);
    if (value === undefined) continue;
    setter(draft, value, parent, lengths);
  }
  paintLayers(draft, look, parent);
  settle(draft);
  return draft;
}

/** Images of background and mask, with the properties that say where their layers are. */
function paintLayers(
  draft: Draft,
  look: (property: string) => CssValue | undefined,
  parent: Style,
): void {
  const placesOf = (prefix: string): LayerPlaces => ({
    sizes: look(`${prefix}-size`),
    repeats: look(`${prefix}-repeat`),
    positions: look(`${prefix}-position`),
  });
  const image = look("background-image");
  if (image?.kind === "paint") {
    draft.gradient = backgroundOf(image.layers, placesOf("background"));
    const mode = look("background-blend-mode");
    if (draft.gradient !== undefined && mode?.kind === "word")
      draft.gradient = blendUpon(mode.word, draft.gradient, draft.backgroundColor);
  } else if (image !== undefined && isInherit(image)) draft.gradient = parent.gradient;
  const mask = look("mask-image");
  if (mask?.kind === "paint") draft.maskAlpha = maskOf(mask.layers, placesOf("mask"));
}

/** A colour below that lets the page through takes part by its share (Compositing and Blending 1 §5.8). */
function blendUpon(mode: string, gradient: Color, color: Color): Color {
  return { ...mix({ ...blend(mode, gradient, color), a: 1 }, { ...gradient, a: 1 }, color.a), a: gradient.a }; // prettier-ignore
}

function readColor(value: CssValue, parent: Style, environment: StyleEnvironment): Color {
  if (value.kind !== "color") return black;
  if (value.color === "body") return environment.bodyColor;
  return value.color === "current" ? parent.color : value.color;
}

/** What depends on two properties. */
function settle(draft: Draft): void {
  const { overflowX: x, overflowY: y } = draft;
  // One axis that is not visible makes the other scroll (CSS Overflow 3 §3.1).
  if (x === "visible" && y !== "visible" && y !== "clip") draft.overflowX = "auto";
  if (y === "visible" && x !== "visible" && x !== "clip") draft.overflowY = "auto";
  if (draft.paintContained) {
    draft.overflowX = "clip";
    draft.overflowY = "clip";
  }
  // CSS Writing Modes 4 §2.4.2: an override reaches into inline boxes that set nothing against it.
  if (draft.bidi.endsWith("-override")) draft.turned = draft.rightToLeft;
  else if (draft.bidi !== "normal" || !flowsOn.test(draft.display)) draft.turned = false;
  draft.opacity = Math.min(1, Math.max(0, draft.opacity)) * draft.filterOpacity;
}

const flowsOn = /^(?:inline|contents|ruby.*)$/;

const inherit: CssValue = { kind: "wide", word: "inherit" };
const initial: CssValue = { kind: "wide", word: "initial" };

/** A value with var() is read now; where that fails the property is unset (CSS Variables §3.1). */
function resolveValue(
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

function customProperties(
  winners: Winners,
  parent: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  let own: Map<string, string> | undefined;
  for (const [property, value] of winners) {
    if (value.kind !== "raw" || !property.startsWith("--")) continue;
    own ??= new Map(parent);
    const text = value.text.toLowerCase();
    const above = parent.get(property);
    if (text === "initial" || ((text === "inherit" || text === "unset") && above === undefined))
      own.delete(property);
    else own.set(property, text === "inherit" || text === "unset" ? (above ?? "") : value.text);
  }
  return own ?? parent;
}

function isInherit(value: CssValue): boolean {
  return value.kind === "wide" && value.word === "inherit";
}
