// Whole footers as mail tools make them, in text and in three ways of HTML; and whole footers with one thing wrong.
import { describe, expect, test } from "vitest";

import { judgeMail, outcomeOf, type Mail } from "../support/judged-mail.ts";

const U = "https://u.example.jp/s/abc";
const N = "株式会社サンプル商事";
const A = "東京都架空区見本町1-2-3";
const C = "お問い合わせ：support@example.jp";
const O = `配信停止をご希望の方はこちら\n${U}`;

const footers: readonly string[] = [
  `━━━━━━━━━━
【発行元】株式会社サンプル商事
【住所】〒999-9999 東京都架空区見本町1-2-3
【お問い合わせ】support@example.jp
【配信停止】${U}
━━━━━━━━━━`,
  `***********************************
 株式会社サンプル商事
 〒999-9999
 東京都架空区見本町1丁目2番3号
 TEL: 03-0000-0000 / FAX: 03-0000-0009
 MAIL: support@example.jp
 URL: https://www.example.jp/
***********************************
メールマガジンの配信停止・登録情報の変更は下記よりお願いします
${U}`,
  `本メールは株式会社サンプル商事のサービスにご登録いただいたお客様にお送りしています。
今後このようなメールを希望されない場合は、お手数ですが以下のリンクより配信停止手続きをお願いいたします。
${U}
株式会社サンプル商事　東京都架空区見本町1-2-3
お問い合わせ：https://www.example.jp/contact`,
  `┏━━━━━━━━━┓
　発行：株式会社サンプル商事
　住所：東京都架空区見本町１－２－３
　電話：０３－００００－００００
　解除：${U}
┗━━━━━━━━━┛`,
  `----
Copyright(c) 2026 株式会社サンプル商事 All Rights Reserved.
無断転載を禁じます。
配信停止 ⇒ ${U}
会社概要 ⇒ https://www.example.jp/company
お問合せ ⇒ https://www.example.jp/contact`,
  `■配信停止について
本メールの配信停止をご希望の方は、下記URLにアクセスし、お手続きください。
${U}

■会社情報
株式会社サンプル商事
〒999-9999 東京都架空区見本町1-2-3

■お問い合わせ先
03-0000-0000（受付時間 9:00～17:30 土日祝除く）`,
  `このメールは配信専用です。ご返信いただいてもお答えできませんのでご了承ください。
お問い合わせは下記フォームからお願いいたします。
https://www.example.jp/contact
メールが不要な方はこちらから解除できます。
${U}
運営：株式会社サンプル商事（東京都架空区見本町1-2-3）`,
  `――――――――――――――
株式会社サンプル商事
マーケティング本部　見本花子
〒999-9999　東京都架空区見本町1-2-3　見本ビル10F
Tel：03-0000-0000（代表）
――――――――――――――
※今後、弊社からのご案内が不要な方は、大変お手数ですがこちらよりご連絡ください。
${U}`,
  `サンプルストア https://www.example.jp/
運営会社：株式会社サンプル商事
特定商取引法に基づく表記：https://www.example.jp/law
お問い合わせ：https://www.example.jp/contact
メルマガ解除：${U}`,
  `＞＞配信停止はこちら
${U}
＞＞お問い合わせはこちら
https://www.example.jp/contact
＞＞会社概要はこちら
https://www.example.jp/company
(株)サンプル商事`,
  `メールアドレスの変更・メールマガジンの停止を希望される方は、
下記のページよりお手続きをお願いいたします。

　　${U}

株式会社サンプル商事　カスタマーセンター
東京都架空区見本町1-2-3
フリーダイヤルではなく 03-0000-0000 へ`,
  `配信元: 株式会社サンプル商事
所在地: 東京都架空区見本町1-2-3
お問い合わせ窓口: support@example.jp
配信停止: stop@u.example.jp （件名・本文は空欄のままお送りください）`,
  `本メールの送信者：株式会社サンプル商事（住所：東京都架空区見本町1-2-3、電話：03-0000-0000）。受信を拒否される場合は ${U} からお手続きいただけます。`,
];

const htmlFooters: readonly string[] = [
  `<table><tr><th>配信停止</th><td><a href="${U}">${U}</a></td></tr><tr><th>会社名</th><td>株式会社サンプル商事</td></tr><tr><th>住所</th><td>東京都架空区見本町1-2-3</td></tr><tr><th>お問い合わせ</th><td><a href="https://www.example.jp/contact">フォーム</a></td></tr></table>`,
  `<div style="text-align:center;color:#888;font-size:11px"><a href="${U}" style="color:#888">配信を停止する</a> ・ <a href="https://www.example.jp/contact" style="color:#888">お問い合わせ</a> ・ <a href="https://www.example.jp/company" style="color:#888">会社概要</a><br>© 株式会社サンプル商事</div>`,
  `<p>お問い合わせは<a href="https://www.example.jp/contact">こちら</a>　会社概要は<a href="https://www.example.jp/company">こちら</a>　配信停止は<a href="${U}">こちら</a></p><p>株式会社サンプル商事</p>`,
  `<p><a href="https://www.example.jp/contact">お問い合わせ</a><a href="${U}">配信停止</a><a href="https://www.example.jp/law">特定商取引法に基づく表記</a></p><address>株式会社サンプル商事</address>`,
  `<p>株式会社サンプル商事</p><p>〒999-9999</p><p>東京都架空区見本町</p><p>1-2-3</p><p>TEL</p><p>03-0000-0000</p><p>配信停止</p><p><a href="${U}">こちら</a></p>`,
];

/** Which duty is not met, and the footer. */
const traps: readonly (readonly [string, string])[] = [
  ["name", `発行：株式会社甲乙商会\n${A}\n${C}\n${O}`],
  ["name", `サンプル商事\n${A}\n${C}\n${O}`],
  ["name", `株式会社サンプル商亊\n${A}\n${C}\n${O}`],
  ["name", `送信者：株式会社甲乙商会（株式会社サンプル商事の代理店）\n${A}\n${C}\n${O}`],
  [
    "name",
    `株式会社サンプル商事の商品をお届けします。\n\n送信者：株式会社甲乙商会\n${A}\n${C}\n${O}`,
  ],
  ["name", `株式会社サンプル商事ホールディングス\n${A}\n${C}\n${O}`],
  ["name", `Sample Shoji Co., Ltd.\n${A}\n${C}\n${O}`],
  ["address", `${N}\n東京都架空区見本町\n${C}\n${O}`],
  ["address", `${N}\n東京都架空区見本町1-2-5\n${C}\n${O}`],
  ["address", `${N}\n大阪府架空市見本町1-2-3\n${C}\n${O}`],
  ["address", `${N}\n住所は弊社Webサイトに記載\n${C}\n${O}`],
  ["contact", `${N}\n${A}\nお問い合わせは本メールへのご返信で\n${O}`],
  ["contact", `${N}\n${A}\nFAX 03-0000-0000\n${O}`],
  ["contact", `${N}\n${A}\nお問い合わせ：no-reply@example.jp\n${O}`],
  ["contact", `${N}\n${A}\nお問い合わせ：03-1234-5678\n${O}`],
  ["contact", `${N}\n${A}\nお問い合わせ：support@sample-shoji.example.net\n${O}`],
  ["opt", `${N}\n${A}\n${C}\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止をご希望の方はこちら`],
  ["opt", `${N}\n${A}\n${C}\n配信停止をご希望の方は本メールにご返信ください。`],
  ["opt", `${N}\n${A}\n${C}\n配信停止をご希望の方はこちら\nhttps://www.example.jp/`],
  ["opt", `${N}\n${A}\n${C}\n配信停止をご希望の方はこちら\nhttps://u.examp1e.jp/s/abc`],
  ["opt", `${N}\n${A}\n${C}\n配信停止をご希望の方はこちら\nhttp://localhost/s/abc`],
  ["opt", `${N}\n${A}\n${C}\n配信停止はできません\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止は承っておりません。詳しくはこちら\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止をご希望の場合はお電話でのみ承ります。\n${U}`],
  [
    "opt",
    `配信停止はメール末尾のURLから\n\n${"本文です。\n\n".repeat(30)}${N}\n${A}\n${C}\n\n${U}`,
  ],
  ["opt", `${N}\n${A}\n${C}\n会員の皆様へ大切なお知らせ\n${U}`],
  ["opt", `${N}\n${A}\n${C}\nマイページはこちら\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止: no-reply@u.example.jp`],
  ["opt", `${N}\n${A}\n${C}\n配信停止: unsubscribe@example.net`],
  ["opt", `${N}\n${A}\n${C}\n配信停止はこちら→{{unsubscribe}}`],
  ["opt", `${N}\n${A}\n${C}\nメール配信の設定はこちら\n${U}`],
  ["opt", `${N}\n${A}\n${C}\nメールが届かない場合は受信拒否を解除してください\n${U}`],
  [
    "opt",
    `${N}\n${A}\n${C}\n配信停止をご希望の方は下記までご郵送ください\n〒999-9999 東京都架空区見本町1-2-3`,
  ],
  [
    "opt",
    `${N}\n${A}\n${C}\n配信停止ご希望の方は、返信にて「配信停止」とお知らせください。なお、このアドレスは送信専用です。`,
  ],
  ["opt", `${N}\n${A}\n${C}\n解約をご希望の方はこちら\n${U}`],
  ["opt", `${N}\n${A}\n${C}\nメールの再配信を停止しました\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止のご要望にはお応えできません\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n本メールは配信停止の対象外です\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n本メールは、配信停止をされたお客様にもお送りしています\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止機能はありません\n${U}`],
  ["opt", `${N}\n${A}\n${C}\nこのメールの配信停止は不可となっております\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止のお手続きは現在行えません\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止のお手続きは終了しました\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n一度登録すると配信停止はできかねます。詳細\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信を停止する予定はありません\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止は無効です\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止には手数料がかかります\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止を解除する方はこちら\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n配信停止の取り消し・再開はこちら\n${U}`],
  ["opt", `${N}\n${A}\n${C}\n受信拒否の解除はこちら\n${U}`],
];

const linked: readonly string[] = [
  `<table><tr><td>配信停止をご希望の方</td><td><a href="${U}">こちら</a></td></tr></table>`,
  `<table><tr><td>メールの配信停止</td></tr><tr><td><a href="${U}">お手続きはこちら</a></td></tr></table>`,
  `<ul><li><a href="${U}">配信停止</a></li><li><a href="https://www.example.jp/contact">お問い合わせ</a></li></ul>`,
  `<p>メールが不要な方は<br><a href="${U}"><b>こちら</b></a><br>からお手続きください</p>`,
  `<p>配信停止は<a href="${U}"><span>こ</span><span>ちら</span></a></p>`,
  `<div>今後メールの受信を希望されない方は、</div><div><a href="${U}">こちら</a></div><div>をクリックしてください。</div>`,
  `<p><a href="https://www.example.jp/company">会社概要</a> | <a href="${U}">配信停止</a> | <a href="https://www.example.jp/contact">お問い合わせ</a></p>`,
  `<p><a href="https://www.example.jp/company">会社概要</a> ｜ 配信停止は<a href="${U}">こちら</a> ｜ <a href="https://www.example.jp/contact">お問い合わせ</a></p>`,
  `<p>配信停止をご希望の方は下記URLよりお手続きください。</p><p><a href="${U}">${U}</a></p>`,
  `<p>配信停止をご希望の方は下記URLよりお手続きください。<br>${U}</p>`,
  `<p>▼配信停止はこちら▼</p><hr><p><a href="${U}">${U}</a></p>`,
  `<p>配信停止は <a href="mailto:stop@u.example.jp?subject=unsubscribe">stop@u.example.jp</a> へ空メールをお送りください</p>`,
  `<p>配信停止は<a href="mailto:stop@u.example.jp?subject=%E9%85%8D">メール</a>でご連絡ください</p>`,
  `<center><font size="2">このメールは会員の皆様にお送りしています。<br>配信を停止したい場合は<a href="${U}">こちらをクリック</a>してください。</font></center>`,
  `<a href="${U}" style="display:inline-block;padding:10px;background:#333;color:#fff">メール配信を停止する</a>`,
  `<p>購読をやめるには<a href="${U}">ここをクリック</a></p>`,
  `<p>If you do not wish to receive these mails / 配信停止: <a href="${U}">unsubscribe</a></p>`,
  `<p>・<a href="${U}">メールの配信停止をご希望の方はこちら</a></p>`,
  `<table><tr><td><p>配信停止をご希望の方は、</p></td></tr><tr><td><p><a href="${U}">配信停止ページ</a>よりお手続きください。</p></td></tr></table>`,
  `<div>配信停止手続き：<a href="${U}">https://u.example.jp/</a></div>`,
  `<p>このメールは「サンプル通信」にご登録いただいた方にお送りしています。</p><p><a href="${U}">登録解除</a>　<a href="https://www.example.jp/pref">設定変更</a></p>`,
];

const unlinked: readonly string[] = [
  `<p>配信停止をご希望の方は<a href="#">こちら</a></p><p><a href="${U}">商品を見る</a></p>`,
  `<p>配信停止をご希望の方は<a href="">こちら</a></p>`,
  `<p>配信停止をご希望の方は<a>こちら</a></p>`,
  `<p>配信停止をご希望の方は<a href="javascript:void(0)">こちら</a></p>`,
  `<p>配信停止をご希望の方は<a href="https://u.example.jp.evil.test/x">https://u.example.jp/x</a></p>`,
  `<p>配信停止をご希望の方は<a href="https://evil.test/x">https://u.example.jp/x</a></p>`,
  `<p>配信停止をご希望の方は<a href="/unsubscribe">こちら</a></p>`,
  `<p>配信停止をご希望の方は<a href="unsubscribe.html">こちら</a></p>`,
  `<p>配信停止をご希望の方は<a href="https://www.example.jp/">ホームページ</a>からお手続きください</p>`,
  `<p><a href="${U}"><img src="https://www.example.jp/x.png" alt="配信停止はこちら"></a></p>`,
  `<p>配信停止</p><p><a href="${U}"><img src="https://www.example.jp/x.png" alt="こちら"></a></p>`,
  `<p>配信停止をご希望の方はお問い合わせください。</p>`,
  `<p><a href="${U}">詳細はこちら</a></p>`,
  `<p>配信停止について</p>` + `<p>商品</p>`.repeat(20) + `<p><a href="${U}">こちら</a></p>`,
  `<p>配信停止は<a href="tel:0300000000">お電話</a>で</p>`,
  `<p>配信停止は<a href="https://u.example.jp@evil.test/">こちら</a></p>`,
  `<p>配信停止は<a href="https://192.0.2.1/stop">こちら</a></p>`,
  `<p>配信停止は<a href="https://u.example.jp.">こちら</a></p>`.replace(
    "u.example.jp.",
    "u2.example.jp",
  ),
  `<p>配信停止は<a href="ftp://u.example.jp/">こちら</a></p>`,
];

const body = "いつもお世話になっております。新商品のご案内です。";
const plain = (footer: string): Mail => ({
  text: `${body}\nhttps://www.example.jp/items/1\n\n${footer}`,
});
const page = (footer: string): Mail => ({
  html: `<p>${body}<a href="https://www.example.jp/items/1">商品はこちら</a></p>${footer}`,
});
const withLinks = (text: string): string =>
  text
    .replace(/https?:\/\/[^\s（）]+/g, (url) => `<a href="${url}">${url}</a>`)
    .replace(/[a-z]+@[a-z.]+/g, (address) => `<a href="mailto:${address}">${address}</a>`);
const lines = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");

function faults(mail: Mail): readonly string[] {
  return judgeMail(mail)
    .filter((one) => one.outcome !== "pass" && !/privacy-link|list-unsubscribe/.test(one.rule))
    .map((one) => `${one.rule}: ${one.evidence}`);
}

describe("a good footer has no fault", () => {
  test.each(footers)("%s", (footer) => {
    expect(faults(plain(footer))).toEqual([]);
    expect(faults(page(`<p>${withLinks(footer).replaceAll("\n", "<br>")}</p>`))).toEqual([]);
    const divs = lines(footer).map((line) => `<div>${withLinks(line)}</div>`);
    expect(faults(page(divs.join("")))).toEqual([]);
    const rows = lines(footer).map((line) => `<tr><td>${withLinks(line)}</td></tr>`);
    expect(faults(page(`<table>${rows.join("")}</table>`))).toEqual([]);
  });
  test.each(htmlFooters)("%s", (footer) => {
    expect(faults(page(footer))).toEqual([]);
  });
});

describe("a footer with one thing wrong fails there", () => {
  test.each(traps)("%s: %s", (duty, footer) => {
    const failed = judgeMail(plain(footer)).filter(
      (one) => one.outcome === "fail" && one.rule.startsWith("jp/"),
    );
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((one) => one.rule.startsWith(`jp/${duty}`))).toBe(true);
  });
});

const identity = `<p>${N}<br>${A}<br>${C}</p>`;

test.each(linked)("is a way to stop the mail: %s", (footer) => {
  const findings = judgeMail(page(footer + identity));
  expect(outcomeOf(findings, "jp/opt-out-address")).toBe("pass");
  expect(outcomeOf(findings, "jp/opt-out-notice")).toBe("pass");
});

test.each(unlinked)("is no way to stop the mail: %s", (footer) => {
  const findings = judgeMail(page(footer + identity));
  const outcomes = ["jp/opt-out-address", "jp/opt-out-notice"].map((rule) =>
    outcomeOf(findings, rule),
  );
  expect(outcomes).toContain("fail");
});
