// Opt-out links that were cut by a line break, or whose field for the recipient is empty: a warning, never a refusal.
import { expect, test } from "vitest";

import { judgeMail } from "../support/judged-mail.ts";

const page = "https://u.example.jp/mail/opt-out/";

function said(optOut: string): string {
  const text = `新商品のご案内です。\n\n株式会社サンプル商事\n東京都架空区見本町1-2-3\nTEL 03-0000-0000\n配信停止はこちら\n${optOut}\n`;
  const [finding] = judgeMail({ text }).filter(({ rule }) => rule === "jp/opt-out-address");
  return `${finding?.outcome} ${finding?.evidence}`;
}

test.each([
  [`${page}7Kd93jsA\nq2xZ9`, /^warn .*"q2xZ9" on the next line/],
  [`${page}?list=3&r=7Kd93j\n&m=abc%3D`, /^warn .*"&m=abc%3D" on the next line/],
  [`${page}?email=`, /^warn "email=" in the link has no value/],
  [`${page}?c=12&email=&utm_source=mail2026`, /^warn "email=" in the link has no value/],
])("%s is warned about", (optOut, evidence) => {
  expect(said(optOut)).toMatch(evidence);
});

test.each([
  page,
  `${page}7Kd93jsA\nUnsubscribe`,
  `${page}7Kd93jsA\n=====================`,
  `${page}7Kd93jsA\n------1------`,
  `${page}7Kd93jsA\nwww.example.jp`,
  `${page}7Kd93jsA\nTEL03-0000-0000`,
  `${page}7Kd93jsA\n999-9999`,
  `${page}7Kd93jsA\n\nq2xZ9`,
  `${page}?qs=7Kd93jsA==`,
  `${page}?e=taro@example.net&utm_term=`,
  `${page}7Kd93jsA?t=`,
])("%s is not", (optOut) => {
  expect(said(optOut)).toMatch(/^pass /);
});

test("in HTML, too, an empty field is warned about", () => {
  const html = `<p>株式会社サンプル商事</p><p><a href="${page}?id=">配信停止はこちら</a></p>`;
  const [finding] = judgeMail({ html }).filter(({ rule }) => rule === "jp/opt-out-address");
  expect(finding?.outcome).toBe("warn");
});
