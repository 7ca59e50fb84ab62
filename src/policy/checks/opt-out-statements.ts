// What the words of a page say about stopping the mail, whatever its links lead to: kept with the text, since campaigns share theirs.
import { gaps } from "../normalise.ts";
import { onceFor } from "../once-for.ts";
import { blank, lineAt, quote, type Page } from "../page.ts";
import type { Rebuff, Refusal, Speech } from "../refusal.ts";
import type { ShownText } from "../shown-text.ts";
import type { OptOutLanguage } from "./opt-out-reading.ts";

/** All of it is decided by the text and by where in it the words of links begin and end. */
export interface Statements {
  /** In order. */
  readonly refusals: readonly Refusal[];
  readonly rebuffs: readonly Rebuff[];
  readonly quoted: readonly string[];
  /** Words that say that answers are not read. */
  readonly sendOnly: { readonly start: number; readonly end: number } | undefined;
}

interface Kept {
  readonly links: readonly number[];
  readonly statements: Statements;
}

/** The last one of each text. */
const kept = onceFor((_language: OptOutLanguage) => new WeakMap<ShownText, Kept>());

export function readStatements(page: Page, language: OptOutLanguage): Statements {
  const links = linksOf(page);
  if (!page.text.isKept) return readAnew(page.text, links, language);
  const known = kept(language).get(page.text);
  if (known !== undefined && isSame(known.links, links)) return known.statements;
  const statements = readAnew(page.text, links, language);
  kept(language).set(page.text, { links, statements });
  return statements;
}

function readAnew(text: ShownText, links: readonly number[], language: OptOutLanguage): Statements {
  const speech = speechOf(text, links);
  const found = language.grammars.map((grammar) => grammar(speech));
  const rebuffs = found.flatMap((one) => one.rebuffs);
  const sendOnly = language.sendOnly.exec(text.words);
  return {
    refusals: found.flatMap((one) => one.refusals).toSorted((a, b) => a.start - b.start),
    rebuffs,
    quoted: rebuffs.map((one) => quote(text, one.start, one.end, 20)),
    sendOnly: sendOnly === null ? undefined : { start: sendOnly.index, end: sendOnly.index + sendOnly[0].length }, // prettier-ignore
  };
}

function isSame(one: readonly number[], two: readonly number[]): boolean {
  return one.length === two.length && one.every((number, index) => number === two[index]);
}

/** Start and end of each link in turn. */
function linksOf({ targets }: Page): readonly number[] {
  const links: number[] = [];
  for (const { how, start, end } of targets) if (how === "link") links.push(start, end);
  return links;
}

export function toSpeech(page: Page): Speech {
  return speechOf(page.text, linksOf(page));
}

function speechOf(text: ShownText, links: readonly number[]): Speech {
  const { folded, words } = text;
  const isBreak = (position: number): boolean => {
    const gap = folded.gap[position] ?? gaps.none;
    if (gap < gaps.line || position === 0) return false;
    if (gap === gaps.block) return true;
    // A line that ends in the middle of a sentence was only wrapped.
    const last = words.charAt(position - 1);
    if (/[を]/u.test(last)) return words.charAt(position) === blank;
    const length = position - lineAt(text, position - 1).start;
    return !(
      (/[のはがでにとや、もり,]/u.test(last) || (length >= 18 && /[\p{L}\p{N}]/u.test(last))) &&
      /[\p{L}\p{N}「『(]/u.test(words.charAt(position))
    );
  };
  const starts = new Set(links.filter((_, index) => index % 2 === 0));
  const ends = new Set(links.filter((_, index) => index % 2 === 1));
  return {
    words,
    gap: folded.gap,
    isBreak,
    isLinkStart: (position) => starts.has(position),
    isLinkEnd: (position) => ends.has(position),
  };
}
