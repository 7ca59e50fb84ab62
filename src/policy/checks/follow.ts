// Whether one of the pages that a message leaves a duty to really shows it, from pages that were read beforehand. Pure.
import { linkedPageKey, pageOf, type LinkedPage } from "../linked-page.ts";
import type { Page } from "../page.ts";
import { observe, type Judged, type Observation, type Wording } from "../rule.ts";

const followedMax = 3; // different pages for one duty; a footer has one

/** A link that fits by its words and its host. */
export interface FittingLink {
  readonly words: string;
  readonly url: URL;
  /** What the link says by itself. */
  readonly seen: Observation;
}

/** What a page shows of the duty; undefined where nothing. */
export type Find = (page: Page, about: { readonly takesInput: boolean }) => Observation | undefined;

/** Whether pages are looked at for this sender. */
export function areFollowed({ facts }: Judged): boolean {
  const { pages } = facts.stream.sender.legal;
  return pages !== undefined && pages !== "trust";
}

/** The best that the pages say; undefined where there is no link. Each observation names the pages it rests on. */
export function follow(
  links: readonly FittingLink[],
  judged: Judged,
  find: Find,
): Observation | undefined {
  const { legal } = judged.facts.stream.sender;
  const softened = legal.pages === "fetch-if-reachable" ? "warn" : "fail";
  const byKey = new Map<string, FittingLink>();
  for (const link of links) {
    const key = linkedPageKey(link.url);
    if (byKey.size < followedMax && !byKey.has(key)) byKey.set(key, link);
  }
  let waiting: Observation | undefined;
  let wrong: Observation | undefined;
  for (const [key, link] of byKey) {
    const seen = lookAt(judged.facts.linkedPages?.get(key), link, find, softened);
    if (seen.outcome !== "fail" && seen.reason === undefined)
      return { ...seen, pages: [...byKey.keys()] };
    if (seen.reason === undefined) wrong ??= seen;
    else waiting ??= seen;
  }
  const worst = waiting ?? wrong;
  return worst === undefined ? undefined : { ...worst, pages: [...byKey.keys()] };
}

function lookAt(
  page: LinkedPage | undefined,
  link: FittingLink,
  find: Find,
  softened: "warn" | "fail",
): Observation {
  const { words, url, seen } = link;
  const place = shorten(`${url.host}${url.pathname}`);
  switch (page?.kind) {
    case undefined:
      return {
        ...observe(softened, `the page behind "${words}" (${place}) has not been read yet`, `「${words}」のリンク先（${place}）をまだ確認できていません`),
        reason: "page-unchecked",
        remedy: comesAgain,
      };
    case "away":
      return {
        ...observe(softened, `the page behind "${words}" (${place}) cannot be had now: ${page.why.en}`, `「${words}」のリンク先（${place}）を現在取得できません：${page.why.ja}`),
        reason: "page-unchecked",
        remedy: comesAgain,
      };
    case "unusable":
      return {
        ...observe("fail", `the page behind "${words}" (${place}) cannot be read: ${page.why.en}`, `「${words}」のリンク先（${place}）を読み取れません：${page.why.ja}`),
        remedy: mendPage,
      };
    case "read": {
      const found = find(pageOf(page), page);
      if (found === undefined || found.outcome === "fail") {
        const why = found?.evidence ?? { en: "", ja: "" };
        return {
          ...observe("fail", `"${words}" leads to ${place}, and that page does not show it${colon(why.en, ": ")}`, `「${words}」のリンク先（${place}）に記載がありません${colon(why.ja, "：")}`),
          remedy: mendPage,
        };
      }
      const en = `${seen.evidence.en}, where ${found.evidence.en} was seen`;
      const ja = `${seen.evidence.ja}、リンク先で${found.evidence.ja}を確認`;
      const dim = seen.outcome === "warn" || found.outcome === "warn";
      return observe(dim ? "warn" : "pass", en, ja);
    }
  }
} // prettier-ignore

const comesAgain: Wording = {
  en: "Try again in some minutes. If it stays so, see that the page answers by https to anybody within some seconds, and that all messages link to one and the same page; or write it into the message itself.",
  ja: "数分後に再送してください。続く場合は、ページが誰からの https アクセスにも数秒以内に応答すること、全メールのリンク先が同一ページであることを確認するか、メール本文に直接記載してください。",
};

const mendPage: Wording = {
  en: "Show it as text on that page, without a login and not by script alone, or let the link lead to the page that shows it; or write it into the message itself. A page that was mended is looked at anew within minutes.",
  ja: "リンク先ページに（ログイン不要・スクリプトに頼らない）文字で記載するか、記載のあるページへリンクするか、メール本文に直接記載してください。修正後のページは数分で再確認されます。",
};

function colon(text: string, mark: string): string {
  return text === "" ? "" : mark + text;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
