// font-size: keywords, relative sizes and the least size that a browser shows (CSS Fonts 4 §2.5, Chromium's settings).
import { resolveLength } from "./length.ts";
import type { Style } from "./style.ts";
import type { CssValue } from "./value.ts";

export type Font = Pick<Style, "fontSizePx" | "specifiedFontPx" | "fontAbsolute">;

/** Chromium's "minimum logical font size": sizes counted in em or % alone do not go below it, 0 excepted. */
const leastRelativePx = 6;
const mediumPx = 16;
const fixedPitchEm = 0.8125; // 13 px for 16, as the user agent's sheet has it
const stepFactor = 1.2; // `smaller` and `larger`
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

/** `value` is no `inherit`; `initial` is medium. */
export function readFontSize(value: CssValue, parent: Font, remPx: number): Font {
  const parentPx = parent.specifiedFontPx;
  if (value.kind === "word") {
    if (value.word === "smaller") return font(parentPx / stepFactor, parent.fontAbsolute);
    if (value.word === "larger") return font(parentPx * stepFactor, parent.fontAbsolute);
    return font(sizeWordsPx[value.word] ?? parentPx, false);
  }
  if (value.kind !== "length") return font(mediumPx, false);
  const { length } = value;
  const resolved = resolveLength(length, { emPx: parentPx, remPx, percentOfPx: parentPx });
  // <pre> and its like are smaller only where the size around them was not given in px: Chromium scales its default.
  const isFixedPitch =
    length.kind === "sum" && length.em === fixedPitchEm && length.px === 0 && parent.fontAbsolute;
  const sizePx = isFixedPitch ? parentPx : resolved;
  const isRelative = length.kind === "sum" && length.fontRelative === true;
  return font(Math.max(0, sizePx), parent.fontAbsolute || !isRelative);
}

const aspects: Readonly<Record<string, number>> = {
  "ex-height": 0.5,
  "cap-height": 0.7,
  "ch-width": 0.5,
  "ic-width": 1,
  "ic-height": 1,
};
const leastAdjustment = 0.5; // above this it evens out fonts, as it is meant to

/** font-size-adjust: the factor by which letters are shown smaller, roughly; 1 for what adjusts little. */
export function readSizeAdjust(text: string): CssValue | undefined {
  const match = /^(?:([a-z-]+)\s+)?(none|from-font|\d*\.?\d+)$/.exec(text);
  const aspect = aspects[match?.[1] ?? "ex-height"];
  if (match === null || aspect === undefined) return undefined;
  const factor = Number(match[2]) / aspect;
  return { kind: "number", number: factor < leastAdjustment ? factor : 1 };
}

function font(sizePx: number, fontAbsolute: boolean): Font {
  const raised = !fontAbsolute && sizePx > 0.01 && sizePx < leastRelativePx;
  return { fontSizePx: raised ? leastRelativePx : sizePx, specifiedFontPx: sizePx, fontAbsolute };
}
