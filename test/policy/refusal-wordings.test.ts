// Our own wordings of stopping mail, and wordings that only resemble them: understood by construction, not by list.
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { judgeMail, outcomeOf } from "../support/judged-mail.ts";

const wordings = JSON.parse(
  readFileSync(new URL("../fixtures/footers/refusal-wordings.json", import.meta.url), "utf8"),
) as Readonly<Record<"pass" | "warn" | "fail", readonly string[]>>;

const url = "https://u.example.jp/s/3f9ab2";

for (const expected of ["pass", "warn", "fail"] as const) {
  describe(`the notice is a ${expected}`, () => {
    for (const wording of wordings[expected]) {
      test(`${wording.replaceAll("\n", "⏎")}`, () => {
        const text = `いつもお世話になっております。\n今月の新商品をご紹介します。\n\n${wording.replaceAll("{U}", url)}\n\n株式会社サンプル商事\n東京都架空区見本町1-2-3\n`;
        const findings = judgeMail({ text });
        const evidence = findings.filter((one) => one.rule === "jp/opt-out-notice");
        expect({
          is: outcomeOf(findings, "jp/opt-out-notice"),
          note: evidence[0]?.evidence,
        }).toEqual({ is: expected, note: evidence[0]?.evidence });
      });
    }
  });
}

test("the same words are understood as the text of a link", () => {
  for (const words of [
    "配信停止",
    "メルマガ解除",
    "配信を停止する",
    "メール配信の停止はこちら",
    "購読解除",
  ]) {
    const findings = judgeMail({ html: `<p>新商品です</p><p><a href="${url}">${words}</a></p>` });
    expect({ is: outcomeOf(findings, "jp/opt-out-address"), note: words }).toEqual({
      is: "pass",
      note: words,
    });
    expect({ is: outcomeOf(findings, "jp/opt-out-notice"), note: words }).toEqual({
      is: "pass",
      note: words,
    });
  }
});

test("a link of another purpose is not taken for the opt-out", () => {
  for (const words of [
    "商品を見る",
    "配信中の動画",
    "登録内容の確認",
    "ご購入はこちら",
    "お問い合わせ",
  ]) {
    const findings = judgeMail({ html: `<p>新商品です</p><p><a href="${url}">${words}</a></p>` });
    expect({ is: outcomeOf(findings, "jp/opt-out-notice"), note: words }).toEqual({
      is: "fail",
      note: words,
    });
  }
});
