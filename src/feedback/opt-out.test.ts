import { describe, expect, test } from "vitest";

import { isOptOutAddress, ownWords, readOptOut, type OptOutReading } from "./opt-out.ts";

function read(text: string, subject = "Re: 今週のお知らせ"): OptOutReading {
  return readOptOut({ subject, text });
}

const wishes = [
  "配信停止をお願いします。",
  "配信停止",
  "配信を停止してください",
  "メールの配信を止めてください。",
  "メルマガを解除したいです",
  "メルマガ解除希望",
  "解除",
  "解除お願いします",
  "登録を解除してください。",
  "登録解除をお願い致します。",
  "不要です",
  "不要です。",
  "メール不要です",
  "このメールは不要です。",
  "もう送らないでください",
  "もう送らないで!",
  "今後は送らないようお願いします",
  "今後メールは結構です。",
  "今後の案内は不要です。",
  "二度と送ってこないで下さい。",
  "送信しないでください",
  "メールを送らなくていいです",
  "退会します。",
  "退会を希望します",
  "会員登録を削除してください",
  "配信リストから外してください。",
  "名簿から削除願います",
  "アドレスを削除して下さい",
  "いりません",
  "いらない",
  "メールはいりません。",
  "お知らせメールをストップしてください",
  "迷惑です。やめてください。",
  "お世話になっております。\n株式会社見本の山田です。\n今後のご案内は遠慮させていただきます。",
  "購読を中止したい",
  "配信をキャンセルしてください",
  "配信停止の方法を教えてください",
  "広告メールの受信を拒否します。",
  "DM不要",
  "配信解除で。",
  "オプトアウト",
  "オプトアウト希望",
  "オプトアウトをお願いします。",
  "メールのオプトアウトを希望します",
  "二度と送るな",
  "もうメール送ってくるな！",
  "送るな",
  "unsubscribe",
  "UNSUBSCRIBE",
  "Please unsubscribe me.",
  "unsub",
  "stop",
  "STOP",
  "Stop.",
  "Please stop sending me emails.",
  "stop emailing me",
  "Stop these emails please",
  "remove me from your list",
  "Please remove my email address.",
  "take me off this list",
  "Do not contact me again",
  "Don't send me any more mail.",
  "no more emails",
  "opt out",
  "I want to opt-out",
  "cancel my subscription",
  "I don't want to receive these",
  "I no longer wish to get this. Please delete my address.",
  "how do I unsubscribe?",
];

const doubtful = [
  "配信停止しないでください。",
  "解除したくないです",
  "配信を停止した覚えはありません。",
  "配信が停止されています。再開してください。",
  "間違えて配信停止してしまいました",
  "配信停止したら、ポイントは消えますか?",
  "解除すると会員ではなくなりますか",
  "先月の解除は完了しましたか",
  "友人が配信停止したいそうです",
  "しばらく配信を停止してください",
  "注文の取り消しと配信停止をお願いします。注文をキャンセルしたいです",
  "メールが不要ではないのですが、頻度を減らしてほしい",
  "配信停止とは何ですか",
  "停止の件",
  "オプトアウトした覚えはありません",
  "オプトアウトとは何ですか",
  "オプトアウトの件",
  "Don't unsubscribe me!",
  "I did not unsubscribe.",
  "Why was I unsubscribed?",
  "I clicked unsubscribe by mistake",
  "If I unsubscribe, do I lose my points?",
  "My friend wants to unsubscribe too",
  "Please cancel my subscription, but keep the invoices coming",
  "what about my subscription",
];

const others = [
  "ありがとうございます。次回も楽しみにしています。",
  "商品の色を教えてください。",
  "資料は送るなら金曜までにお願いします。",
  "送るなんてすてきですね",
  "壊れた商品を送るな",
  "Thank you for the newsletter!",
  "When does the shop open?",
  "",
  "> 配信停止はこちら\n> unsubscribe",
  "ありがとう。\n\n2026年11月2日(月) 10:00 見本 <news@example.jp>:\n> 配信停止",
  "Nice!\n\nOn Mon, Nov 2, 2026 at 10:00 AM Sample <news@example.jp> wrote:\nClick to unsubscribe\nunsubscribe",
  "Thanks\n-----Original Message-----\nFrom: news@example.jp\nunsubscribe",
  "ありがとう\n差出人: 見本 <news@example.jp>\n配信停止",
  "見ました。\n-- \n山田\n配信停止アドバイザー",
  "配信停止はこちら https://u.example.jp/u/x",
  "配信停止をご希望の方はこちら",
  "To unsubscribe click here",
  "了解です\nSent from my iPhone\nunsubscribe",
];

describe("asks to stop", () => {
  test.each(wishes)("%s", (text) => {
    expect(read(text)).toBe("opt-out");
  });

  test("by its own subject with an empty body", () => {
    expect(read("", "配信停止希望")).toBe("opt-out");
    expect(read("", "unsubscribe")).toBe("opt-out");
    expect(read("", "STOP")).toBe("opt-out");
  });

  test("in full-width letters", () => {
    expect(read("ＳＴＯＰ")).toBe("opt-out");
  });
});

describe("goes to a person", () => {
  test.each(doubtful)("%s", (text) => {
    expect(read(text)).toBe("unclear");
  });
});

describe("does not ask to stop", () => {
  test.each(others)("%s", (text) => {
    expect(read(text)).toBe("none");
  });

  test("for a subject that only answers ours", () => {
    expect(read("ありがとう", "Re: 配信停止の方法が変わります")).toBe("none");
    expect(read("", "Re: unsubscribe news")).toBe("none");
  });
});

test("what a person wrote ends at the quotation or the signature", () => {
  expect(ownWords("はい\n\n> いいえ\n\n--\n山田")).toBe("はい");
});

test("the opt-out mailbox is known by its form", () => {
  expect(isOptOutAddress("unsubscribe+abc@gw.example.jp")).toBe(true);
  expect(isOptOutAddress("Unsubscribe+abc@gw.example.jp")).toBe(true);
  expect(isOptOutAddress("unsubscribe@gw.example.jp")).toBe(false);
});
