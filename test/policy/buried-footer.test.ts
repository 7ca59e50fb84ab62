// Empty space above the opt-out that makes a reader think that the message is over (law.md U24).
import { expect, test } from "vitest";

import { judgeMail } from "../support/judged-mail.ts";

const lines = [
  "株式会社サンプル商事",
  "東京都架空区見本町1-2-3",
  "お問い合わせ：03-0000-0000",
  "配信停止をご希望の方はこちら",
];
const link = "https://u.example.jp/s/1";
const text = `新商品のご案内\n\n${lines.join("\n\n")}\n${link}`;
const paragraphs = lines.map((line) => `<p>${line}</p>`).join("");
const footer = `${paragraphs}<p><a href="${link}">配信停止</a></p>`;

function noticeOf(mail: { text: string; html?: string }): readonly string[] {
  return judgeMail(mail)
    .filter(({ rule, outcome }) => rule === "jp/opt-out-notice" && outcome === "warn")
    .map(({ evidence }) => evidence.replace(/^.*"(?= stands)/, "").replace(/\d+/, "N"));
}

const warned = [" stands behind N empty lines"];

test.each([
  ["line breaks", `<p>新商品</p>${"<br>".repeat(300)}${footer}`],
  [
    "a spacer",
    `<p>新商品</p><img src="https://www.example.jp/s.gif" width="1" height="30000">${footer}`,
  ],
  ["padding", `<p>新商品</p><div style="padding-top:50000px">${footer}</div>`],
])("a footer far below by %s is warned about, whatever comes first in it", (_how, html) => {
  expect(noticeOf({ text, html })).toEqual(warned);
});

test("in plain text, too", () => {
  expect(noticeOf({ text: text.replace("\n\n株式", `${"\n".repeat(100)}株式`) })).toEqual(warned);
});

test.each([
  ["no gap", `<p>新商品</p>${footer}`],
  [
    "a picture of two screens",
    `<p>新商品</p><img src="https://www.example.jp/s.jpg" width="600" height="1800">${footer}`,
  ],
  [
    "a hero whose picture is a background",
    `<p>題</p><div style="height:600px"></div><p>新商品</p>${footer}`,
  ],
  ["a gap before everything", `<div style="height:3000px"></div><p>新商品</p>${footer}`],
  ["a gap behind it", `<p>新商品</p>${footer}<div style="height:3000px"></div><p>終</p>`],
])("%s is no burying", (_how, html) => {
  expect(noticeOf({ text, html })).toEqual([]);
});
