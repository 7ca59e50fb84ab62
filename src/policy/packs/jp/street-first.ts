// An address with its street before its town ("渋谷2-24-12, 渋谷区, 東京都 150-0002"): so tools put it together from their fields.
import { gaps } from "../../normalise.ts";
import type { ShownText } from "../../shown-text.ts";
import { wordsFrom } from "./address-words.ts";
import { canonicalAddress, prefectureAt, type PostalAddress } from "./postal.ts";

const apartMax = 60; // characters from the street's beginning to the town: a building's name stands between them

/** Where such an address begins and ends whose town stands at `at`. */
export function streetFirst(
  page: ShownText,
  at: number,
  { core, prefecture }: PostalAddress,
): { readonly start: number; readonly end: number } | undefined {
  const { text, gap } = page.folded;
  const behind = canonicalAddress(wordsFrom(page, at, Math.min(text.length, at + core.length + 8)));
  for (const { index } of core.matchAll(/(?<=[市区町村])/gu)) {
    const town = core.slice(0, index);
    const street = core.slice(index);
    if (!behind.startsWith(town) || !/^\D+\d/u.test(street)) continue;
    const end = at + town.length;
    const shown = prefectureAt(text, /^[,、]/u.test(text.slice(end)) ? end + 1 : end);
    if (shown !== undefined && prefecture !== "" && shown !== prefecture) continue;
    for (let start = Math.max(0, at - apartMax); start < at - 2; start += 1) {
      if (text.charAt(start) !== street.charAt(0)) continue;
      // "港区渋谷2-24-12" is a street of another town.
      if (gap[start] === gaps.none && /\p{Script=Han}/u.test(text.charAt(start - 1))) continue;
      const found = canonicalAddress(wordsFrom(page, start, at));
      const next = found.slice(street.length);
      if (found.startsWith(street) && !/^-?\d/u.test(next)) return { start, end };
    }
  }
  return undefined;
}
