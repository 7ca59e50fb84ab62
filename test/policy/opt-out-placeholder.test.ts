// The place for the opt-out link is judged as the recipient will see it: with a link in it.
import { expect, test } from "vitest";

import { specimenLink } from "../../src/feedback/opt-out-link.ts";
import { judgeMessage } from "../../src/intake/judge-worker.ts";
import { composeMail, factsFor } from "../support/judged-mail.ts";

const footer =
  "株式会社サンプル商事 〒999-9999 東京都架空区見本町1-2-3 お問い合わせ 03-0000-0000 support@example.jp";
const mail = composeMail({
  text: `お知らせです。\r\n${footer}\r\n配信停止はこちら\r\n{{sekisho.unsubscribe_url}}\r\n`,
  html: `<p>お知らせです。</p><p>${footer}</p><p><a href="{{ sekisho.unsubscribe_url }}">配信を停止する</a></p>`,
});
const optOutLink = specimenLink("https://gw.example.jp");

function failures(placeholder: boolean): readonly string[] {
  const result = judgeMessage(mail, factsFor({ placeholder }, { optOutLink }));
  if (result.kind !== "judged") throw new Error(result.unfit.detail);
  return result.findings.filter(({ outcome }) => outcome === "fail").map(({ rule }) => rule);
}

test("with the placeholder on, both alternatives have their opt-out", () => {
  expect(failures(true)).toEqual([]);
});

test("with it off, what would reach the reader is a template's mark", () => {
  expect(failures(false)).toContain("human/placeholder");
});

test("the specimen is as long as a real link, so that no line grows behind the judge's back", () => {
  expect(optOutLink).toMatch(/^https:\/\/gw\.example\.jp\/u\/.{83}$/);
});
