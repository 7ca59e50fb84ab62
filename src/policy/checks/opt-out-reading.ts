// Reads how an alternative lets its reader stop the mail: each statement of refusal tied to the target it means.
import { legibility, lineAt, quote, type Page, type Target } from "../page.ts";
import type { Rebuff, Refusal, RefusalGrammar } from "../refusal.ts";
import { observe, type Judged, type Observation, type Wording } from "../rule.ts";
import { destinationOf } from "./destination.ts";
import { isOptOutHost } from "./host.ts";
import { fits, isNear, isNeutral } from "./opt-out-near.ts";
import { senseWays } from "./opt-out-sense.ts";
import { readStatements } from "./opt-out-statements.ts";
import { isShown, judgeOptOutTarget, replyTarget } from "./opt-out-target.ts";

/** One way to stop the mail: what the text says, and where it leads. */
export interface Way {
  readonly refusal: Refusal;
  /** Undefined: by answering the message. */
  readonly target?: Target;
  readonly verdict: Observation;
  /** Empty lines between statement and target, before both, or so many above that nobody looks for more. */
  readonly blankLines: number;
}

export interface OptOutReading {
  readonly ways: readonly Way[];
  /** Statements with no target near enough. */
  readonly stray: readonly Refusal[];
  /** Words of stopping that deny it or mean something else, quoted. */
  readonly rebuffs: readonly string[];
  /** Good targets that no statement belongs to. */
  readonly loose: () => readonly Target[];
}

/** What a pack knows of its language. */
export interface OptOutLanguage {
  readonly grammars: readonly RefusalGrammar[];
  /** Sentences that say answers are not read. */
  readonly sendOnly: RegExp;
  /** Sentences that ask for a mail, and name no other way. */
  readonly asksForMail: (sentence: string) => boolean;
  /** Words about ending mail, however they say it. */
  readonly suggests: (words: string) => boolean;
  /** Words of ending or of not wanting, whatever it is that ends. */
  readonly ending: RegExp;
  /** Words of a link or of the line around a URL that fit an opt-out: "here", "click", "URL". */
  readonly neutral: RegExp;
}

export function readOptOut(page: Page, judged: Judged, language: OptOutLanguage): OptOutReading {
  const { refusals, rebuffs: denials, quoted: rebuffs, sendOnly: warning } = readStatements(page, language); // prettier-ignore
  const sendOnly = warning !== undefined && isShown(page, warning);
  const gap = gapOf(page);
  const ways: Way[] = [];
  const stray: Refusal[] = [];
  const used = new Set<Target>();
  for (const refusal of refusals) {
    const targets = targetsOf(page, refusal, language, refusals).filter(
      (target) =>
        !isOnlyContact(page, refusal, target, judged, language) &&
        !isDenied(target, refusal, denials),
    );
    for (const target of targets) {
      used.add(target);
      const verdict = judgeOptOutTarget(page, target, judged, sendOnly);
      ways.push({ refusal, target, verdict, blankLines: blankLinesOf(page, gap, refusal, target) });
    }
    if (targets.length > 0) continue;
    if (refusal.byReply) {
      const verdict = replyTarget(judged, sendOnly);
      ways.push({ refusal, verdict, blankLines: blankLinesOf(page, gap, refusal) });
    } else stray.push(refusal);
  }
  if (!ways.some((way) => way.verdict.outcome !== "fail")) {
    const sensed = senseWays(page, judged, denials.filter((one) => one.isDenial), language); // prettier-ignore
    for (const { target, refusal } of sensed) {
      if (used.has(target)) continue;
      used.add(target);
      const verdict = judgeOptOutTarget(page, target, judged, sendOnly);
      ways.push({ refusal, target, verdict, blankLines: blankLinesOf(page, gap, refusal, target) });
    }
  }
  const loose = (): readonly Target[] =>
    page.targets.filter(
      (target) =>
        !used.has(target) && judgeOptOutTarget(page, target, judged, sendOnly).outcome === "pass",
    );
  return { ways, stray, rebuffs, loose };
}

/** The targets that a statement means: inside it, in its sentence or line, or else the nearest ones around it. */
function targetsOf(
  page: Page,
  refusal: Refusal,
  language: OptOutLanguage,
  all: readonly Refusal[],
): readonly Target[] {
  const inside = page.targets.filter(
    (target) => target.start < refusal.end && refusal.start < target.end,
  );
  if (inside.length > 0) return inside;
  const line = lineAt(page, refusal.start);
  const lastLine = lineAt(page, refusal.end - 1);
  const from = Math.min(refusal.from, refusal.start);
  const inSentence = page.targets.filter(
    (target) =>
      (target.start >= from && target.end <= refusal.to) ||
      (target.start >= refusal.end &&
        target.start < lastLine.end &&
        target.start - refusal.to < 40),
  );
  const chosen = chooseInSentence(page, refusal, inSentence, language, all);
  if (chosen !== undefined) return [chosen];
  const near = page.targets.filter((target) =>
    isNear(page, refusal, target, line.blockRank, language),
  );
  const fitting = near.filter((target) => fits(page, target, language, refusal));
  const after = fitting.find((target) => target.start >= refusal.end);
  const before = fitting.findLast((target) => target.end <= refusal.start);
  if (refusal.points === "after") return after === undefined ? [] : [after];
  if (refusal.points === "before") return before === undefined ? [] : [before];
  return [after, before].filter((target) => target !== undefined);
}

/** "このメールは[配信停止]できません": a label nearby does not make that link good. */
function isDenied(target: Target, refusal: Refusal, denials: readonly Rebuff[]): boolean {
  const isOwn = target.start < refusal.end && refusal.start < target.end;
  return !isOwn && denials.some((one) => target.start < one.end && one.start < target.end);
}

/** A contact's mailbox on the next line is no way to stop the mail, unless the statement asks for a mail. */
function isOnlyContact(
  page: Page,
  refusal: Refusal,
  target: Target,
  judged: Judged,
  language: OptOutLanguage,
): boolean {
  const destination = destinationOf(target);
  if (destination.kind !== "mail" || isOptOutHost(destination.domain, judged.facts)) return false;
  const { contacts } = judged.facts.stream.sender.legal;
  const address = destination.address.toLowerCase();
  if (!contacts.some((contact) => contact.toLowerCase() === address)) return false;
  const isInSentence =
    target.start < Math.max(refusal.to, lineAt(page, refusal.end - 1).end) &&
    target.end > Math.min(refusal.from, refusal.start) &&
    lineAt(page, target.start).block === lineAt(page, refusal.start).block;
  return !isInSentence && !language.asksForMail(page.words.slice(refusal.from, refusal.to));
}

/** In the sentence itself: the first behind the words of stopping that no other statement claims, else the last before. */
function chooseInSentence(
  page: Page,
  refusal: Refusal,
  targets: readonly Target[],
  language: OptOutLanguage,
  all: readonly Refusal[],
): Target | undefined {
  const free = targets.filter(
    (target) =>
      !all.some(
        (other) => other !== refusal && other.start < target.end && target.start < other.end,
      ),
  );
  const behind = free.filter((target) => target.start >= refusal.end);
  const fitting = behind.find(
    (target) => target.how === "literal" || isNeutral(target.text, language),
  );
  const next = fitting ?? behind[0] ?? free.findLast((target) => target.end <= refusal.start);
  if (next === undefined) return undefined;
  // A link with a purpose of its own on a line of links is not what the statement means.
  const joined = page.words.slice(
    Math.min(refusal.end, next.end),
    Math.max(refusal.start, next.start),
  );
  if (next.how === "link" && !isNeutral(next.text, language) && /[|｜/]|^・/u.test(joined))
    return undefined;
  return next;
}

/** Empty space inside a message. */
interface Gap {
  /** Index of the block behind it. */
  readonly block: number;
  readonly lines: number;
}

const endingLines = 60; // more than a screen: the message seems to be over

/** The first gap that looks like the message's end. */
function gapOf({ alternative: { blocks } }: Page): Gap | undefined {
  const block = blocks.findIndex(
    ({ blankLinesBefore }, index) => index > 0 && blankLinesBefore >= endingLines,
  );
  return block === -1 ? undefined : { block, lines: blocks[block]?.blankLinesBefore ?? 0 };
}

function blankLinesOf(page: Page, gap: Gap | undefined, refusal: Refusal, target?: Target): number {
  const { blocks } = page.alternative;
  const first = lineAt(page, refusal.start).block;
  const second = target === undefined ? first : lineAt(page, target.start).block;
  let most = gap !== undefined && Math.min(first, second) >= gap.block ? gap.lines : 0;
  for (let index = Math.min(first, second); index <= Math.max(first, second); index += 1)
    most = Math.max(most, blocks[index]?.blankLinesBefore ?? 0);
  return most;
}

/** How the words of a way can be read, as an outcome. */
export function judgeLegibility(page: Page, start: number, end: number): Observation | undefined {
  const { contrast, fontSizePx } = legibility(page, start, end);
  if (contrast >= warnContrast && fontSizePx >= failFontSizePx) return undefined;
  const said: Wording = {
    en: `contrast ${contrast.toFixed(1)}:1, ${fontSizePx.toFixed(0)}px`,
    ja: `コントラスト比 ${contrast.toFixed(1)}:1、文字サイズ ${fontSizePx.toFixed(0)}px`,
  };
  const words = quote(page, start, end);
  if (contrast < failContrast || fontSizePx < failFontSizePx) {
    return observe(
      "fail",
      `"${words}" cannot be read: ${said.en}`,
      `「${words}」は読めません（${said.ja}）`,
    );
  }
  if (contrast < warnContrast)
    return observe(
      "warn",
      `"${words}" is hard to read: ${said.en}`,
      `「${words}」は読みにくい表示です（${said.ja}）`,
    );
  return undefined;
}

// law.md U23, own thresholds: WCAG asks for 4.5, yet grey footers of 3 are common and can be read.
const failContrast = 2;
const warnContrast = 3;
const failFontSizePx = 9;
