// The last resort of reading an opt-out: a target that shows by itself what it is for, and words about ending mail directly beside it.
import { foldText } from "../normalise.ts";
import { blank, lineAt, type Line, type Page, type Target } from "../page.ts";
import type { Rebuff, Refusal } from "../refusal.ts";
import type { Judged } from "../rule.ts";
import { evidentWays } from "./evident-way.ts";
import { isNeutral } from "./opt-out-near.ts";
import type { OptOutLanguage } from "./opt-out-reading.ts";

/** Words about ending mail, and the target they stand beside. */
export interface Sensed {
  readonly target: Target;
  readonly refusal: Refusal;
}

/** Words that deny stopping suggest nothing. */
export function senseWays(
  page: Page,
  judged: Judged,
  denials: readonly Rebuff[],
  language: OptOutLanguage,
): Sensed[] {
  return evidentWays(page, judged).flatMap((target) => {
    const span = spansBeside(page, target, language).find(({ start, end }) => {
      const isDenied = denials.some((one) => one.start < end && start < one.end);
      return !isDenied && language.suggests(page.words.slice(start, end).replaceAll(blank, ""));
    });
    return span === undefined ? [] : [{ target, refusal: toRefusal(span) }];
  });
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The link's own words, its sentence, and the line directly above or below with it. */
function spansBeside(page: Page, target: Target, language: OptOutLanguage): Span[] {
  const line = lineAt(page, target.start);
  const sentence = sentenceOn(page, line, target);
  const spans: Span[] = [];
  if (target.how === "link") {
    spans.push({ start: target.start, end: target.end });
    // "[今週のおすすめを見る]": a link with a purpose of its own is not what the words around it mean.
    if (!isNeutral(target.text, language) && !language.ending.test(foldText(target.text)))
      return spans;
  }
  spans.push(sentence);
  if (!holdsTarget(page, line, target)) spans.push({ start: line.start, end: line.end });
  const above = line.start > 0 ? lineAt(page, line.start - 1) : undefined;
  if (above !== undefined && sentence.start === line.start && !holdsTarget(page, above, target)) {
    spans.push({ start: lastSentenceOf(page, above), end: sentence.end });
    spans.push({ start: above.start, end: sentence.end });
  }
  const below = line.end < page.words.length ? lineAt(page, line.end) : undefined;
  const pointsUp =
    below !== undefined && /^[↑▲△(]|上記/u.test(page.words.slice(below.start, below.end));
  if (below !== undefined && pointsUp) spans.push({ start: target.start, end: below.end });
  return spans;
}

/** From the sentence's first word to its last; a line of several links has a sentence for each. */
function sentenceOn(page: Page, line: Line, target: Target): Span {
  let { start, end } = target;
  while (start > line.start && !/[。!?|｜・]/u.test(page.words.charAt(start - 1))) start -= 1;
  while (end < line.end && !/[。!?|｜・]/u.test(page.words.charAt(end))) end += 1;
  return { start, end };
}

function lastSentenceOf(page: Page, line: Line): number {
  const stop = /[。!?][^。!?]+$/u.exec(page.words.slice(line.start, line.end - 1));
  return line.start + (stop === null ? 0 : stop.index + 1);
}

/** A line that belongs to another link or address says nothing of this one. */
function holdsTarget(page: Page, line: Line, own: Target): boolean {
  return page.targets.some(
    (target) => target !== own && target.start < line.end && line.start < target.end,
  );
}

function toRefusal({ start, end }: Span): Refusal {
  return {
    start,
    end,
    from: start,
    to: end,
    strength: "hint",
    language: "ja",
    points: "either",
    byReply: false,
    onlyElsewhere: false,
    needsLogin: false,
    needsData: false,
    needsFee: false,
  };
}
