// What was kept of a campaign's earlier messages never answers for one that says or leads to something else.
import { expect, test } from "vitest";

import { readMessage } from "../../src/content/read.ts";
import type { Finding } from "../../src/policy/finding.ts";
import { judge, type JudgeFacts } from "../../src/policy/judge.ts";
import { composeMail, factsFor, type Mail } from "../support/judged-mail.ts";

const text = `佐藤様

今週のおすすめのお知らせです。税込2,980円、20%OFF。
詳しくはこちら: https://www.example.jp/campaign?u=1000000001

配信停止をご希望の方はこちら
https://u.example.jp/u?t=1000000001

送信者：株式会社サンプル商事
〒999-9999 東京都架空区見本町1-2-3
お問い合わせ：03-0000-0000
`.replaceAll("\n", "\r\n");

const html = `<p>佐藤様</p><!-- 0001 -->
<p>今週のおすすめのお知らせです。<b style="color:#111111">税込2,980円</b>、20%OFF。<a href="https://click.example.jp/r/1?u=1000000001">詳しく見る</a></p>
<p style="color:#333333">配信停止をご希望の方は<a href="https://u.example.jp/u?t=1000000001">こちら</a></p>
<p>送信者：株式会社サンプル商事<br>〒999-9999 東京都架空区見本町1-2-3<br>お問い合わせ：03-0000-0000</p>
<img src="https://img.example.jp/1.png" alt="商品" width="1" height="1">`;

const base: Mail = {
  subject: "今週のお知らせ",
  from: "サンプル商事 <news@example.jp>",
  text,
  html,
};

/** What stands in the campaign, and what another message has there: as long as it, where that is marked so. */
const changes: readonly (readonly [is: string, becomes: string])[] = [
  // as long: neither size nor sample tell them from the campaign's own
  ["配信停止をご希望", "配信開始をご希望"],
  ["u.example.jp/u", "v.example.jp/u"],
  ["t=1000000001", "t=1000000002"],
  ["03-0000-0000", "03-0000-0001"],
  ["見本町1-2-3", "見本町1-2-4"],
  ["999-9999", "999-9998"],
  ["株式会社サンプル商事", "株式会社サンプル商会"],
  ["https://u.", "http:://u."],
  ["color:#333333", "color:#fefefe"],
  ["詳しく", "%sさん"],
  ["佐藤様", "○○様"],
  ["商品", "{}"],
  ["20%OFF", "%%AB%%"],
  // of other lengths
  ["佐藤様", "鈴木 健太郎様"],
  ["佐藤様", "undefined様"],
  ["佐藤様", "{{name}}様"],
  ["佐藤様", "様"],
  ["佐藤様", "このメールは送信専用です。返信いただいてもお答えできません。"],
  ["佐藤様", "カード番号 4111-1111-1111-1111"],
  ["方はこちら", "方へは配信停止はできません"],
  ["https://u.example.jp/u?t=1000000001", "mailto:no-reply@example.jp"],
  ["https://u.example.jp/u?t=1000000001", "https://u.example.jp/u?m=hanako@example.com"],
  ["https://u.example.jp/u?t=1000000001", "https://bit.ly/x"],
  ["https://u.example.jp/u?t=1000000001", ""],
  ["https://click.example.jp/r/1?u=1000000001", "http://127.0.0.1/"],
  ["税込2,980円", "株式会社別会社からの広告"],
  ["<!-- 0001 -->", "<!-- 0001 --><style>p{display:none}</style>"],
  ["送信者：", "協賛："],
  // the same words, and the link is another one of them
  [
    '配信停止をご希望の方は<a href="https://u.example.jp/u?t=1000000001">こちら</a>',
    '<a href="https://u.example.jp/u?t=1000000001">配信停止</a>をご希望の方はこちら',
  ],
  [
    '配信停止をご希望の方は<a href="https://u.example.jp/u?t=1000000001">こちら</a>',
    '配信停止をご希望の方は<a href="https://u.example.jp/u?t=1000000001"><span style="font-size:2px">こちら</span></a>',
  ],
];

function judgeMail(mail: Mail, facts: JudgeFacts): readonly Finding[] {
  const reading = readMessage(composeMail(mail));
  if (reading.kind !== "read") throw new Error(reading.problem);
  return judge(reading.view, facts);
}

const crowd = Array.from({ length: 120 }, (_, at): Mail => {
  const words = "別の話。".repeat(at + 1);
  return { text: words, html: `${"<b>".repeat(at % 30)}${words}` };
});

/** With nothing left of what came before: so many others have crowded it out. */
function judgeAnew(mail: Mail, facts: JudgeFacts): readonly Finding[] {
  for (const other of crowd) judgeMail(other, facts);
  return judgeMail(mail, facts);
}

function change(mail: Mail, is: string, becomes: string): Mail {
  return {
    ...mail,
    text: (mail.text ?? "").replaceAll(is, becomes),
    html: (mail.html ?? "").replaceAll(is, becomes),
  };
}

const facts = factsFor({}, { recipients: ["taro@example.net"] });

test("the campaign itself passes", () => {
  expect(judgeMail(base, facts).filter((one) => one.outcome === "fail")).toEqual([]);
});

test.each(changes)("%s made %s is judged as if nothing had come before", (is, becomes) => {
  const own = judgeAnew(base, facts);
  for (const part of ["text", "html"] as const) {
    const changed = { ...base, [part]: change(base, is, becomes)[part] };
    const anew = judgeAnew(changed, facts);
    judgeAnew(base, facts);
    for (let round = 0; round < 3; round += 1) judgeMail(base, facts);
    // Seen once, twice and often, with the campaign's own messages in between.
    for (let round = 0; round < 4; round += 1) {
      expect(judgeMail(changed, facts)).toEqual(anew);
      expect(judgeMail(base, facts)).toEqual(own);
    }
  }
});

test("what one sender registered does not answer for another", () => {
  const other = factsFor({
    sender: {
      ...facts.stream.sender,
      legal: {
        names: ["株式会社別会社"],
        addresses: ["〒999-9999 東京都架空区見本町9-9-9"],
        contacts: ["03-9999-9999"],
        optOutHosts: ["w.example.jp"],
      },
    },
  });
  const anew = judgeAnew(base, other);
  const own = judgeAnew(base, facts);
  expect(anew.filter((one) => one.outcome === "fail").length).toBeGreaterThan(4);
  for (let round = 0; round < 3; round += 1) {
    expect(judgeMail(base, other)).toEqual(anew);
    expect(judgeMail(base, facts)).toEqual(own);
  }
});

test("the same words are read anew where the words of the link end elsewhere", () => {
  const linked = (words: string): Mail => ({
    ...base,
    html: `<p>${words.replace("[", '<a href="https://u.example.jp/u?t=1">').replace("]", "</a>")}</p>`,
  });
  const one = linked("[受信を停止]翌朝反映");
  const two = linked("受信を停止[翌朝]反映");
  const first = judgeAnew(one, facts);
  const second = judgeAnew(two, facts);
  expect(second).not.toEqual(first);
  for (let round = 0; round < 4; round += 1) {
    expect(judgeMail(one, facts)).toEqual(first);
    expect(judgeMail(two, facts)).toEqual(second);
  }
});

test("a header that differs is judged by itself", () => {
  for (const header of [
    { subject: "Re: 今週のお知らせ" },
    { subject: "{{title}}" },
    { from: "別会社 <other@example.com> <news@example.jp>" },
    { to: "hanako@example.net" },
    { headers: ["Reply-To: x@example.com"] },
  ]) {
    const changed = { ...base, ...header };
    const anew = judgeAnew(changed, facts);
    judgeAnew(base, facts);
    for (let round = 0; round < 3; round += 1) judgeMail(base, facts);
    for (let round = 0; round < 3; round += 1) expect(judgeMail(changed, facts)).toEqual(anew);
  }
});
