// CSS colours (CSS Color 4, legacy HTML attribute colours), blending and contrast (WCAG 2.2).
import { namedColors } from "./named-colors.ts";
import { relativeColor } from "./relative-color.ts";
import { functionCall, splitTop } from "./split.ts";

/** sRGB, each of red, green, blue 0–255 (fractions allowed), alpha 0–1. */
export interface Color {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly a: number;
}

export const black: Color = { r: 0, g: 0, b: 0, a: 1 };
export const white: Color = { r: 255, g: 255, b: 255, a: 1 };
export const transparent: Color = { r: 0, g: 0, b: 0, a: 0 };

/** `text` in lower case; undefined for what a browser would not take as a colour. `current` stands for currentcolor. */
export function parseColor(
  text: string,
  current: Color,
  hashless = false,
  depth = 0,
): Color | undefined {
  if (text.startsWith("#")) return parseHex(text.slice(1));
  if (text === "transparent") return transparent;
  if (text === "currentcolor") return current;
  const named = namedColors.get(text);
  if (named !== undefined) return fromNumber(named);
  const call = functionCall(text);
  if (call !== undefined && depth < 5) return parseFunction(call.name, call.body, current, depth);
  return hashless && /^(?:[0-9a-f]{3}|[0-9a-f]{6})$/.test(text) ? parseHex(text) : undefined;
}

function fromNumber(value: number): Color {
  return { r: (value >> 16) & 255, g: (value >> 8) & 255, b: value & 255, a: 1 };
}

function parseHex(digits: string): Color | undefined {
  if (!/^[0-9a-f]+$/.test(digits)) return undefined;
  const wide = digits.length === 3 || digits.length === 4 ? digits.replace(/./g, "$&$&") : digits;
  if (wide.length !== 6 && wide.length !== 8) return undefined;
  const at = (index: number): number => Number.parseInt(wide.slice(index, index + 2), 16);
  return { r: at(0), g: at(2), b: at(4), a: wide.length === 8 ? at(6) / 255 : 1 };
}

function parseFunction(
  name: string,
  body: string,
  current: Color,
  depth: number,
): Color | undefined {
  if (name === "color-mix") return parseMix(body, current, depth);
  if (name === "light-dark") {
    const [light] = splitTop(body, ",");
    return light === undefined ? undefined : parseColor(light, current, false, depth + 1);
  }
  if (body.startsWith("from "))
    return relativeColor(name, body, (text) => parseColor(text, current, false, depth + 1));
  const parts = splitChannels(body);
  const { channels, alpha } = parts;
  const a = alpha === undefined ? 1 : clamp(channel(alpha, 1), 0, 1);
  if (name === "color") return parseColorSpace(channels, a);
  const [first, second, third] = channels;
  if (channels.length !== 3 || first === undefined || second === undefined || third === undefined)
    return undefined;
  const color = convert(name, first, second, third);
  if (color === undefined || [...color, a].some((value) => Number.isNaN(value))) return undefined;
  const [r, g, b] = color.map((value) => clamp(value, 0, 255));
  return { r: r ?? 0, g: g ?? 0, b: b ?? 0, a };
}

function splitChannels(body: string): { channels: readonly string[]; alpha?: string } {
  if (body.includes(",")) {
    const channels = splitTop(body, ",");
    const [alpha] = channels.slice(3);
    return alpha === undefined ? { channels } : { channels: channels.slice(0, 3), alpha };
  }
  const [main = "", alpha] = splitTop(body, "/");
  const channels = splitTop(main, " ");
  return alpha === undefined ? { channels } : { channels, alpha };
}

/** A number, a percentage of `full`, or none (0). NaN where it is neither. */
function channel(text: string, full: number): number {
  if (text === "none") return 0;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%)?$/.exec(text);
  if (match === null) return Number.NaN;
  return match[2] === undefined ? Number(match[1]) : (Number(match[1]) / 100) * full;
}

function angle(text: string): number {
  if (text === "none") return 0;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(deg|grad|rad|turn)?$/.exec(text);
  if (match === null) return Number.NaN;
  const factor = { deg: 1, grad: 0.9, rad: 180 / Math.PI, turn: 360 }[match[2] ?? "deg"] ?? 1;
  return Number(match[1]) * factor;
}

type Triple = readonly [number, number, number];

function convert(name: string, x: string, y: string, z: string): Triple | undefined {
  switch (name) {
    case "rgb":
    case "rgba":
      return [channel(x, 255), channel(y, 255), channel(z, 255)];
    case "hsl":
    case "hsla":
      return hslToRgb(angle(x), channel(y, 100) / 100, channel(z, 100) / 100);
    case "hwb":
      return hwbToRgb(angle(x), channel(y, 100) / 100, channel(z, 100) / 100);
    case "lab":
      return labToRgb(channel(x, 100), channel(y, 125), channel(z, 125));
    case "lch":
      return labToRgb(channel(x, 100), ...polar(channel(y, 150), angle(z)));
    case "oklab":
      return oklabToRgb(channel(x, 1), channel(y, 0.4), channel(z, 0.4));
    case "oklch":
      return oklabToRgb(channel(x, 1), ...polar(channel(y, 0.4), angle(z)));
    default:
      return undefined;
  }
}

function polar(chroma: number, hue: number): readonly [number, number] {
  const radians = (hue * Math.PI) / 180;
  return [chroma * Math.cos(radians), chroma * Math.sin(radians)];
}

function hslToRgb(hue: number, saturation: number, lightness: number): Triple {
  const s = clamp(saturation, 0, 1);
  const l = clamp(lightness, 0, 1);
  const at = (offset: number): number => {
    const k = (((offset + hue / 30) % 12) + 12) % 12;
    return 255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [at(0), at(8), at(4)];
}

function hwbToRgb(hue: number, whiteness: number, blackness: number): Triple {
  const sum = whiteness + blackness;
  if (sum >= 1) {
    const grey = (whiteness / sum) * 255;
    return [grey, grey, grey];
  }
  const [r, g, b] = hslToRgb(hue, 1, 0.5);
  const mix = (value: number): number => value * (1 - sum) + whiteness * 255;
  return [mix(r), mix(g), mix(b)];
}

function labToRgb(lightness: number, a: number, b: number): Triple {
  const fy = (lightness + 16) / 116;
  const cube = (value: number): number =>
    value ** 3 > 0.008856 ? value ** 3 : (116 * value - 16) / 903.3;
  const x = cube(fy + a / 500) * 0.9643;
  const y = lightness > 8 ? fy ** 3 : lightness / 903.3;
  const z = cube(fy - b / 200) * 0.8251;
  return [
    gamma(3.1341 * x - 1.6174 * y - 0.4907 * z),
    gamma(-0.9788 * x + 1.9161 * y + 0.0335 * z),
    gamma(0.0719 * x - 0.229 * y + 1.4052 * z),
  ];
}

function oklabToRgb(lightness: number, a: number, b: number): Triple {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Linear light 0–1 to sRGB 0–255. */
function gamma(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return clamp(value * 255, 0, 255);
}

function parseColorSpace(channels: readonly string[], a: number): Color | undefined {
  const [space, ...rest] = channels;
  const [r, g, b] = rest.map((text) => channel(text, 1));
  if (r === undefined || g === undefined || b === undefined || Number.isNaN(r + g + b))
    return undefined;
  if (space === "srgb-linear") return { r: gamma(r), g: gamma(g), b: gamma(b), a };
  if (!/^(?:srgb|display-p3|a98-rgb|prophoto-rgb|rec2020)$/.test(space ?? "")) return undefined;
  return { r: clamp(r * 255, 0, 255), g: clamp(g * 255, 0, 255), b: clamp(b * 255, 0, 255), a };
}

/** Mixed in sRGB whatever the space asked for: near enough for contrast. */
function parseMix(body: string, current: Color, depth: number): Color | undefined {
  const [, first, second] = splitTop(body, ",");
  if (first === undefined || second === undefined) return undefined;
  const read = (text: string): { color: Color | undefined; share: number | undefined } => {
    const parts = splitTop(text, " ");
    const percent = parts.find((part) => /^[\d.]+%$/.test(part));
    const rest = parts.filter((part) => part !== percent).join(" ");
    const share = percent === undefined ? undefined : Number.parseFloat(percent) / 100;
    return { color: parseColor(rest, current, false, depth + 1), share };
  };
  const one = read(first);
  const two = read(second);
  if (one.color === undefined || two.color === undefined) return undefined;
  const share = one.share ?? 1 - (two.share ?? 0.5);
  return mix(one.color, two.color, share);
}

/** `share` of `a`, the rest of `b`, alpha counted in. */
export function mix(one: Color, two: Color, share: number): Color {
  const a = one.a * share + two.a * (1 - share);
  const at = (x: number, y: number): number =>
    a === 0 ? 0 : (x * one.a * share + y * two.a * (1 - share)) / a;
  return { r: at(one.r, two.r), g: at(one.g, two.g), b: at(one.b, two.b), a };
}

/** `top` painted over the opaque `under`. */
export function over(top: Color, under: Color): Color {
  if (top.a >= 1) return top;
  if (top.a <= 0) return under;
  const at = (x: number, y: number): number => x * top.a + y * (1 - top.a);
  return { r: at(top.r, under.r), g: at(top.g, under.g), b: at(top.b, under.b), a: 1 };
}

function luminance(color: Color): number {
  const linear = (value: number): number => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b);
}

/** WCAG 2.2 contrast ratio of two opaque colours, 1–21. */
export function contrastRatio(one: Color, two: Color): number {
  const a = luminance(one);
  const b = luminance(two);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** A colour attribute of HTML ("rules for parsing a legacy colour value"): nearly every word is one. */
export function parseLegacyColor(text: string): Color | undefined {
  const value = text.trim().toLowerCase();
  if (value === "" || value === "transparent") return undefined;
  const named = namedColors.get(value);
  if (named !== undefined) return fromNumber(named);
  if (/^#[0-9a-f]{3}$/.test(value)) return parseHex(value.slice(1));
  let digits = value
    .slice(0, 128)
    .replace(/^#/, "")
    .replace(/[^0-9a-f]/gu, "0");
  while (digits.length === 0 || digits.length % 3 !== 0) digits += "0";
  const length = digits.length / 3;
  let parts = [digits.slice(0, length), digits.slice(length, 2 * length), digits.slice(2 * length)];
  if (length > 8) parts = parts.map((part) => part.slice(-8));
  while ((parts[0]?.length ?? 0) > 2 && parts.every((part) => part.startsWith("0")))
    parts = parts.map((part) => part.slice(1));
  const [r, g, b] = parts.map((part) => Number.parseInt(part.slice(0, 2), 16));
  return { r: r ?? 0, g: g ?? 0, b: b ?? 0, a: 1 };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
