// A duty met by a page of the sender: a link whose words say what stands there, at a host of the sender.
import { gaps } from "../normalise.ts";
import { blank, lineAt, quote, type Page, type Target } from "../page.ts";
import { observe, type Judged, type Observation } from "../rule.ts";
import { destinationOf } from "./destination.ts";
import { areFollowed, follow, type Find, type FittingLink } from "./follow.ts";
import { isOptOutHost, isOwnHost } from "./host.ts";
import { judgeLegibility } from "./opt-out-reading.ts";

/**
 * The best link whose label fits; undefined where no visible words match the label beside a link. Where pages of the
 * sender are read, the page must show what `find` looks for, if that is given.
 */
export function linkOut(
  page: Page,
  judged: Judged,
  label: RegExp,
  find?: Find,
): Observation | undefined {
  const fitting: FittingLink[] = [];
  let worst: Observation | undefined;
  for (const target of page.targets) {
    const words = labelOf(page, target, label);
    if (words === undefined) continue;
    const destination = destinationOf(target);
    if (destination.kind !== "web") {
      worst ??= observe(
        "fail",
        `"${words}" is no link to a page`,
        `「${words}」はページへのリンクではありません`,
      );
      continue;
    }
    const { host } = destination;
    if (!isOwnHost(host, judged.facts) && !isOptOutHost(host, judged.facts)) {
      worst ??= observe(
        "fail",
        `"${words}" leads to ${host}, which is not a registered host of the sender`,
        `「${words}」の飛び先 ${host} は送信者の登録済みホストではありません`,
      );
      continue;
    }
    const dim = judgeLegibility(page, target.start, target.end);
    if (dim?.outcome === "fail") {
      worst ??= dim;
      continue;
    }
    const seen =
      dim ?? observe("pass", `the link "${words}" to ${host}`, `リンク「${words}」（${host}）`);
    if (find === undefined || !areFollowed(judged)) return seen;
    fitting.push({ words, url: destination.url, seen });
  }
  return (find === undefined ? undefined : follow(fitting, judged, find)) ?? worst;
}

/** Whether nothing else of the message needs to be looked at: the link is good, or only its page is waited for. */
export function standsFor(link: Observation): boolean {
  return link.outcome !== "fail" || link.reason === "page-unchecked";
}

/** The words that tell what a link is for: its own, those before it on its line, or the line above a bare URL. */
export function labelOf(page: Page, target: Target, label: RegExp): string | undefined {
  if (target.how === "link" && label.test(target.text))
    return quote(page, target.start, target.end);
  const line = lineAt(page, target.start);
  const isVague = target.how === "literal" || isBare(target.text);
  if (!isVague) return undefined;
  const from = lastTargetEnd(page, target, line.start);
  const before = page.words.slice(Math.max(from, target.start - 60), target.start);
  if (label.test(before)) return quote(page, Math.max(from, target.start - 40), target.end);
  const after = page.words.slice(target.end, Math.min(line.end, target.end + 30));
  if (/^(?:\(|に|で|をご)/u.test(after) && label.test(after) && !after.includes(blank))
    return quote(page, target.start, Math.min(line.end, target.end + 30));
  // A bare URL that begins its line is named by the line above.
  if (/[\p{L}\p{N}]/u.test(before.replace(/^(?:url|http|リンク)[:：]?/u, "")) || line.start === 0)
    return undefined;
  const above = lineAt(page, line.start - 1);
  if (page.folded.gap[line.start] === gaps.block && line.blockRank - above.blockRank > 1)
    return undefined;
  const words = page.words.slice(Math.max(above.start, above.end - 60), above.end);
  return label.test(words) && !words.includes(blank)
    ? quote(page, Math.max(above.start, above.end - 60), above.end)
    : undefined;
}

/** A link whose words say nothing of what it is for. */
function isBare(text: string): boolean {
  return (
    /^https?:\/\/|^www\./.test(text) ||
    /^[\p{P}\p{S}]*(?:こちら|ここ|コチラ|here|link|リンク|詳細|詳しく(?:はこちら)?|確認する|(?:専用)?フォーム|メール|e-?mail|url|(?:の)?ページ|(?:弊社|当社)?(?:ホームページ|ウェブサイト|webサイト|サイト|hp)|click)[\p{P}\p{S}からへをでよりまで]*$/u.test(
      text,
    )
  );
}

/** Where the last other target of the line ends: words before it belong to that one. */
function lastTargetEnd(page: Page, target: Target, lineStart: number): number {
  let low = 0;
  let high = page.targets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((page.targets[middle]?.start ?? 0) < target.start) low = middle + 1;
    else high = middle;
  }
  return Math.max(lineStart, Math.min(page.targets[low - 1]?.end ?? 0, target.start));
}
