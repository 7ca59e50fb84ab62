// threats.md row 27: no text makes a rule slow; the cost grows with the length, not with its square.
import { expect, test } from "vitest";

import type { MessageView } from "../../src/content/view.ts";
import { judge } from "../../src/policy/judge.ts";
import { factsFor } from "../support/judged-mail.ts";

const hostile: readonly (readonly [string, string])[] = [
  ["letters", "a"],
  ["mail words", "メール"],
  ["joints", "のを"],
  ["stopping", "停止"],
  ["mail and joints", "配信の"],
  ["not wanting", "希望されない"],
  ["digits", "1"],
  ["digits and dashes", "1-"],
  ["card digits", "4111 "],
  ["opening braces", "{{"],
  ["percent", "%a"],
  ["brackets", "[["],
  ["at signs", "a@"],
  ["URLs", "http://"],
  ["full URLs", "https://u.example.jp/x "],
  ["names", "株式会社サンプル商事ホ"],
  ["address heads", "架空区見本町1-"],
  ["kanji numerals", "一二三"],
  ["numeral chain", "一-"],
  ["phones", "03-0000-0000 "],
  ["brackets of Japanese", "【"],
  ["half kana", "ﾊﾞ"],
  ["zero width", "\u200b"],
  ["line breaks", "あ\n"],
  ["sentences", "配信停止はこちら。"],
  ["unsubscribe", "unsubscribe"],
  ["statements", "配信停止はこちら\n"],
  ["asterisks", "*|"],
  ["under scores", "__A"],
  ["business cards", "名刺"],
  ["papers", "用紙に記入"],
  ["circles", "○"],
  ["parentheses", "("],
  ["hash", "##a"],
  ["bars", "停止|"],
  ["denials", "停止できません"],
  ["other ways", "配信停止は電話(0)"],
  ["marks before an honorific", "様{{{a"],
  ["words in percent signs", "様%a a a"],
  ["fallbacks", "[a ,"],
  ["fields of tables", "%会社."],
  ["full-width marks", "％％ａ"],
  ["tildes", "~~eloqua..a"],
  ["clicks", "ワンクリック解除"],
  ["calls that nobody takes", "お電話でのお問い合わせは受け付け"],
  ["streets before towns", "見本町1-2-3, 架空区"],
  ["former addresses", "旧住所：架空区見本町"],
  ["links that a line cuts", "https://u.example.jp/mail/opt-out/?id=\na1b\n"],
];

function viewOf(text: string, pieces: number): MessageView {
  const size = Math.ceil(text.length / pieces);
  const blocks = Array.from({ length: pieces }, (_, index) => {
    const part = text.slice(index * size, (index + 1) * size);
    return {
      text: part,
      runs: [{ text: part, fontSizePx: 16, contrast: 21 }],
      blankLinesBefore: 0,
    };
  });
  return {
    header: {
      subject: "",
      from: [],
      to: [],
      cc: [],
      replyTo: [],
      inReplyTo: "",
      listUnsubscribe: "",
      listUnsubscribePost: "",
      eightBit: "",
    },
    alternatives: [
      { part: "text/plain", kind: "plain", charset: "utf-8", blocks, hidden: [], images: [] },
    ],
    attachments: [],
    ambiguities: [],
  };
}

/** CPU time, so that other work on the machine does not count; the least of several runs. */
function cost(view: MessageView): number {
  const facts = factsFor({ rules: ["jp", "jp-tokusho"] }, { bases: ["written_notice"] });
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 2; run += 1) {
    const start = process.cpuUsage();
    judge(view, facts);
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  return least / 1000;
}

test.each(hostile)("row 27: a text of nothing but %s is judged in linear time", (_name, unit) => {
  const small = 20_000;
  const large = 80_000;
  for (const pieces of [1, 200]) {
    judge(viewOf(unit.repeat(200), 1), factsFor());
    const before = cost(viewOf(unit.repeat(Math.ceil(small / unit.length)), pieces));
    const after = cost(viewOf(unit.repeat(Math.ceil(large / unit.length)), pieces));
    // Four times the text: a square would cost 16 times as much. Small costs are noise.
    expect(after).toBeLessThan(Math.max(400, before * 10));
  }
});
