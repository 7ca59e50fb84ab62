// Finds the web and mail addresses that mail clients turn into links in plain text. Linear, bounded.
import { exceeds, limits } from "./limits.ts";
import type { Link } from "./view.ts";

export interface FoundLink {
  readonly start: number;
  readonly end: number;
  readonly link: Link;
}

const hint = /(?:https?:\/\/|mailto:|tel:|www\.|@)/gi;
const urlCharacters = asciiSet(/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%{}|^]/);
const localCharacters = asciiSet(/[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]/);
const hostCharacters = asciiSet(/[A-Za-z0-9.-]/);
const localMax = 64; // RFC 5321 §4.5.3.1.1
const urlMax = 4000; // beyond what browsers and relays carry

/** Throws LimitExceeded beyond the limit. */
export function findLinks(text: string): readonly FoundLink[] {
  const found: FoundLink[] = [];
  if (!text.includes("@") && !text.includes(":") && !/www\./i.test(text)) return found;
  hint.lastIndex = 0;
  for (let match = hint.exec(text); match !== null; match = hint.exec(text)) {
    const link =
      match[0] === "@"
        ? readMailAddress(text, match.index, found.at(-1)?.end ?? 0)
        : readUrl(text, match.index, match[0].toLowerCase());
    if (link === undefined) continue;
    found.push(link);
    hint.lastIndex = Math.max(link.end, match.index + 1);
    if (found.length > limits.links) exceeds(`has more than ${limits.links} links`);
  }
  return found;
}

function readUrl(text: string, start: number, scheme: string): FoundLink | undefined {
  if (start > 0 && /[A-Za-z0-9]/.test(text.charAt(start - 1))) return undefined;
  let end = start;
  while (end < text.length && end - start < urlMax && isIn(urlCharacters, text, end)) end += 1;
  end = trimEnd(text, start, end);
  if (end - start <= scheme.length) return undefined;
  const words = text.slice(start, end);
  const target = scheme === "www." ? `http://${words}` : words;
  return { start, end, link: { text: words, target } };
}

function readMailAddress(text: string, at: number, floor: number): FoundLink | undefined {
  let start = at;
  while (start > floor && at - start < localMax && isIn(localCharacters, text, start - 1))
    start -= 1;
  while (start < at && /[.'`{|}~=/?&*!#$%^]/.test(text.charAt(start))) start += 1;
  let end = at + 1;
  while (end < text.length && end - at < 256 && isIn(hostCharacters, text, end)) end += 1;
  while (end > at + 1 && /[.-]/.test(text.charAt(end - 1))) end -= 1;
  const host = text.slice(at + 1, end);
  if (start === at || !/^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/.test(host)) return undefined;
  const words = text.slice(start, end);
  return { start, end, link: { text: words, target: `mailto:${words}` } };
}

/** Punctuation that ends the sentence, not the address; a closing bracket stays where its partner is inside. */
function trimEnd(text: string, start: number, initialEnd: number): number {
  let end = initialEnd;
  const surplus = new Map<string, number>();
  while (end > start) {
    const last = text.charAt(end - 1);
    const opener = openers.get(last);
    if (opener === undefined) {
      if (!isIn(endingMarks, text, end - 1)) break;
    } else {
      const words = text.slice(start, initialEnd);
      const extra = surplus.get(last) ?? words.split(last).length - words.split(opener).length;
      if (extra <= 0) break;
      surplus.set(last, extra - 1);
    }
    end -= 1;
  }
  return end;
}

const openers = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);
const endingMarks = asciiSet(/[.,;:!?'*|^]/);

/** The ASCII characters that a pattern allows, by code: looked up for every character of a text. */
function asciiSet(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) =>
    pattern.test(String.fromCharCode(code)) ? 1 : 0,
  );
}

function isIn(set: Uint8Array, text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 && set[code] === 1;
}
