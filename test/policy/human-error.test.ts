// Slips of hand and what only resembles them: placeholders, links, subjects, numbers.
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { factsFor, judgeMail, outcomeOf, type Mail } from "../support/judged-mail.ts";

type Table = Readonly<Partial<Record<"pass" | "warn" | "fail", readonly string[]>>>;

const tables = JSON.parse(
  readFileSync(new URL("../fixtures/human-error.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Table>>;

/** Where a rule looks: links in an href, subjects in the header, the rest in the text. */
function mailOf(rule: string, words: string): Mail {
  if (rule === "human/misleading-subject") return { subject: words, text: "お知らせです。" };
  if (rule === "human/unsafe-link")
    return { html: `<p>お知らせです。<a href="${words}">こちら</a></p>` };
  return { text: `お知らせです。\n\n${words}\n\nよろしくお願いいたします。` };
}

for (const [rule, table] of Object.entries(tables)) {
  for (const expected of ["pass", "warn", "fail"] as const) {
    const all = table[expected];
    if (all === undefined) continue;
    describe(`${rule} is a ${expected}`, () => {
      test.each(all.map((words) => [words.replaceAll("\n", "⏎"), words]))("%s", (_title, words) => {
        const findings = judgeMail(mailOf(rule, words));
        const [finding] = findings.filter((one) => one.rule === rule && one.outcome !== "pass");
        expect({ is: outcomeOf(findings, rule), note: finding?.evidence }).toEqual({
          is: expected,
          note: finding?.evidence,
        });
      });
    });
  }
}

test("a placeholder is found in subject, From name, link target and List-Unsubscribe", () => {
  const text = "お知らせです。";
  const rule = "human/placeholder";
  expect(outcomeOf(judgeMail({ text, subject: "{{name}}様へ" }), rule)).toBe("fail");
  expect(outcomeOf(judgeMail({ text, from: '"{{shop}}" <news@example.jp>' }), rule)).toBe("fail");
  expect(outcomeOf(judgeMail({ html: '<a href="*|UNSUB|*">配信停止</a>' }), rule)).toBe("fail");
  const headers = ["List-Unsubscribe: <https://u.example.jp/{{id}}>"];
  expect(outcomeOf(judgeMail({ text, headers }), rule)).toBe("fail");
  expect(
    outcomeOf(judgeMail({ text, headers }, factsFor({ listUnsubscribe: "replace" })), rule),
  ).toBe("pass");
});

test.each([
  ["fail", "マイナンバー 123456789018 のご登録"],
  ["fail", "個人番号：1234-5678-9018"],
  ["fail", "カード番号 4111 1111 1111 1111 の確認"],
  ["fail", "４２４２　４２４２　４２４２　４２４２"],
  ["warn", "4242424242424242 様へ"],
  ["pass", "会員番号 123456789018 様へのご案内"],
  ["pass", "お荷物 1234-5678-9018 を発送しました"],
  ["pass", "注文 4111111111111111 のお届け"],
  ["pass", "Ricardo 様 ご注文 4111111111111111 のお届け"],
  ["pass", "カード会員様限定 2026年11月25日まで"],
])("a number in the subject is judged by what stands beside it: %s for %s", (outcome, subject) => {
  const findings = judgeMail({ text: "お知らせです。", subject });
  expect(outcomeOf(findings, "human/personal-number")).toBe(outcome);
});

test("style sheets, scripts and comments are no text with braces", () => {
  const html =
    "<style>.a{color:red}.b{margin:0}</style><script>var a={name:1};</script><!-- {{name}} --><p>お知らせです。</p>";
  expect(outcomeOf(judgeMail({ html }), "human/placeholder")).toBe("pass");
});

test("several addresses in To and Cc are exposed; the same one twice is not", () => {
  const text = "お知らせです。";
  const rule = "human/recipients-exposed";
  expect(outcomeOf(judgeMail({ text, to: "a@example.net, b@example.net" }), rule)).toBe("fail");
  expect(outcomeOf(judgeMail({ text, headers: ["Cc: b@example.net"] }), rule)).toBe("fail");
  expect(
    outcomeOf(judgeMail({ text, to: "Taro@example.net", headers: ["Cc: taro@EXAMPLE.net"] }), rule),
  ).toBe("pass");
  const transactional = factsFor({ class: "transactional" });
  expect(
    outcomeOf(judgeMail({ text, to: "a@example.net, b@example.net" }, transactional), rule),
  ).toBeUndefined();
});

test("evidence never repeats an exposed address or number", () => {
  const findings = judgeMail({
    text: "カード番号：4111 1111 1111 1111",
    to: "hanako@example.net, jiro@example.net",
  });
  const said = findings
    .filter((one) => one.rule.startsWith("human/"))
    .map((one) => `${one.evidence} ${one.evidenceJa ?? ""}`)
    .join("\n");
  expect(said).not.toMatch(/hanako|jiro|4111/);
});

test.each([
  [[], "keep", "warn"],
  [[], "add", "pass"],
  [["List-Unsubscribe: <mailto:stop@u.example.jp>"], "keep", "warn"],
  [["List-Unsubscribe: <https://u.example.jp/x>"], "keep", "warn"],
  [
    [
      "List-Unsubscribe: <http://u.example.jp/x>",
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ],
    "keep",
    "warn",
  ],
  [
    [
      "List-Unsubscribe: <https://else.example.net/x>",
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ],
    "keep",
    "warn",
  ],
  [
    [
      "List-Unsubscribe: <https://u.example.jp/x?e=b%40example.net>",
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ],
    "keep",
    "warn",
  ],
  [
    [
      "List-Unsubscribe: https://u.example.jp/x",
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ],
    "keep",
    "warn",
  ],
  [
    [
      "List-Unsubscribe: <mailto:stop@u.example.jp>, <https://u.example.jp/x>",
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ],
    "keep",
    "pass",
  ],
] as const)("List-Unsubscribe %j with policy %s is a %s", (headers, listUnsubscribe, expected) => {
  const findings = judgeMail({ text: "お知らせ", headers }, factsFor({ listUnsubscribe }));
  expect(outcomeOf(findings, "human/list-unsubscribe")).toBe(expected);
});

test("Re: is honest with In-Reply-To", () => {
  const headers = ["In-Reply-To: <q@example.net>"];
  const findings = judgeMail({ text: "ご返信です。", subject: "Re: ご質問", headers });
  expect(outcomeOf(findings, "human/misleading-subject")).toBe("pass");
});
