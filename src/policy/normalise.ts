// Folds text to the form in which rules compare it, and keeps where each character came from.

/**
 * `text` has no white space, no invisible characters, NFKC forms, ASCII in lower case. `at[i]` is the offset in the
 * source of the character at `i` (one more entry for the end); `gap[i]` is what stood before it.
 */
export interface Folded {
  readonly text: string;
  readonly at: Uint32Array;
  readonly gap: Uint8Array;
}

/** What stood before a folded character: nothing, white space, a line break, the edge of a block. */
export const gaps = { none: 0, space: 1, line: 2, block: 3 } as const;

/** Joins blocks into one text; a folded text has {@link gaps.block} there. */
export const blockBreak = "\f";

// NFKC leaves these apart although one stands for the other in names and addresses (old and new forms of a character).
const variants: ReadonlyMap<string, string> = new Map([
  ["㊑", "(株)"],
  ["㊒", "(有)"],
  ["㊔", "(名)"],
  ["㊓", "(社)"],
  ["〝", '"'],
  ["〟", '"'],
  ...("會会髙高﨑崎德徳濵浜濱浜邊辺邉辺齋斎齊斉國国澤沢廣広櫻桜眞真圓円榮栄惠恵靜静龍竜瀨瀬塚塚隆隆寬寛嶋島嶌島增増淸清瀧滝冨富曾曽薮藪檜桧蘆芦澁渋藝芸學学實実寶宝壽寿萬万豐豊鐵鉄藏蔵關関應応黑黒綠緑產産彌弥祿禄鷗鴎淺浅"
    .match(/../gu)
    ?.map((pair): [string, string] => {
      const [old, modern] = Array.from(pair);
      return [old ?? "", modern ?? ""];
    }) ?? []),
]);

const dashes = /^[‐‑‒–—―−﹘﹣－─━]$/u;

/** Folds one text. Linear in its length. */
export function fold(source: string): Folded {
  const { out } = foldInto(source);
  return closeScratch(out, source.length);
}

/** One line that is to be joined with others. */
export interface FoldedLine {
  readonly text: string;
  /** For each character 4 times its offset, and the gap before it; undefined where nothing was left out or put in. */
  readonly places: Uint32Array | undefined;
  /** What stands behind the last character. */
  readonly tail: number;
  /** Begins with a voicing mark, which changes a kana before it: cannot be joined. */
  readonly joinsBack: boolean;
  /** Holds breaks of its own: line ends of Unicode alone, form feeds. */
  readonly isBroken: boolean;
}

export function foldLine(source: string): FoldedLine {
  const { out, tail, joinsBack } = foldInto(source);
  let isBroken = false;
  let isPlain = (out.gap[0] ?? 0) === gaps.none;
  for (let index = 0; index < out.length; index += 1) {
    if (out.at[index] !== index || (index > 0 && out.gap[index] !== gaps.none)) isPlain = false;
    if (index > 0 && (out.gap[index] ?? 0) >= gaps.line) isBroken = true;
  }
  let places: Uint32Array | undefined;
  if (!isPlain) {
    places = new Uint32Array(out.length);
    for (let index = 0; index < out.length; index += 1)
      places[index] = (out.at[index] ?? 0) * 4 + (out.gap[index] ?? 0);
  }
  return { text: textOf(out.units, out.length), places, tail, joinsBack, isBroken };
}

function foldInto(source: string): {
  readonly out: Scratch;
  readonly tail: number;
  readonly joinsBack: boolean;
} {
  const out = openScratch(source.length);
  let pending: number = gaps.none;
  let joinsBack = false;
  for (let index = 0; index < source.length;) {
    const unit = source.charCodeAt(index);
    if (isPlain(unit)) {
      out.units[out.length] = unit >= 0x41 && unit <= 0x5a ? unit + 32 : unit;
      out.at[out.length] = index;
      out.gap[out.length] = pending;
      out.length += 1;
      pending = gaps.none;
      index += 1;
      continue;
    }
    const code = source.codePointAt(index) ?? 0;
    const space = spaceOf(code);
    if (space !== undefined) pending = Math.max(pending, space);
    else if (!isInvisible(code)) {
      const isMark = isVoicing(code);
      if (isMark && out.length === 0) joinsBack = true;
      if (!(isMark && composeLast(out, code))) {
        const folded = foldCharacter(code);
        push(out, folded, index, pending, source.length);
        if (folded !== "") pending = gaps.none;
      }
    }
    index += code > 0xffff ? 2 : 1;
  }
  return { out, tail: pending, joinsBack };
}

/** Characters that stand for themselves: printable ASCII and plain kana. */
function isPlain(code: number): boolean {
  return (
    (code > 0x20 && code < 0x7f) ||
    (code >= 0x3041 && code <= 0x3096) ||
    (code >= 0x30a1 && code <= 0x30fc)
  );
}

/** Arrays of fixed type that are used again and again: some thousand characters are folded for every message. */
interface Scratch {
  units: Uint16Array<ArrayBuffer>;
  at: Uint32Array<ArrayBuffer>;
  gap: Uint8Array<ArrayBuffer>;
  length: number;
}

const scratchMin = 4096;
const scratchMax = 65_536; // larger ones are not kept
const expansionMax = 18; // characters that NFKC makes of one
let scratch = createScratch(scratchMin);

function createScratch(size: number): Scratch {
  return {
    units: new Uint16Array(size),
    at: new Uint32Array(size),
    gap: new Uint8Array(size),
    length: 0,
  };
}

/** With room for `length` characters that stay one character, and more than one that does not. */
function openScratch(length: number): Scratch {
  const size = length + expansionMax + 1;
  if (size > scratchMax) return createScratch(size);
  const { length: room } = scratch.units;
  if (room < size || room > scratchMax) scratch = createScratch(Math.max(scratchMin, size));
  scratch.length = 0;
  return scratch;
}

function push(out: Scratch, text: string, offset: number, before: number, source: number): void {
  // Each character that is still to come may need one place, and this one its own.
  const needed = out.length + text.length + (source - offset) + expansionMax + 1;
  if (needed > out.units.length) grow(out, needed * 2);
  for (let unit = 0; unit < text.length; unit += 1) {
    out.units[out.length] = text.charCodeAt(unit);
    out.at[out.length] = offset;
    out.gap[out.length] = unit === 0 ? before : gaps.none;
    out.length += 1;
  }
}

function grow(out: Scratch, size: number): void {
  const wider = createScratch(size);
  wider.units.set(out.units);
  wider.at.set(out.at);
  wider.gap.set(out.gap);
  out.units = wider.units;
  out.at = wider.at;
  out.gap = wider.gap;
}

function closeScratch(out: Scratch, sourceLength: number): Folded {
  const { length } = out;
  out.at[length] = sourceLength;
  out.gap[length] = gaps.block;
  return {
    text: textOf(out.units, length),
    at: out.at.slice(0, length + 1),
    gap: out.gap.slice(0, length + 1),
  };
}

function textOf(units: Uint16Array<ArrayBuffer>, length: number): string {
  return Buffer.from(units.buffer, units.byteOffset, length * 2).toString("utf16le");
}

/** Replaces each match of a global `pattern`; the replacement's characters keep the match's place. */
export function refold(folded: Folded, pattern: RegExp, write: (match: string) => string): Folded {
  let text = "";
  const at: number[] = [];
  const gap: number[] = [];
  let last = 0;
  const keep = (end: number): void => {
    text += folded.text.slice(last, end);
    for (let index = last; index < end; index += 1) {
      at.push(folded.at[index] ?? 0);
      gap.push(folded.gap[index] ?? 0);
    }
  };
  for (const match of folded.text.matchAll(pattern)) {
    if (match[0].length === 0) continue;
    keep(match.index);
    const written = write(match[0]);
    text += written;
    for (let index = 0; index < written.length; index += 1) {
      at.push(folded.at[match.index] ?? 0);
      gap.push(index === 0 ? (folded.gap[match.index] ?? 0) : gaps.none);
    }
    last = match.index + match[0].length;
  }
  if (last === 0) return folded;
  keep(folded.text.length);
  at.push(folded.at.at(-1) ?? 0);
  gap.push(gaps.block);
  return { text, at: Uint32Array.from(at), gap: Uint8Array.from(gap) };
}

/** The first folded position whose source offset is at or behind `offset`. */
export function foldedAt(folded: Folded, offset: number): number {
  let low = 0;
  let high = folded.text.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((folded.at[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Text without white space in folded form, for comparing two values. */
export function foldText(source: string): string {
  return fold(source).text;
}

const cache = new Map<number, string>(); // NFKC of the characters met; bounded by cacheMax
const cacheMax = 4096;

function foldCharacter(code: number): string {
  const known = cache.get(code);
  if (known !== undefined) return known;
  const character = String.fromCodePoint(code);
  const form = character.normalize("NFKC").replace(/\s/gu, "").toLowerCase();
  const folded = dashes.test(form)
    ? "-"
    : (variants.get(character) ?? Array.from(form, (one) => variants.get(one) ?? one).join(""));
  if (cache.size < cacheMax) cache.set(code, folded);
  return folded;
}

function spaceOf(code: number): number | undefined {
  if (code === 0x20 || code === 0x09 || code === 0xa0 || code === 0x3000) return gaps.space;
  if (code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029)
    return gaps.line;
  if (code === 0x0c) return gaps.block;
  if ((code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x205f) return gaps.space;
  return code === 0x1680 || code === 0x2800 || code === 0x3164 || code === 0xffa0
    ? gaps.space
    : undefined;
}

/** Default-ignorable and control characters: they take no place on the screen and split words for a matcher only. */
function isInvisible(code: number): boolean {
  if (code < 0x20 || code === 0x7f || code === 0xad) return true;
  if (code < 0x300) return code >= 0x80 && code < 0xa0;
  return (
    code === 0x34f ||
    code === 0x61c ||
    code === 0x115f ||
    code === 0x1160 ||
    code === 0x17b4 ||
    code === 0x17b5 ||
    (code >= 0x180b && code <= 0x180f) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    code === 0xfeff ||
    (code >= 0xe0000 && code <= 0xe0fff)
  );
}

function isVoicing(code: number): boolean {
  return code === 0x3099 || code === 0x309a || code === 0xff9e || code === 0xff9f;
}

/** Joins a voicing mark to the kana before it (ｶ + ﾞ = ガ). */
function composeLast(out: Scratch, code: number): boolean {
  const mark = code === 0x309a || code === 0xff9f ? "\u309a" : "\u3099";
  const last = out.units[out.length - 1];
  if (out.length === 0 || last === undefined) return false;
  const composed = (String.fromCharCode(last) + mark).normalize("NFC");
  if (composed.length !== 1) return false;
  out.units[out.length - 1] = composed.charCodeAt(0);
  return true;
}
