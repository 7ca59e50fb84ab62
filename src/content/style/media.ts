// Media queries (Media Queries 4 and 5) and @supports, answered for a desktop mail client in light colours, 800 px wide, or for another screen.
import { parseLength, resolveLength, viewport } from "./length.ts";
import { expand, longhandsOf } from "./declaration.ts";
import { functionCall, splitTop } from "./split.ts";
import { parseSelectorList } from "./selector-parse.ts";

type Leaf = (text: string) => Truth;
/** undefined: unknown, which `not` leaves unknown and a query counts as false. */
type Truth = boolean | undefined;

const nestingMax = 10;

/** Who looks: a desktop client, as all of the gateway's judging does; a phone; a desktop client in dark mode. */
export type Screen = "desktop" | "phone" | "dark";

export function matchesMedia(text: string, screen: Screen = "desktop"): boolean {
  const leaf = features[screen];
  const queries = splitTop(
    text
      .toLowerCase()
      .replace(/\/\*[\s\S]*?\*\//g, " ")
      .trim(),
    ",",
  );
  return queries.length === 0 || queries.some((query) => matchesQuery(query, leaf) === true);
}

function matchesQuery(query: string, feature: Leaf): Truth {
  const match = /^(?:(only|not)\s+)?([a-z][\w-]*)(?:\s+and\s+(.+))?$/s.exec(query);
  if (match === null || match[2] === "not" || match[2] === "and" || match[2] === "or")
    return condition(query, feature, 0);
  const type = match[2];
  const rest = match[3] === undefined ? true : condition(match[3], feature, 0);
  const all = type === "screen" || type === "all" ? rest : false;
  return match[1] === "not" ? negate(all) : all;
}

/** `not X`, `X and Y`, `X or Y`, X in brackets; `leaf` answers what stands in the innermost brackets. */
function condition(text: string, leaf: Leaf, depth: number): Truth {
  const trimmed = text.trim();
  if (depth > nestingMax) return undefined;
  const parts = splitTop(trimmed, " ");
  if (parts[0] === "not") return negate(condition(trimmed.slice(3), leaf, depth + 1));
  const operator = parts.find((part) => part === "and" || part === "or");
  if (operator !== undefined) {
    const groups: string[][] = [[]];
    for (const part of parts) {
      if (part === operator) groups.push([]);
      else groups.at(-1)?.push(part);
    }
    const values = groups.map((group) => condition(group.join(" "), leaf, depth + 1));
    if (operator === "and")
      return values.includes(false) ? false : values.includes(undefined) ? undefined : true;
    return values.includes(true) ? true : values.includes(undefined) ? undefined : false;
  }
  if (trimmed.startsWith("(") && trimmed.endsWith(")")) {
    const inner = trimmed.slice(1, -1).trim();
    return /^\(|^not\s/.test(inner) ? condition(inner, leaf, depth + 1) : leaf(inner);
  }
  return leaf(trimmed);
}

function negate(value: Truth): Truth {
  return value === undefined ? undefined : !value;
}

const numeric: Readonly<Record<string, number>> = {
  width: viewport.widthPx,
  "device-width": viewport.widthPx,
  height: viewport.heightPx,
  "device-height": viewport.heightPx,
  "aspect-ratio": viewport.widthPx / viewport.heightPx,
  "device-aspect-ratio": viewport.widthPx / viewport.heightPx,
  color: 8,
  "color-index": 0,
  monochrome: 0,
  grid: 0,
  resolution: 1,
  "-webkit-device-pixel-ratio": 1,
};
const discrete: Readonly<Record<string, string>> = {
  orientation: "landscape",
  "prefers-color-scheme": "light",
  "prefers-reduced-motion": "no-preference",
  "prefers-reduced-data": "no-preference",
  "prefers-reduced-transparency": "no-preference",
  "prefers-contrast": "no-preference",
  "inverted-colors": "none",
  "forced-colors": "none",
  hover: "hover",
  "any-hover": "hover",
  pointer: "fine",
  "any-pointer": "fine",
  update: "fast",
  scripting: "enabled",
  scan: "progressive",
  "display-mode": "browser",
  "color-gamut": "srgb",
  "dynamic-range": "standard",
  "video-dynamic-range": "standard",
  "overflow-block": "scroll",
  "overflow-inline": "scroll",
};

interface Answers {
  readonly numeric: Readonly<Record<string, number>>;
  readonly discrete: Readonly<Record<string, string>>;
}

const phone = { widthPx: 375, heightPx: 667 }; // narrower than the breakpoint of any template; CSS px
const features: Readonly<Record<Screen, Leaf>> = {
  desktop: (text) => feature(text, { numeric, discrete }),
  phone: (text) =>
    feature(text, {
      numeric: {
        ...numeric,
        width: phone.widthPx,
        "device-width": phone.widthPx,
        height: phone.heightPx,
        "device-height": phone.heightPx,
        "aspect-ratio": phone.widthPx / phone.heightPx,
        "device-aspect-ratio": phone.widthPx / phone.heightPx,
        resolution: 2,
        "-webkit-device-pixel-ratio": 2,
      },
      discrete: {
        ...discrete,
        orientation: "portrait",
        hover: "none",
        "any-hover": "none",
        pointer: "coarse",
        "any-pointer": "coarse",
      },
    }),
  dark: (text) =>
    feature(text, { numeric, discrete: { ...discrete, "prefers-color-scheme": "dark" } }),
};

function feature(text: string, { numeric, discrete }: Answers): Truth {
  if (/[<>=]/.test(text)) return range(text, numeric);
  const [name = "", value] = text.split(":").map((part) => part.trim());
  if (value === undefined) {
    const number = numeric[name];
    if (number !== undefined) return number !== 0;
    const word = discrete[name];
    return word === undefined ? undefined : word !== "none" && word !== "no-preference";
  }
  const word = discrete[name];
  if (word !== undefined) return word === value;
  const bounded = /^(-webkit-)?(min|max)-(.+)$/.exec(name);
  const base = bounded === null ? name : `${bounded[1] ?? ""}${bounded[3] ?? ""}`;
  const actual = numeric[base];
  const wanted = quantity(value);
  if (actual === undefined || wanted === undefined) return undefined;
  if (bounded === null) return Math.abs(actual - wanted) < 0.01;
  return bounded[2] === "min" ? actual >= wanted : actual <= wanted;
}

/** `width >= 600px`, `400px < width <= 700px`. */
function range(text: string, numeric: Answers["numeric"]): Truth {
  const parts = text.split(/\s*(<=|>=|<|>|=)\s*/).map((part) => part.trim());
  const values = parts.map((part, index) =>
    index % 2 === 1 ? 0 : (numeric[part] ?? quantity(part)),
  );
  if (!parts.some((part) => numeric[part] !== undefined)) return undefined;
  for (let index = 1; index < parts.length; index += 2) {
    const left = values[index - 1];
    const right = values[index + 1];
    if (left === undefined || right === undefined) return undefined;
    const operator = parts[index];
    const holds =
      operator === "<"
        ? left < right
        : operator === ">"
          ? left > right
          : operator === "<="
            ? left <= right
            : operator === ">="
              ? left >= right
              : left === right;
    if (!holds) return false;
  }
  return true;
}

function quantity(text: string): number | undefined {
  const resolution = /^([\d.]+)(dppx|dpi|dpcm|x)$/.exec(text);
  if (resolution !== null) {
    const unit = resolution[2] ?? "";
    return Number(resolution[1]) / ({ dppx: 1, x: 1, dpi: 96, dpcm: 96 / 2.54 }[unit] ?? 1);
  }
  const ratio = /^([\d.]+)\s*\/\s*([\d.]+)$/.exec(text);
  if (ratio !== null) return Number(ratio[1]) / Number(ratio[2]);
  if (/^[\d.]+$/.test(text)) return Number(text);
  const length = parseLength(text);
  return length === undefined
    ? undefined
    : resolveLength(length, { emPx: 16, remPx: 16, percentOfPx: 0 });
}

export function matchesSupports(text: string): boolean {
  return condition(text.toLowerCase(), supports, 0) === true;
}

/**
 * A container query (CSS Containment 3 §5). Containers are about as wide as the window; `says` tells whether the sheet makes
 * one, and of that name.
 */
export function matchesContainer(prelude: string, says: (pattern: RegExp) => boolean): boolean {
  const text = prelude.toLowerCase().trim();
  const name = /^(?!not\b|style\b|scroll-state\b)([a-z_-][\w-]*)\s*(?=[(\s])/.exec(text);
  const query = text.slice(name?.[0].length ?? 0);
  const named = name?.[1] ?? "";
  if (named !== "" && !says(new RegExp(`container(?:-name)?\\s*:[^;}]*\\b${named}\\b`, "i")))
    return false;
  const leaf = (inner: string): Truth => {
    const call = functionCall(inner);
    if (call?.name === "style") {
      const [property = "", value] = call.body.split(":").map((part) => part.trim());
      const wanted = value === undefined ? "" : `\\s*${escapeForPattern(value)}\\s*[;}!]`;
      return says(new RegExp(`${escapeForPattern(property)}\\s*:${wanted}`, "i"));
    }
    return says(/container(?:-type)?\s*:[^;}]*(?:inline-size|size)/i)
      ? features.desktop(inner)
      : undefined;
  };
  return condition(query, leaf, 0) === true;
}

function escapeForPattern(text: string): string {
  return text.slice(0, 100).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Properties of other engines. */
const foreign =
  /^(?:-(?:moz|ms|o|khtml|apple)-|mso-|-webkit-overflow-scrolling|-webkit-touch-callout|-webkit-marquee)/;
/** How the properties that browsers know begin. */
const knownBeginning =
  /^-webkit-|^(?:accent|align|all|anchor|animation|appearance|app-region|aspect|backdrop|backface|background|baseline|block|border|bottom|box|break|buffered|caption|caret|clear|clip|color|column|contain|content|corner|counter|cursor|direction|display|dominant|dynamic|empty|field|fill|filter|flex|float|flood|font|forced|gap|grid|height|hyphen|image|initial|inline|inset|interactivity|interpolate|isolation|justify|left|letter|lighting|line|list|margin|marker|mask|math|max|min|mix|object|offset|opacity|order|orphans|outline|overflow|overlay|overscroll|padding|page|paint|perspective|place|pointer|position|print|quotes|reading|resize|right|rotate|row|ruby|scale|scroll|scrollbar|shape|size|speak|stop|stroke|tab|table|text|timeline|top|touch|transform|transition|translate|unicode|user|vector|vertical|view|visibility|white|widows|width|will|word|writing|zoom|z)(?:-|$)/;

function supports(text: string): Truth {
  const call = functionCall(text);
  if (call !== undefined && !text.includes(":")) {
    if (call.name === "selector") return parseSelectorList(call.body) !== undefined;
    return undefined;
  }
  if (call?.name === "selector") return parseSelectorList(call.body) !== undefined;
  const colon = text.indexOf(":");
  if (colon < 1) return undefined;
  const property = text.slice(0, colon).trim();
  const value = text.slice(colon + 1).trim();
  if (property.startsWith("--")) return true;
  if (foreign.test(property)) return false;
  if (longhandsOf(property).length > 0) return expand(property, value, false).length > 0;
  return knownBeginning.test(property) && value !== "";
}
