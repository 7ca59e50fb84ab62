// Readers of values that several properties share: words, lengths, numbers, colours.
import { black, type Color, parseColor } from "./color.ts";
import { parseLength, resolveLength } from "./length.ts";
import { type CssValue, word } from "./value.ts";

/** `text` is trimmed, in lower case, without comments and escapes. undefined: a browser drops the declaration. */
export type Read = (text: string, quirks: boolean) => CssValue | undefined;

export const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/;

export const words =
  (list: string): Read =>
  (text) =>
    list.split(" ").includes(text) ? word(text) : undefined;

export const keywords = (list: string): { read: Read } => {
  const set = new Set(list.split(" "));
  return { read: (text) => (set.has(text) ? word(text) : undefined) };
};

export const lengthOr =
  (list: string, options: { negative?: boolean; quirky?: boolean } = {}): Read =>
  (text, quirks) => {
    const set = sets.get(list) ?? new Set(list.split(" "));
    sets.set(list, set);
    if (set.has(text)) return word(text);
    if (text.startsWith("fit-content(")) return word("fit-content");
    const length = parseLength(text, quirks && options.quirky === true);
    if (length === undefined) return undefined;
    if (options.negative !== true && length.kind === "sum") {
      const probe = resolveLength(length, { emPx: 16, remPx: 16, percentOfPx: 1000 });
      if (probe < 0 && !text.includes("(")) return undefined;
    }
    return { kind: "length", length };
  };
const sets = new Map<string, ReadonlySet<string>>();

export const numberOrPercent: Read = (text) => {
  if (numberPattern.test(text)) return { kind: "number", number: Number(text) };
  if (text.endsWith("%") && numberPattern.test(text.slice(0, -1)))
    return { kind: "number", number: Number(text.slice(0, -1)) / 100 };
  const length = text.endsWith(")") ? parseLength(text, true) : undefined;
  return length?.kind === "sum"
    ? { kind: "number", number: length.px + length.percent / 100 }
    : undefined;
};

export const color: Read = (text, quirks) => {
  if (text === "currentcolor") return { kind: "color", color: "current" };
  if (text === "-internal-quirk-inherit") return { kind: "color", color: "body" };
  const parsed: Color | undefined = parseColor(text, black, quirks);
  return parsed === undefined ? undefined : { kind: "color", color: parsed };
};
