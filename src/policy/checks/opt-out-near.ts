// How near a target must stand to a statement of refusal, and whether its own words fit it (規則7条1項2号「直前または直後」).
import { gaps } from "../normalise.ts";
import { blank, lineAt, type Line, type Page, type Target } from "../page.ts";
import type { Refusal } from "../refusal.ts";
import type { OptOutLanguage } from "./opt-out-reading.ts";

// 規則7条1項2号 says directly before or after; these bounds leave room for a line on how long it takes, no more.
const linesApartMax = 4;
const charactersApartMax = 300;

export function isNear(
  page: Page,
  refusal: Refusal,
  target: Target,
  blockRank: number,
  language: OptOutLanguage,
): boolean {
  const line = lineAt(page, target.start);
  const ownLine =
    target.start >= refusal.end ? lastLineOf(page, refusal) : lineAt(page, refusal.from);
  const blocksApart = Math.min(
    Math.abs(line.blockRank - blockRank),
    Math.abs(line.blockRank - ownLine.blockRank),
  );
  // "■購読解除について", "以下のリンクからお手続きいただけます。", the link: what stands between only points.
  const onlyPoints = blocksApart === 2 && isNeutral(page.words.slice(ownLine.end, line.start), language); // prettier-ignore
  if (blocksApart > 1 && !onlyPoints) return false;
  const linesMax = refusal.strength === "label" ? 1 : linesApartMax;
  if (Math.abs(line.rank - ownLine.rank) > linesMax) return false;
  const apart = target.start >= refusal.end ? target.start - refusal.to : refusal.from - target.end;
  return apart <= charactersApartMax;
}

/** Where the statement ends: a line that breaks off in the middle of the sentence goes on in the next, block or not. */
function lastLineOf(page: Page, refusal: Refusal): Line {
  const line = lineAt(page, refusal.to - 1);
  if (!/[、,はをがにでへとの]$/u.test(page.words.slice(line.start, line.end))) return line;
  return line.end < page.words.length ? lineAt(page, line.end) : line;
}

/** Whether a target on another line can be what the statement means: its own words name no other purpose. */
export function fits(
  page: Page,
  target: Target,
  language: OptOutLanguage,
  refusal: Refusal,
): boolean {
  if (target.how === "link" && !isLiteralText(target)) return isNeutral(target.text, language);
  const line = lineAt(page, target.start);
  const label = (
    page.words.slice(line.start, target.start) + page.words.slice(target.end, line.end)
  ).replaceAll(blank, "");
  if (label.length > 40) return false;
  if (!isNeutral(label, language)) return false;
  // "↑配信停止はこちら" says which URL it is about.
  if (
    target.end <= refusal.start &&
    pointsUp.test(page.words.charAt(lineAt(page, refusal.start).start))
  )
    return true;
  // A label on the line above belongs to the URL, unless that line is the statement's own.
  if (line.start === 0 || page.folded.gap[line.start] === gaps.block) return true;
  const above = lineAt(page, line.start - 1);
  if (target.start >= refusal.end && above.start < refusal.to) return true;
  const words = page.words.slice(above.start, above.end);
  // A remark or a whole sentence is no label.
  const isRemark = /^[※*(]|(?:です|ます|ません|ました|ください)[。)]?$|。$/u.test(words);
  return words.includes(blank) || words.length > 30 || isRemark || isNeutral(words, language);
}

const pointsUp = /[↑⬆⇧☝]/u;

function isLiteralText(target: Target): boolean {
  return /^https?:\/\/|^[^@\s]+@[^@\s]+\.[a-z]+$/.test(target.text);
}

export function isNeutral(text: string, language: OptOutLanguage): boolean {
  const rest = text.replace(language.neutral, "").replace(/[\p{P}\p{S}\p{N}]/gu, "");
  return rest.length <= 1;
}
