// One CSS declaration to longhand settings: shorthands taken apart, invalid values dropped as a browser drops them.
import { canonicalName, isLonghand, readLonghand } from "./longhands.ts";
import { type Pair, shorthands } from "./shorthands.ts";
import { normalizeValue, unescapeCss } from "./split.ts";
import type { CssValue } from "./value.ts";

/** What one declaration sets one longhand (or custom property) to. */
export interface Setting {
  readonly property: string;
  readonly value: CssValue;
  readonly important: boolean;
}

const valueMaxCharacters = 10_000; // a data: URL may be long, but no value that hides text is

/** `property` and `text` as written. */
export function readDeclaration(
  property: string,
  text: string,
  important: boolean,
  quirks: boolean,
): readonly Setting[] {
  const plain = property.includes("\\") ? unescapeCss(property) : property;
  if (plain.startsWith("--")) {
    return [
      { property: plain, value: { kind: "raw", property: plain, text: text.trim() }, important },
    ];
  }
  const name = canonicalName(plain.toLowerCase());
  if (!isLonghand(name) && !isShorthand(name)) return [];
  if (text.length > valueMaxCharacters && !name.startsWith("background")) return [];
  if (plain !== "content" && /attr\(/i.test(text))
    return readDeclaration(plain, withoutAttr(text), important, quirks);
  if (/env\(/i.test(text)) return readDeclaration(plain, withoutEnv(text), important, quirks);
  if (/var\(/i.test(text)) {
    const value: CssValue = { kind: "raw", property: name, text };
    return longhandsOf(name).map((longhand) => ({ property: longhand, value, important }));
  }
  return expand(name, text, quirks).map(([longhand, value]) => ({
    property: longhand,
    value,
    important,
  }));
}

/** attr() of a type with a fallback: mail has no attributes of its own, so the fallback counts. */
function withoutAttr(text: string): string {
  return text
    .replace(/attr\([^(),]*,((?:[^()]|\([^()]*\))*)\)/gi, (_, fallback: string) => fallback.trim())
    .replaceAll(/attr\(/gi, "none-such(");
}

/** env(): insets of screens with notches are 0, other names are unknown: their fallback counts, or nothing is valid. */
function withoutEnv(text: string): string {
  return text
    .replace(
      /env\(\s*([\w-]+)[^(),]*(?:,((?:[^()]|\([^()]*\))*))?\)/gi,
      (_, name: string, fallback: string | undefined) =>
        name.toLowerCase().startsWith("safe-area-") ? "0px" : (fallback ?? "none-such").trim(),
    )
    .replaceAll(/env\(/gi, "none-such(");
}

/** The longhands that a property sets, with their values; empty where a browser drops the declaration. */
export function expand(name: string, text: string, quirks: boolean): readonly Pair[] {
  const value = normalizeValue(text).toLowerCase();
  if (
    value === "inherit" ||
    value === "initial" ||
    value === "unset" ||
    value === "revert" ||
    value === "revert-layer"
  ) {
    const wide: CssValue = { kind: "wide", word: value === "revert-layer" ? "revert" : value };
    return longhandsOf(name).map((longhand) => [longhand, wide]);
  }
  if (isLonghand(name)) {
    const read = readLonghand(name, value, quirks);
    return read === undefined ? [] : [[name, read]];
  }
  return shorthands[name]?.expand(value, quirks) ?? [];
}

export function longhandsOf(name: string): readonly string[] {
  return isLonghand(name) ? [name] : (shorthands[name]?.longhands ?? []);
}

function isShorthand(name: string): boolean {
  return Object.hasOwn(shorthands, name);
}
