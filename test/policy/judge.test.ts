// The engine of the rules: classes, shadow, switched-off rules, confidence, bounds.
import fc from "fast-check";
import { expect, test } from "vitest";

import type { Alternative, Block, MessageView, Run } from "../../src/content/view.ts";
import { readMessage } from "../../src/content/read.ts";
import { decideMessage } from "../../src/policy/decide.ts";
import { describeRules } from "../../src/policy/describe.ts";
import { bound, judge } from "../../src/policy/judge.ts";
import { generalPacks, namedPacks } from "../../src/policy/packs/packs.ts";
import { iso2022Bytes } from "../corpus/iso-2022-jp-writer.ts";
import { composeMail, factsFor, judgeMail, outcomeOf, registry } from "../support/judged-mail.ts";

const footer =
  "配信停止をご希望の方はこちら\nhttps://u.example.jp/s/1\n\n株式会社サンプル商事\n〒999-9999 東京都架空区見本町1-2-3\nお問い合わせ：03-0000-0000";
const bare = { text: "新商品のご案内です。" };

test("a complete footer passes every duty, in text and HTML", () => {
  const html = `<p>新商品です</p><p>${footer.replaceAll("\n", "<br>")}</p>`;
  const findings = judgeMail({ text: `新商品です。\n\n${footer}`, html });
  expect(findings.filter((one) => one.outcome === "fail")).toEqual([]);
  expect(decideMessage(findings, factsFor().stream)).toEqual({ kind: "accept" });
});

test("each duty that is dropped fails by itself", () => {
  const duties = [
    ["jp/name", "株式会社サンプル商事\n"],
    ["jp/address", "〒999-9999 東京都架空区見本町1-2-3\n"],
    ["jp/contact", "お問い合わせ：03-0000-0000"],
    ["jp/opt-out-notice", "配信停止をご希望の方はこちら\n"],
    ["jp/opt-out-address", "https://u.example.jp/s/1\n"],
  ] as const;
  for (const [rule, words] of duties) {
    const findings = judgeMail({ text: `新商品です。\n\n${footer.replace(words, "")}` });
    const failed = new Set(findings.filter((one) => one.outcome === "fail").map((one) => one.rule));
    expect({ is: failed.has(rule), note: rule }).toEqual({ is: true, note: rule });
    const others = [...failed].filter((name) => name !== rule && !name.startsWith("jp/opt-out"));
    expect(others).toEqual([]);
  }
});

test.each(["０３－００００－００００", "＋81 3-0000-0000", "03（0000）0000"])(
  "a phone number is registered however an input method wrote it: %s",
  (phone) => {
    const legal = { ...registry.legal, contacts: [phone] };
    const facts = factsFor({ sender: { ...registry, legal } });
    const findings = judgeMail({ text: `新商品です。\n\n${footer}` }, facts);
    expect(outcomeOf(findings, "jp/contact")).toBe("pass");
  },
);

test("contract mail with incidental advertising must show the name only (施行規則6条・9条但書)", () => {
  const facts = factsFor({ class: "contract-incidental" });
  const withName = judgeMail({ text: "ご契約内容のお知らせです。\n\n株式会社サンプル商事" }, facts);
  expect(withName.filter((one) => one.outcome === "fail")).toEqual([]);
  expect(outcomeOf(withName, "jp/opt-out-address")).toBe("warn");
  expect(outcomeOf(judgeMail(bare, facts), "jp/name")).toBe("fail");
});

test("a request for consent carries the whole footer", () => {
  const findings = judgeMail(bare, factsFor({ class: "consent-request" }));
  for (const rule of ["jp/name", "jp/opt-out-address", "jp/address", "jp/contact"])
    expect({ is: outcomeOf(findings, rule), note: rule }).toEqual({ is: "fail", note: rule });
});

test("transactional mail is asked for no display, but told when it reads like advertising", () => {
  const facts = factsFor({ class: "transactional" });
  const findings = judgeMail(
    { text: "期間限定セール！クーポン配布中、全品20%OFF、送料無料" },
    facts,
  );
  expect(findings.filter((one) => one.outcome === "fail")).toEqual([]);
  expect(outcomeOf(findings, "jp/name")).toBeUndefined();
  expect(outcomeOf(findings, "jp/class")).toBe("warn");
});

test.each([
  ["無料セミナーのご案内", "12月10日に開催します。ぜひご参加ください。", "warn"],
  ["ウェビナー開催のお知らせ", "お申し込みを受け付けております。", "warn"],
  ["展示会出展のご案内", "ブースにお立ち寄りください。", "warn"],
  ["年末年始セール", "特別価格でご提供中。この機会にどうぞ。", "warn"],
  ["セミナーお申し込み受付完了", "ご参加をお待ちしております。", undefined],
  ["明日のセミナーの参加URL", "お時間になりましたらご参加ください。", undefined],
  ["ご注文ありがとうございます", "またのご利用をお待ちしております。", undefined],
  ["システムメンテナンスのお知らせ", "ご利用いただけません。", undefined],
])("transactional mail that invites is told to be advertising: %s", (subject, text, outcome) => {
  const findings = judgeMail({ subject, text }, factsFor({ class: "transactional" }));
  expect(outcomeOf(findings, "jp/class")).toBe(outcome);
});

test("a stream without packs is still read for human error", () => {
  const findings = judgeMail({ text: "{{name}}様" }, factsFor({ rules: [] }));
  expect(outcomeOf(findings, "human/placeholder")).toBe("fail");
  expect(findings.some((one) => one.rule.startsWith("jp/"))).toBe(false);
});

test("a rule or a pack in shadow judges and lets the message go", () => {
  const facts = factsFor({ observe: ["jp", "human/placeholder"] });
  const findings = judgeMail({ text: "{{name}}様" }, facts);
  const failed = findings.filter((one) => one.outcome === "fail");
  expect(failed.length).toBeGreaterThan(3);
  expect(failed.every((one) => one.observed === true)).toBe(true);
  expect(decideMessage(findings, facts.stream)).toEqual({ kind: "accept" });
});

test("a rule that is switched off is not asked", () => {
  const findings = judgeMail(bare, factsFor({ disabled: ["jp/address"] }));
  expect(outcomeOf(findings, "jp/address")).toBeUndefined();
  expect(outcomeOf(findings, "jp/name")).toBe("fail");
});

test.each([
  ["申込用紙にメールアドレスをご記入いただいた皆様へお送りしています。", "pass"],
  ["会場のアンケートシートをご提出いただいた方にご案内しています。", "pass"],
  ["応募はがきにてアドレスを頂戴したお客様に配信しております。", "pass"],
  ["アンケートにご回答いただいた方に、粗品をお送りしています。", "fail"],
  ["申込用紙にご記入いただいていない方にもお送りしています。", "fail"],
  ["申込用紙をご提出ください。", "fail"],
])("an address given on another paper than a card is told so: %s", (words, expected) => {
  const facts = factsFor({}, { bases: ["written_notice"] });
  expect(
    outcomeOf(judgeMail({ text: `新商品です。\n${words}\n` }, facts), "jp/business-card"),
  ).toBe(expected);
});

test("the business-card sentence is asked only where a recipient's basis is written_notice", () => {
  expect(outcomeOf(judgeMail(bare), "jp/business-card")).toBeUndefined();
  const facts = factsFor({}, { bases: ["consent", "written_notice"] });
  expect(outcomeOf(judgeMail(bare, facts), "jp/business-card")).toBe("fail");
});

test("mail-order advertising shows its items or their link, and the seller's mail address", () => {
  const facts = factsFor({ rules: ["jp", "jp-tokusho"] });
  const without = judgeMail({ text: `新商品です。\n\n${footer}` }, facts);
  expect(outcomeOf(without, "jp-tokusho/display")).toBe("fail");
  expect(outcomeOf(without, "jp-tokusho/seller-mail")).toBe("fail");
  const more =
    "特定商取引法に基づく表記\nhttps://www.example.jp/law\n販売業者メール：support@example.jp";
  const complete = judgeMail({ text: `新商品です。\n\n${footer}\n\n${more}` }, facts);
  expect(complete.filter((one) => one.outcome === "fail")).toEqual([]);
});

test("each alternative is judged by itself", () => {
  const findings = judgeMail({
    text: "HTMLでご覧ください。",
    html: `<p>${footer.replaceAll("\n", "<br>")}</p>`,
  });
  const name = findings.filter((one) => one.rule === "jp/name");
  expect(name.map(({ part, outcome }) => [part, outcome])).toEqual([
    ["text/plain", "fail"],
    ["text/html", "pass"],
  ]);
});

test("the evidence says why words are not visible", () => {
  const html = `<p>新商品です</p><div style="display:none">${footer}</div>`;
  const [finding] = judgeMail({ html }).filter((one) => one.rule === "jp/name");
  expect(finding?.evidence).toContain("display:none");
  expect(finding?.evidenceJa).toContain("display:none");
});

test.each<[string, (mail: string) => string, RegExp, RegExp, string]>([
  [
    "UTF-8 under a tool's default label",
    (mail) => mail.replace("charset=UTF-8", "charset=iso-8859-1"),
    /^is labelled iso-8859-1 but holds UTF-8$/,
    /iso-8859-1 .*UTF-8/,
    "UTF-8",
  ],
  [
    "ISO-2022-JP under UTF-8",
    (mail) => {
      const [head = "", body = ""] = mail.split("\r\n\r\n");
      const text = Buffer.from(body, "base64").toString("utf8");
      return [head.replace("base64", "7bit"), iso2022Bytes(text).toString("latin1")].join(
        "\r\n\r\n",
      );
    },
    /^is labelled utf-8 but holds ISO-2022-JP$/,
    /utf-8 .*ISO-2022-JP/,
    "ISO-2022-JP",
  ],
  [
    "base64 that is not said to be",
    (mail) => mail.replace("Content-Transfer-Encoding: base64\r\n", ""),
    /^names no transfer encoding but holds base64$/,
    /Content-Transfer-Encoding .*base64/,
    "Content-Transfer-Encoding: base64",
  ],
  [
    "an HTML document that is sent as plain text",
    (mail) => {
      const [head = "", body = ""] = mail.split("\r\n\r\n");
      const text = Buffer.from(body, "base64").toString("utf8");
      const html = `<!DOCTYPE html>\n<html><body>\n${text}\n</body></html>`;
      return [head, Buffer.from(html).toString("base64")].join("\r\n\r\n");
    },
    /^is labelled text\/plain but holds an HTML document$/,
    /Content-Type .*text\/html/,
    "text/html",
  ],
])(
  "%s is the one thing that is refused, and the remedy names what to set",
  (_name, spoil, en, ja, remedy) => {
    const mail = composeMail({ text: `新商品です。\n\n${footer}` }).toString("latin1");
    const reading = readMessage(Buffer.from(spoil(mail), "latin1"));
    if (reading.kind !== "read") throw new Error(reading.problem);
    const failed = judge(reading.view, factsFor()).filter(({ outcome }) => outcome === "fail");
    expect(failed.map(({ rule }) => rule)).toEqual(["mime/readable"]);
    expect(failed[0]?.evidence).toMatch(en);
    expect(failed[0]?.evidenceJa).toMatch(ja);
    expect(failed[0]?.remedy.en).toContain(remedy);
    expect(failed[0]?.remedy.ja).toContain(remedy);
  },
);

test("HTML that is sent as plain text is only warned of where the law demands nothing of what is shown", () => {
  const mail = composeMail({ text: "<html><body>Your new password</body></html>" });
  const reading = readMessage(mail);
  if (reading.kind !== "read") throw new Error(reading.problem);
  const { view } = reading;
  expect(outcomeOf(judge(view, factsFor({ class: "transactional" })), "mime/readable")).toBe(
    "warn",
  );
  expect(outcomeOf(judge(view, factsFor()), "mime/readable")).toBe("fail");
});

test("every rule is well described, and its name is its pack's", () => {
  for (const pack of [...generalPacks, ...namedPacks]) {
    for (const rule of pack.rules) {
      expect({ is: rule.name.startsWith(`${pack.name}/`), note: rule.name }).toEqual({
        is: true,
        note: rule.name,
      });
      expect(rule.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      for (const wording of [rule.demand, rule.remedy]) {
        expect(wording.en).toMatch(/^[A-Z].*[.…]$/);
        expect(wording.ja).toMatch(/[ぁ-ん]/);
      }
      expect(describeRules()).toContain(`\`${rule.name}\``);
    }
  }
});

test("evidence is one line of at most 500 characters", () => {
  const long = "あ".repeat(5000);
  const findings = judgeMail({
    text: `${long}配信停止の予定はございません${long}\n\n${long}`,
    subject: `{{${"x".repeat(110)}}}`,
  });
  for (const finding of findings) {
    expect(finding.evidence.length).toBeLessThanOrEqual(500);
    expect(finding.evidence).not.toMatch(/[\r\n]/);
  }
});

test("words that are seen are cut to five hundred characters, and never in the middle of one", () => {
  expect(bound(`${"a".repeat(500)}`)).toBe("a".repeat(500));
  expect(bound("a".repeat(501))).toBe(`${"a".repeat(499)}…`);
  expect(bound(`${"a".repeat(498)}𠮷野家`)).toBe(`${"a".repeat(498)}…`);
  expect(bound(`${"a".repeat(497)}𠮷野家`)).toBe(`${"a".repeat(497)}𠮷…`);
  expect(bound(" a\r\n\tb\u2028c\u0000 ")).toBe("a b c");
});

const pieces = fc.constantFrom(
  "配信停止",
  "配信を",
  "メール",
  "希望されない方は",
  "こちら",
  "できません",
  "https://u.example.jp/x",
  "stop@example.jp",
  "株式会社サンプル商事",
  "東京都架空区見本町",
  "1-2-3",
  "03-0000-0000",
  "{{",
  "}}",
  "%",
  "[",
  "]",
  "　",
  "\n",
  "。",
  "※",
  "(",
  "TEL",
  "FAX",
  "様",
  "ㇰﾞ",
  "\u200b",
  "\ud800",
  "😀",
  "マイナンバー",
  "123456789018",
);
const blockText = fc
  .array(fc.oneof(pieces, fc.string({ maxLength: 8 })), { maxLength: 40 })
  .map((parts) => parts.join(""));

const arbitraryRun: fc.Arbitrary<Run> = fc.record(
  {
    text: blockText,
    link: fc.record({ text: blockText, target: fc.oneof(pieces, fc.webUrl(), fc.string()) }),
    fontSizePx: fc.double({ min: 0, max: 40, noNaN: true }),
    contrast: fc.double({ min: 1, max: 21, noNaN: true }),
  },
  { requiredKeys: ["text", "fontSizePx", "contrast"] },
);
const arbitraryBlock: fc.Arbitrary<Block> = fc
  .tuple(fc.array(arbitraryRun, { maxLength: 5 }), fc.nat(80), fc.boolean(), blockText)
  .map(([runs, blankLinesBefore, isJoined, other]) => ({
    // A block whose text is not its runs' is no view that content makes; the judge must stand it all the same.
    text: isJoined ? runs.map((run) => run.text).join("") : other,
    runs,
    blankLinesBefore,
  }));
const arbitraryAlternative: fc.Arbitrary<Alternative> = fc.record({
  part: fc.constantFrom("text/plain", "text/html"),
  kind: fc.constantFrom("plain" as const, "html" as const),
  charset: fc.constant("utf-8"),
  blocks: fc.array(arbitraryBlock, { maxLength: 6 }),
  hidden: fc.array(fc.record({ text: blockText, why: fc.string(), beforeBlock: fc.nat(6) }), {
    maxLength: 3,
  }),
  images: fc.constant([]),
});

test("no view makes the judge throw, and the same view is judged the same", () => {
  const empty = readMessage(composeMail(bare));
  if (empty.kind !== "read") throw new Error(empty.problem);
  const { header } = empty.view;
  const facts = factsFor({ rules: ["jp", "jp-tokusho"] }, { bases: ["written_notice"] });
  fc.assert(
    fc.property(
      fc.array(arbitraryAlternative, { maxLength: 3 }),
      fc.string(),
      (alternatives, subject) => {
        const view: MessageView = {
          header: { ...header, subject },
          alternatives,
          attachments: [],
          ambiguities: [],
        };
        const first = judge(view, facts);
        expect(judge(view, facts)).toEqual(first);
        expect(first.every((one) => one.evidence.length <= 500)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
