// Duties left to a page of the sender: what the page must show, what is said where it does not, and what waits for it.
import { expect, test } from "vitest";

import { decideMessage } from "../../src/policy/decide.ts";
import type { Finding } from "../../src/policy/finding.ts";
import type { JudgeFacts } from "../../src/policy/judge.ts";
import {
  linkedPageKey,
  type LinkedPage,
  type LinkedPageMode,
} from "../../src/policy/linked-page.ts";
import { readPage } from "../../src/pages/read-page.ts";
import { factsFor, judgeMail, registry } from "../support/judged-mail.ts";

const company = "https://www.example.jp/company";
const contact = "https://www.example.jp/contact";
const footer = `株式会社サンプル商事
会社概要・所在地はこちら ${company}
お問い合わせフォーム ${contact}
配信停止をご希望の方はこちら https://u.example.jp/s/abc`;

const html = (body: string): LinkedPage => readPage(Buffer.from(body), "text/html; charset=utf-8");
const companyPage = html(
  "<h1>会社概要</h1><table><tr><th>所在地</th><td>〒999-9999 東京都架空区見本町一丁目2番3号</td></tr></table>",
);
const contactPage = html("<h1>お問い合わせ</h1><form><textarea></textarea></form>");

function facts(
  pages: LinkedPageMode,
  known?: Readonly<Record<string, LinkedPage>>,
  rules: readonly string[] = ["jp"],
): JudgeFacts {
  const sender = { ...registry, legal: { ...registry.legal, pages } };
  const linkedPages = known === undefined ? {} : { linkedPages: new Map(Object.entries(known)) };
  return factsFor({ sender, rules }, linkedPages);
}

function look(rule: string, given: JudgeFacts, text = footer): Finding {
  const found = judgeMail({ text }, given).find((one) => one.rule === rule);
  if (found === undefined) throw new Error(`${rule} was not asked`);
  return found;
}

test("with trust the link is enough, and no page is named", () => {
  const seen = look("jp/address", facts("trust"));
  expect(seen).toMatchObject({ outcome: "pass" });
  expect(seen.pages).toBeUndefined();
});

test("a page that shows the registered address passes, and the evidence quotes it", () => {
  const given = facts("fetch", { [company]: companyPage, [contact]: contactPage });
  expect(look("jp/address", given)).toMatchObject({
    outcome: "pass",
    evidence: expect.stringContaining("東京都架空区見本町一丁目2番3号") as string,
    evidenceJa: expect.stringContaining("リンク先で") as string,
    pages: [company],
  });
  expect(look("jp/contact", given)).toMatchObject({ outcome: "pass", pages: [contact] });
});

test.each([
  ["another address", "<p>〒999-9999 東京都架空区見本町9-9-9</p>"],
  ["a part of the address", "<p>東京都架空区</p>"],
  ["nothing of it", "<h1>会社概要</h1><p>創業 1990 年</p>"],
  [
    "the address, hidden",
    '<p>会社概要</p><p style="display:none">〒999-9999 東京都架空区見本町1-2-3</p>',
  ],
  [
    "the address in white",
    '<p>会社概要</p><p style="color:#fff">〒999-9999 東京都架空区見本町1-2-3</p>',
  ],
  ["the address in a comment", "<p>会社概要</p><!-- 〒999-9999 東京都架空区見本町1-2-3 -->"],
])("a page that shows %s fails with a remedy for the page", (_, body) => {
  const seen = look("jp/address", facts("fetch", { [company]: html(body) }));
  expect(seen).toMatchObject({ outcome: "fail", reason: "sender-address-missing" });
  expect(seen.evidence).toContain("www.example.jp/company, and that page does not show it");
  expect(seen.remedy.en).toContain("on that page");
});

test.each([
  ["404", { en: "it answers 404", ja: "応答が 404 です" }],
  ["no address", { en: "it is not at http or https", ja: "http・https のページではありません" }],
])("A14: a page that cannot be read (%s) fails", (_, why) => {
  const seen = look("jp/address", facts("fetch", { [company]: { kind: "unusable", why } }));
  expect(seen).toMatchObject({ outcome: "fail", reason: "sender-address-missing" });
  expect(seen.evidence).toContain(why.en);
  expect(seen.evidenceJa).toContain(why.ja);
});

test("a page not read yet defers the message, and one that is away does so too", () => {
  const away: LinkedPage = { kind: "away", why: { en: "no answer in time", ja: "応答なし" } };
  for (const known of [undefined, {}, { [company]: away }]) {
    const given = facts("fetch", known);
    const seen = look("jp/address", given);
    expect(seen).toMatchObject({ outcome: "fail", reason: "page-unchecked", pages: [company] });
    expect(decideMessage([seen], given.stream)).toMatchObject({
      kind: "defer",
      reason: "page-unchecked",
    });
    expect(decideMessage([seen], { ...given.stream, onViolation: "hold" }).kind).toBe("defer");
  }
});

test("what the message itself lacks is said first: it does not pass by waiting", () => {
  const given = facts("fetch", {});
  const findings = judgeMail({ text: footer.replace("株式会社サンプル商事", "サンプル") }, given);
  expect(decideMessage(findings, given.stream)).toMatchObject({
    kind: "refuse",
    reason: "sender-name-missing",
  });
});

test("with fetch-if-reachable a page that cannot be had warns, and one without the address still fails", () => {
  expect(look("jp/address", facts("fetch-if-reachable", {}))).toMatchObject({ outcome: "warn" });
  const given = facts("fetch-if-reachable", { [company]: html("<p>会社概要</p>") });
  expect(look("jp/address", given)).toMatchObject({ outcome: "fail" });
});

test("no page is needed where the message shows it itself", () => {
  const text = `${footer}\n〒999-9999 東京都架空区見本町1-2-3\nTEL 03-0000-0000`;
  for (const rule of ["jp/address", "jp/contact"]) {
    const seen = look(rule, facts("fetch", {}), text);
    expect(seen.outcome).toBe("pass");
    expect(seen.pages).toBeUndefined();
  }
});

test.each([
  ["a form", "<h1>お問い合わせ</h1><form><input name=a></form>", "pass"],
  [
    "a framed form",
    '<h1>お問い合わせ</h1><iframe src="https://forms.example.net/x"></iframe>',
    "pass",
  ],
  ["the registered number", "<p>お電話 03-0000-0000</p>", "pass"],
  ["the registered mailbox", "<p>support@example.jp までご連絡ください</p>", "pass"],
  ["another number", "<p>お電話 03-9999-9999</p>", "fail"],
  ["nothing usable", "<p>お近くの店舗へお問い合わせください</p>", "fail"],
])("a contact page with %s: %s", (_, body, outcome) => {
  const known = { [company]: companyPage, [contact]: html(body) };
  expect(look("jp/contact", facts("fetch", known))).toMatchObject({ outcome });
});

test("the page of 特定商取引法 must show its items", () => {
  const law = "https://www.example.jp/law";
  const text = `${footer}\n特定商取引法に基づく表記 ${law}\nsupport@example.jp`;
  const items = html("<p>販売価格 各商品に記載（円）</p><p>送料 500円</p><p>お支払い方法 カード</p><p>発送 3日以内</p><p>返品 8日以内</p>");
  const rules = ["jp-tokusho"];
  const seen = (page: LinkedPage): Finding =>
    look("jp-tokusho/display", facts("fetch", { [law]: page }, rules), text);
  expect(seen(items).outcome).toBe("pass");
  expect(seen(html("<p>準備中です</p>")).outcome).toBe("fail");
}); // prettier-ignore

test("one page is one page, whatever campaigns add to its links", () => {
  expect(linkedPageKey(new URL(`${company}?utm_source=mail&id=3&utm_campaign=x#map`))).toBe(
    `${company}?id=3`,
  );
});

test("of many fitting links three pages at most are asked for", () => {
  const text = `${footer}\n${[1, 2, 3, 4, 5].map((n) => `会社概要 ${company}/${n}`).join("\n")}`;
  expect(look("jp/address", facts("fetch", {}), text).pages).toHaveLength(3);
});
