// CSS lengths and percentages with calc(), min(), max(), clamp() (CSS Values 4), for a screen of fixed size.
import { givesNumber, mathFunction, roundTo } from "./math-function.ts";
import { functionCall, splitTop } from "./split.ts";

/** The reader's window: a desktop mail client about 800 px wide. */
export const viewport = { widthPx: 800, heightPx: 600 } as const;

/** A sum of absolute, font-relative and percentage parts; or the least or greatest of several. */
export type Length =
  | {
      readonly kind: "sum";
      readonly px: number;
      readonly em: number;
      readonly rem: number;
      readonly percent: number;
      /** Without a unit: `0`, or any number in quirks mode. */
      readonly plain?: true;
      /** Has a percentage, be it 0 %. */
      readonly relative?: true;
      /** Counts in em or % of the font alone, so that a browser's least readable size holds (see computed.ts). */
      readonly fontRelative?: true;
    }
  | { readonly kind: "min" | "max" | "add"; readonly of: readonly Length[] };

export interface LengthContext {
  readonly emPx: number;
  readonly remPx: number;
  /** What 100 % is, in px. */
  readonly percentOfPx: number;
}

const pxPerUnit: Readonly<Record<string, number>> = {
  px: 1,
  pt: 96 / 72,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  q: 96 / 101.6,
};
for (const prefix of ["", "s", "l", "d"]) {
  Object.assign(pxPerUnit, {
    [`${prefix}vw`]: viewport.widthPx / 100,
    [`${prefix}vh`]: viewport.heightPx / 100,
    [`${prefix}vi`]: viewport.widthPx / 100,
    [`${prefix}vb`]: viewport.heightPx / 100,
    [`${prefix}vmin`]: Math.min(viewport.widthPx, viewport.heightPx) / 100,
    [`${prefix}vmax`]: Math.max(viewport.widthPx, viewport.heightPx) / 100,
  });
}
// Without a container of its own, its units are those of the window (CSS Containment 3 §6).
for (const [unit, share] of [["w", "vw"], ["h", "vh"], ["i", "vw"], ["b", "vh"], ["min", "vmin"], ["max", "vmax"]] as const) {
  Object.assign(pxPerUnit, { [`cq${unit}`]: pxPerUnit[share] });
} // prettier-ignore
/** In em of the element's own font, near enough for every font. */
const emPerUnit: Readonly<Record<string, number>> = {
  em: 1,
  ex: 0.45,
  ch: 0.5,
  ic: 1,
  cap: 0.7,
  lh: 1.2,
};
const remPerUnit: Readonly<Record<string, number>> = {
  rem: 1,
  rex: 0.45,
  rch: 0.5,
  ric: 1,
  rcap: 0.7,
  rlh: 1.2,
};

const depthMax = 20; // nested calc()

export function px(value: number): Length {
  return { kind: "sum", px: value, em: 0, rem: 0, percent: 0 };
}

/** `text` in lower case. `unitless`: a bare number is px (quirks mode); else only 0 is. */
export function parseLength(text: string, unitless = false): Length | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([a-z]+|%)?$/.exec(text);
  if (match !== null) {
    const length = scale(Number(match[1]), match[2] ?? "");
    if (match[2] === undefined && length?.kind === "sum")
      return unitless || length.px === 0 ? length : undefined;
    return length;
  }
  const call = functionCall(text);
  return call === undefined ? undefined : parseMath(call.name, call.body, 0);
}

function scale(value: number, unit: string): Length | undefined {
  if (!Number.isFinite(value)) return undefined;
  const base = { kind: "sum", px: 0, em: 0, rem: 0, percent: 0 } as const;
  if (unit === "") return { ...base, px: value, plain: true };
  if (unit === "%") return { ...base, percent: value, relative: true, fontRelative: true };
  const absolute = pxPerUnit[unit];
  if (absolute !== undefined) return { ...base, px: value * absolute };
  const em = emPerUnit[unit];
  if (em !== undefined) return { ...base, em: value * em, fontRelative: true };
  const rem = remPerUnit[unit];
  return rem === undefined ? undefined : { ...base, rem: value * rem };
}

function parseMath(name: string, body: string, depth: number): Length | undefined {
  if (depth > depthMax) return undefined;
  const all = (parts: readonly string[]): Length[] | undefined => {
    const lengths = parts.map((part) => parseSum(part, depth + 1));
    return lengths.every((length) => length !== undefined) && lengths.length > 0
      ? lengths
      : undefined;
  };
  switch (name) {
    case "calc":
    case "-webkit-calc":
      return parseSum(body, depth + 1);
    case "min":
    case "max": {
      const of = all(splitTop(body, ","));
      return of === undefined ? undefined : { kind: name, of };
    }
    case "clamp": {
      const of = all(splitTop(body, ","));
      const [low, value, high] = of ?? [];
      if (low === undefined || value === undefined || high === undefined) return undefined;
      return { kind: "max", of: [low, { kind: "min", of: [value, high] }] };
    }
    default:
      return parseNumeric(name, splitTop(body, ","), depth);
  }
}

/** Functions of numbers and absolute lengths: what is relative is taken of a font of 16 px. */
function parseNumeric(name: string, parts: readonly string[], depth: number): Length | undefined {
  const strategy = /^(?:nearest|up|down|to-zero)$/.test(parts[0]?.trim() ?? "") ? parts[0] : undefined;
  const args = parts
    .slice(strategy === undefined ? 0 : 1)
    .map((part) => parseSum(radians(part), depth + 1));
  if (args.length === 0 || !args.every((arg) => arg !== undefined)) return undefined;
  const values = args.map((arg) => resolveLength(arg, { emPx: 16, remPx: 16, percentOfPx: 0 }));
  const [first = 0, second = 1] = values;
  const value =
    name === "round" ? roundTo(strategy?.trim() ?? "nearest", first, second) : mathFunction(name, values);
  if (value === undefined) return undefined;
  const isPlain = givesNumber.test(name) || args.every((arg) => arg.kind === "sum" && arg.plain === true);
  const length = { kind: "sum", px: value, em: 0, rem: 0, percent: 0 } as const;
  return isPlain ? { ...length, plain: true } : length;
} // prettier-ignore

const perRadian: Readonly<Record<string, number>> = { deg: Math.PI / 180, grad: Math.PI / 200, turn: 2 * Math.PI, rad: 1 }; // prettier-ignore

function radians(text: string): string {
  return text.replace(/([+-]?[\d.]+)(deg|grad|turn|rad)\b/g, (_, number: string, unit: string) =>
    String(Number(number) * (perRadian[unit] ?? 1)),
  );
}

/** Terms between ` + ` and ` - `, factors between * and /. A plain number stays marked as such. */
function parseSum(text: string, depth: number): Length | undefined {
  const parts = splitTop(text.replace(/([*/])/g, " $1 "), " ");
  const terms: Length[] = [];
  let sign = 1;
  let term: Length | undefined;
  let operator = "";
  for (const part of parts) {
    if (part === "+" || part === "-" || part === "*" || part === "/") {
      if (term === undefined || operator !== "") return undefined;
      if (part === "*" || part === "/") operator = part;
      else {
        terms.push(times(term, sign));
        term = undefined;
        sign = part === "-" ? -1 : 1;
      }
      continue;
    }
    const value = parseOperand(part, depth);
    if (value === undefined) return undefined;
    if (term === undefined) term = value;
    else if (operator === "") return undefined;
    else {
      term = combine(term, operator, value);
      operator = "";
      if (term === undefined) return undefined;
    }
  }
  if (term === undefined || operator !== "") return undefined;
  terms.push(times(term, sign));
  return addAll(terms);
}

function parseOperand(part: string, depth: number): Length | undefined {
  if (part.startsWith("(") && part.endsWith(")"))
    return parseMath("calc", part.slice(1, -1), depth + 1);
  const constant = { e: Math.E, pi: Math.PI, infinity: 1e9, "-infinity": -1e9, nan: 0 }[part];
  if (constant !== undefined)
    return { kind: "sum", px: constant, em: 0, rem: 0, percent: 0, plain: true };
  const call = functionCall(part);
  return call === undefined ? parseLength(part, true) : parseMath(call.name, call.body, depth + 1);
}

function combine(left: Length, operator: string, right: Length): Length | undefined {
  if (right.kind === "sum" && right.plain === true)
    return operator === "*"
      ? times(left, right.px)
      : right.px === 0
        ? undefined
        : times(left, 1 / right.px);
  if (operator === "*" && left.kind === "sum" && left.plain === true) return times(right, left.px);
  return undefined;
}

function times(length: Length, factor: number): Length {
  if (length.kind === "sum")
    return {
      ...length,
      px: length.px * factor,
      em: length.em * factor,
      rem: length.rem * factor,
      percent: length.percent * factor,
    };
  const of = length.of.map((item) => times(item, factor));
  if (length.kind === "add" || factor >= 0) return { kind: length.kind, of };
  return { kind: length.kind === "min" ? "max" : "min", of };
}

function addAll(terms: readonly Length[]): Length {
  const [only] = terms;
  if (terms.length === 1 && only !== undefined) return only;
  const sum = { kind: "sum" as const, px: 0, em: 0, rem: 0, percent: 0 };
  const others: Length[] = [];
  let relative = false;
  for (const term of terms) {
    if (term.kind !== "sum") {
      others.push(term);
      continue;
    }
    sum.px += term.px;
    sum.em += term.em;
    sum.rem += term.rem;
    sum.percent += term.percent;
    relative ||= term.relative === true;
  }
  const whole: Length = relative ? { ...sum, relative } : sum;
  return others.length === 0 ? whole : { kind: "add", of: [whole, ...others] };
}

export function resolveLength(length: Length, context: LengthContext): number {
  switch (length.kind) {
    case "sum":
      return (
        length.px +
        length.em * context.emPx +
        length.rem * context.remPx +
        (length.percent / 100) * context.percentOfPx
      );
    case "min":
      return Math.min(...length.of.map((item) => resolveLength(item, context)));
    case "max":
      return Math.max(...length.of.map((item) => resolveLength(item, context)));
    case "add":
      return length.of.reduce((sum, item) => sum + resolveLength(item, context), 0);
  }
}
