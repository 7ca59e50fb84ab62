// Words that are there and that nobody sees: the evidence says so, and why, instead of "no words".
import { expect, test } from "vitest";

import { factsFor, judgeMail } from "../support/judged-mail.ts";

const notice =
  '配信停止をご希望の方は<a href="https://u.example.jp/s/abc">こちら</a>からお手続きください';

function evidenceOf(rule: string, html: string): { outcome: string; en: string; ja: string } {
  const found = judgeMail({ html }, factsFor({}, { bases: ["written_notice"] })).find(
    (one) => one.rule === rule,
  );
  return {
    outcome: found?.outcome ?? "not asked",
    en: found?.evidence ?? "",
    ja: found?.evidenceJa ?? "",
  };
}

test.each([
  ["display:none", "display:none で非表示"],
  ["visibility:hidden", "visibility:hidden で非表示"],
  ["font-size:0", "文字サイズ"],
  ["position:absolute;left:-9999px", "画面の外"],
  ["opacity:0", "opacity"],
  ["color:#fff;background:#fff", "背景とほぼ同じ色"],
  ["height:0;overflow:hidden", "overflow:hidden"],
])("a notice under %s is told as there and not visible", (style, why) => {
  const seen = evidenceOf("jp/opt-out-notice", `<p>新商品です</p><div style="${style}">${notice}</div>`);
  expect(seen.outcome).toBe("fail");
  expect(seen.en).toContain("is in the part but not visible");
  expect(seen.ja).toContain("配信停止をご希望の方は");
  expect(seen.ja).toContain(why);
}); // prettier-ignore

test("other hidden words are no notice", () => {
  const seen = evidenceOf(
    "jp/opt-out-notice",
    '<p>新商品です</p><div style="display:none">本日のお買い得情報</div>',
  );
  expect(seen.en).toBe("no words say that the mail can be stopped");
});

test("a visible notice passes whatever else is hidden", () => {
  const seen = evidenceOf("jp/opt-out-notice", `<p>${notice}</p><p style="display:none">${notice}</p>`);
  expect(seen.outcome).toBe("pass");
}); // prettier-ignore

test("the business-card sentence, hidden, is told so too", () => {
  const seen = evidenceOf(
    "jp/business-card",
    '<p>新商品です</p><p style="display:none">名刺交換をさせていただいた方にお送りしています。</p>',
  );
  expect(seen.outcome).toBe("fail");
  expect(seen.en).toContain("not visible: hidden by display:none");
});
