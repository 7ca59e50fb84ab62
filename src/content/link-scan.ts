// Finds the web and mail addresses that mail clients turn into links in plain text. Linear, bounded.
import type { Link } from "./view.ts";

export interface FoundLink {
  readonly start: number;
  readonly end: number;
  readonly link: Link;
}

const linksMax = 2000; // a newsletter has tens; beyond this the rest stays plain text
const hint = /(?:https?:\/\/|mailto:|tel:|www\.|@)/gi;
const urlCharacters = /[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%{}|^]/;
const localCharacters = /[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]/;
const hostCharacters = /[A-Za-z0-9.-]/;
const localMax = 64; // RFC 5321 §4.5.3.1.1
const urlMax = 4000; // beyond what browsers and relays carry

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
    if (found.length >= linksMax) break;
  }
  return found;
}

function readUrl(text: string, start: number, scheme: string): FoundLink | undefined {
  if (start > 0 && /[A-Za-z0-9]/.test(text.charAt(start - 1))) return undefined;
  let end = start;
  while (end < text.length && end - start < urlMax && urlCharacters.test(text.charAt(end)))
    end += 1;
  end = trimEnd(text, start, end);
  if (end - start <= scheme.length) return undefined;
  const words = text.slice(start, end);
  const target = scheme === "www." ? `http://${words}` : words;
  return { start, end, link: { text: words, target } };
}

function readMailAddress(text: string, at: number, floor: number): FoundLink | undefined {
  let start = at;
  while (start > floor && at - start < localMax && localCharacters.test(text.charAt(start - 1)))
    start -= 1;
  while (start < at && /[.'`{|}~=/?&*!#$%^]/.test(text.charAt(start))) start += 1;
  let end = at + 1;
  while (end < text.length && end - at < 256 && hostCharacters.test(text.charAt(end))) end += 1;
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
  for (const [opener, closer] of pairs) {
    const words = text.slice(start, end);
    surplus.set(closer, words.split(closer).length - words.split(opener).length);
  }
  while (end > start) {
    const last = text.charAt(end - 1);
    const extra = surplus.get(last);
    if (extra === undefined ? !/[.,;:!?'*|^]/.test(last) : extra <= 0) break;
    if (extra !== undefined) surplus.set(last, extra - 1);
    end -= 1;
  }
  return end;
}

const pairs = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
] as const;
