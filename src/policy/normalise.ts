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
  ...("會会髙高﨑崎德徳濵浜濱浜邊辺邉辺齋斎齊斉國国澤沢廣広櫻桜眞真圓円榮栄惠恵靜静龍竜瀨瀬塚塚隆隆寬寛嶋島嶌島增増淸清"
    .match(/../gu)
    ?.map((pair): [string, string] => {
      const [old, modern] = Array.from(pair);
      return [old ?? "", modern ?? ""];
    }) ?? []),
]);

const dashes = /^[‐‑‒–—―−﹘﹣－─━]$/u;

/** Folds one text. Linear in its length. */
export function fold(source: string): Folded {
  const out = createBuffer(source.length);
  let pending: number = gaps.none;
  for (let index = 0; index < source.length;) {
    const code = source.codePointAt(index) ?? 0;
    const width = code > 0xffff ? 2 : 1;
    if (isPlain(code)) {
      out.push(code >= 0x41 && code <= 0x5a ? code + 32 : code, index, pending);
      pending = gaps.none;
      index += width;
      continue;
    }
    const space = spaceOf(code);
    if (space !== undefined) pending = Math.max(pending, space);
    else if (!isInvisible(code) && !(isVoicing(code) && composeLast(out, code))) {
      const folded = foldCharacter(code);
      for (let unit = 0; unit < folded.length; unit += 1) {
        out.push(folded.charCodeAt(unit), index, pending);
        pending = gaps.none;
      }
    }
    index += width;
  }
  return out.finish(source.length);
}

/** Characters that stand for themselves: printable ASCII and plain kana. */
function isPlain(code: number): boolean {
  return (
    (code > 0x20 && code < 0x7f) ||
    (code >= 0x3041 && code <= 0x3096) ||
    (code >= 0x30a1 && code <= 0x30fc)
  );
}

interface FoldBuffer {
  readonly push: (unit: number, offset: number, gap: number) => void;
  /** The last UTF-16 unit, and its replacement. */
  readonly last: () => number | undefined;
  readonly replaceLast: (unit: number) => void;
  readonly finish: (sourceLength: number) => Folded;
}

/** Arrays of fixed type that grow: a text of some thousand characters is folded for every message. */
function createBuffer(sourceLength: number): FoldBuffer {
  let units = new Uint16Array(sourceLength + 16);
  let at = new Uint32Array(sourceLength + 17);
  let gap = new Uint8Array(sourceLength + 17);
  let length = 0;
  const grow = (): void => {
    const more = units.length * 2;
    const wider = { units: new Uint16Array(more), at: new Uint32Array(more + 1), gap: new Uint8Array(more + 1) }; // prettier-ignore
    wider.units.set(units);
    wider.at.set(at);
    wider.gap.set(gap);
    ({ units, at, gap } = wider);
  };
  return {
    push: (unit, offset, before) => {
      if (length >= units.length) grow();
      units[length] = unit;
      at[length] = offset;
      gap[length] = before;
      length += 1;
    },
    last: () => (length === 0 ? undefined : units[length - 1]),
    replaceLast: (unit) => {
      if (length > 0) units[length - 1] = unit;
    },
    finish: (end) => {
      at[length] = end;
      gap[length] = gaps.block;
      const text = Buffer.from(units.buffer, 0, length * 2).toString("utf16le");
      return { text, at: at.subarray(0, length + 1), gap: gap.subarray(0, length + 1) };
    },
  };
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
function composeLast(out: FoldBuffer, code: number): boolean {
  const mark = code === 0x309a || code === 0xff9f ? "\u309a" : "\u3099";
  const last = out.last();
  if (last === undefined) return false;
  const composed = (String.fromCharCode(last) + mark).normalize("NFC");
  if (composed.length !== 1) return false;
  out.replaceLast(composed.charCodeAt(0));
  return true;
}
