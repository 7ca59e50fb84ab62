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

test.each([
  ["Chinese", "如果您不想再收到此邮件，请点击这里退订：{U}"],
  ["Chinese of Taiwan", "取消訂閱 {U}"],
  ["Korean", "수신을 원하지 않으시면 수신거부를 클릭하세요\n{U}"],
  ["French", "Se désabonner : {U}"],
  ["German", "Newsletter abbestellen: {U}"],
  ["Spanish", "Darse de baja: {U}"],
  ["Vietnamese", "Hủy đăng ký: {U}"],
])(
  "words of stopping in %s are a notice where the mail has no Japanese around them",
  (_in, words) => {
    const notice = words.replace("{U}", url);
    const abroad = judgeMail({ text: `Sample Shoji\n\n${notice}\n` });
    expect(outcomeOf(abroad, "jp/opt-out-address")).toBe("pass");
    expect(outcomeOf(abroad, "jp/opt-out-notice")).toBe("pass");
    const here = judgeMail({ text: `いつもお世話になっております。新商品です。\n\n${notice}\n` });
    expect(outcomeOf(here, "jp/opt-out-notice")).toBe("warn");
  },
);

test.each(["无法退订 {U}", "退订功能不可用。 {U}", "수신거부는 불가합니다 {U}", "您已退订 {U}"])(
  "what denies stopping abroad is no notice: %s",
  (words) => {
    const findings = judgeMail({ text: `Sample Shoji\n\n${words.replace("{U}", url)}\n` });
    expect(outcomeOf(findings, "jp/opt-out-notice")).toBe("fail");
  },
);
