// Plain layouts into which one wording at a time is put: two of text, two of HTML.
import { judgeMail, type Mail } from "../support/judged-mail.ts";
import { rulesOf } from "./cases.ts";
import { optOutUrl as U, type Duty, type Slots } from "./piece.ts";

const base: Slots = {
  name: "株式会社サンプル商事",
  address: "東京都架空区見本町1-2-3",
  contact: "お問い合わせ：support@example.jp",
  optOut: `配信停止はこちら\n${U}`,
};
const htmlBase: Slots = { ...base, optOut: `<a href="${U}">配信停止はこちら</a>` };

const layouts = {
  "ruled text": (s: Slots): Mail => ({
    text: `今週の新商品です。\nhttps://www.example.jp/new\n\n――――――――\n${s.optOut}\n\n${s.contact}\n\n${s.name}\n${s.address}\n――――――――\n`,
  }),
  "close text": (s: Slots): Mail => ({
    text: `今週のニュース\n\n${s.name}\n${s.address}\n${s.contact}\n${s.optOut}\n`,
  }),
  "HTML blocks": (s: Slots): Mail => ({
    html: `<p>今週の新商品です。<a href="https://www.example.jp/new">詳しくはこちら</a></p><div>${s.optOut}</div><div>${s.contact}</div><div>${s.name}</div><div>${s.address}</div>`,
  }),
  "HTML cell": (s: Slots): Mail => ({
    html: `<table><tr><td>新商品</td></tr><tr><td>${s.name}<br>${s.address}<br>${s.contact}<br>${s.optOut}</td></tr></table>`,
  }),
} as const;

export type Layout = keyof typeof layouts;

/** Outcomes that differ from what the wording was written as, with what was said; empty where all agree. */
export function disagreements(
  duty: Duty,
  words: string,
  isGood: boolean,
  use: readonly Layout[],
): readonly string[] {
  return use.flatMap((layout) => {
    const isHtml = layout.startsWith("HTML");
    const shown = isHtml && duty !== "optOut" ? words.replaceAll("\n", "<br>") : words;
    const findings = judgeMail(layouts[layout]({ ...(isHtml ? htmlBase : base), [duty]: shown }));
    const own = findings.filter((finding) => rulesOf[duty].includes(finding.rule));
    const failed = (isGood ? findings : own).filter((finding) => finding.outcome === "fail");
    if (failed.length > 0 !== isGood) return [];
    const said = (isGood ? failed : own).map((finding) => `${finding.rule}: ${finding.evidence}`);
    return [`${layout}, ${duty}: ${words} → ${said.join(" | ")}`];
  });
}
