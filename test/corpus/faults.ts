// Ways in which one duty fails in one alternative: left out, wrong, unusable, or said so that it means nothing.
import { optOutUrl as U, type Duty, type Slots } from "./piece.ts";

export interface Fault {
  readonly name: string;
  readonly duty: Duty;
  readonly in: "html" | "text" | "both";
  /** What stands in the slot instead; undefined: this slot cannot have the fault. */
  readonly spoil: (slot: string, slots: Slots) => string | undefined;
  /** The fault belongs to this company's registry only. */
  readonly only?: "sample";
}

const replace = (name: string, duty: Duty, words: string, where: Fault["in"] = "both"): Fault => ({
  name: `${duty}: ${name}`,
  duty,
  in: where,
  only: "sample",
  spoil: () => words,
});

const edit = (
  name: string,
  duty: Duty,
  change: (slot: string) => string,
  where: Fault["in"] = "both",
): Fault => ({
  name: `${duty}: ${name}`,
  duty,
  in: where,
  only: "sample",
  spoil: (slot) => {
    const spoilt = change(slot);
    return spoilt === slot ? undefined : spoilt;
  },
});

const left = (duty: Duty): Fault => ({
  name: `${duty}: left out`,
  duty,
  in: "both",
  spoil: () => "",
});

const sample = /株式会社サンプル商事|㈱サンプル商事/g;
const street = /見本町[\s\S]*?[1-3１-３一-三](?:丁目|－|-|−)[2２二](?:番|－|-|−)[3３三]号?/g;
const link =
  (target: string): ((slot: string) => string) =>
  (slot) =>
    slot.replace(/https:\/\/u\.example\.jp\/[^\s"<>]*/g, target);

export const faults: readonly Fault[] = [
  left("name"),
  left("address"),
  left("contact"),
  left("optOut"),
  edit("brand only", "name", (s) => s.replace(sample, "サンプルストア")),
  edit("English only", "name", (s) => s.replace(sample, "SAMPLE Inc.")),
  edit("without its form", "name", (s) => s.replace(sample, "サンプル商事")),
  edit("form in front", "name", (s) => s.replace(sample, "サンプル商事株式会社")),
  edit("another form", "name", (s) => s.replace(sample, "有限会社サンプル商事")),
  edit("group company", "name", (s) => s.replace(sample, "株式会社サンプル商事ホールディングス")),
  edit("one letter more", "name", (s) => s.replace(sample, "株式会社サンプルズ商事")),
  edit("one letter less", "name", (s) => s.replace(sample, "株式会社サンプル商")),
  edit("trade for industry", "name", (s) => s.replace(sample, "株式会社サンプル商会")),
  edit("regional company", "name", (s) => s.replace(sample, "株式会社東京サンプル商事")),
  edit("look-alike kanji", "name", (s) => s.replace(sample, "株式会社サンプル商亊")),
  edit("another company", "name", (s) => s.replace(sample, "株式会社甲乙")),
  edit("placeholder", "name", (s) => s.replace(sample, "{{sender.name}}")),
  edit(
    "image",
    "name",
    (s) => s.replace(sample, `<img src="https://img.example.jp/n.png" alt="株式会社サンプル商事">`),
    "html",
  ),
  replace(
    "no relation",
    "name",
    "このメールは株式会社サンプル商事とは一切関係ありません。配信：株式会社甲乙",
  ),
  replace("addressee", "name", "株式会社サンプル商事 御中　配信：株式会社甲乙"),
  replace("customer", "name", "導入事例：株式会社サンプル商事　発行：株式会社甲乙"),
  replace("office only", "name", "サンプルニュース運営事務局"),
  edit("no number", "address", (s) => s.replace(street, "見本町")),
  edit("ward only", "address", (s) => s.replace(street, "")),
  edit("another number", "address", (s) => s.replace(street, "見本町1-2-4")),
  edit("longer number", "address", (s) => s.replace(street, "見本町1-2-33")),
  edit("other block", "address", (s) => s.replace(street, "見本町11-2-3")),
  edit("another town", "address", (s) => s.replace(street, "仮町1-2-3")),
  edit("another ward", "address", (s) => s.replaceAll("架空区", "別区")),
  edit("another prefecture", "address", (s) =>
    s.includes("東京都") ? s.replaceAll("東京都", "大阪府") : s,
  ),
  edit("placeholder", "address", (s) =>
    s.replace(/東京都架空区[\s\S]*?見本町[\s\S]*?(?:3号?|３号?|三号)/g, "[[company_address]]"),
  ),
  replace("postcode only", "address", "〒999-9999"),
  replace("see the home page", "address", "詳しくは弊社ホームページをご覧ください"),
  replace("venue", "address", "会場：大阪府大阪市架空区仮町4-5-6"),
  replace("stranger's page", "address", "会社概要 https://www.other.co.jp/company"),
  replace(
    "image",
    "address",
    `<img src="https://img.example.jp/a.png" alt="東京都架空区見本町1-2-3">`,
    "html",
  ),
  replace("link to nothing", "address", `<a href="#">会社概要</a>`, "html"),
  replace("fax only", "contact", "FAX：03-0000-0000"),
  replace("another number", "contact", "お問い合わせ：03-0000-0001"),
  replace("no-reply", "contact", "お問い合わせ：no-reply@example.jp"),
  replace("shop", "contact", "お問い合わせはお近くの店舗まで"),
  replace("no answer", "contact", "お問い合わせにはお答えしておりません。"),
  replace("stranger's mail", "contact", "お問い合わせ：support@other.co.jp"),
  replace("stranger's page", "contact", "お問い合わせ：https://www.other.co.jp/contact"),
  replace("link to nothing", "contact", `<a href="#">お問い合わせ</a>`, "html"),
  replace("empty mailto", "contact", `<a href="mailto:">お問い合わせ</a>`, "html"),
  replace("placeholder", "contact", "お問い合わせ：%%contact%%"),
  edit("localhost", "optOut", link("http://localhost:8080/unsubscribe")),
  edit("private address", "optOut", link("https://192.168.0.10/u/1")),
  edit("example.com", "optOut", link("https://example.com/unsubscribe")),
  edit("shortener", "optOut", link("https://bit.ly/3abcde")),
  edit("unregistered", "optOut", link("https://unsubscribe.other.co.jp/1")),
  edit("look-alike", "optOut", link("https://u.examp1e.jp/s/1")),
  edit("registered name as prefix", "optOut", link("https://u.example.jp.evil.net/s/1")),
  edit("registered name as user", "optOut", link("https://u.example.jp@evil.net/s/1")),
  edit("subdomain", "optOut", link("https://x.u.example.jp/s/1")),
  edit("sister host", "optOut", link("https://www.example.jp/unsubscribe")),
  edit("placeholder mustache", "optOut", link("{{unsubscribe_url}}")),
  edit("placeholder mailchimp", "optOut", link("*|UNSUB|*")),
  edit("placeholder percent", "optOut", link("%%unsubscribe_url%%")),
  edit("placeholder jsp", "optOut", link("<%= unsubscribeUrl %>"), "text"),
  edit("placeholder dollar", "optOut", link("${unsubscribeUrl}")),
  edit("placeholder in query", "optOut", link("https://u.example.jp/s?id={{contact.id}}")),
  edit("hash", "optOut", link("#"), "html"),
  edit("javascript", "optOut", link("javascript:void(0)"), "html"),
  edit("empty href", "optOut", link(""), "html"),
  edit(
    "no target",
    "optOut",
    (s) => s.replace(/<a [^>]*>([\s\S]*?)<\/a>/g, "$1").replaceAll(U, ""),
    "html",
  ),
  edit("no URL", "optOut", (s) => s.replaceAll(U, "").replaceAll("stop@u.example.jp", ""), "text"),
  edit(
    "image button",
    "optOut",
    () => `<a href="${U}"><img src="https://img.example.jp/stop.png" alt="配信停止はこちら"></a>`,
    "html",
  ),
  replace("notice gone", "optOut", U, "text"),
  replace("notice gone, link", "optOut", `<a href="${U}">こちら</a>`, "html"),
  replace("link for something else", "optOut", `<a href="${U}">マイページはこちら</a>`, "html"),
  replace("confirm", "optOut", `会員登録の確認はこちら ${U}`, "text"),
  replace("no stop planned", "optOut", `配信停止の予定はございません。\n${U}`, "text"),
  replace("cannot stop", "optOut", `配信停止はできませんのでご了承ください。\n${U}`, "text"),
  replace("stopped already", "optOut", `先日、配信停止の手続きが完了しました。\n${U}`, "text"),
  replace("video stop", "optOut", `動画の配信停止についてはこちら\n${U}`, "text"),
  replace("contract", "optOut", `サービスの解約はこちら\n${U}`, "text"),
  replace("order", "optOut", `ご注文のキャンセルはこちら\n${U}`, "text"),
  replace("stop the stop", "optOut", `配信停止の解除はこちら\n${U}`, "text"),
  replace("those who do not stop", "optOut", `配信停止を希望されない方はこちら\n${U}`, "text"),
  replace("phone only", "optOut", "配信停止はお電話（03-0000-0000）のみで承ります。"),
  replace("post only", "optOut", "配信停止をご希望の方は郵送にてお申し出ください。"),
  replace("form without link", "optOut", "配信停止をご希望の方は募集フォームよりご連絡ください。"),
  replace(
    "reply to send-only",
    "optOut",
    "配信停止をご希望の方は本メールにご返信ください。\nこのメールは送信専用です。",
  ),
  replace(
    "no-reply mailbox",
    "optOut",
    "配信停止をご希望の方は no-reply@example.jp へ空メールをお送りください。",
  ),
  replace(
    "stranger's mailbox",
    "optOut",
    "配信停止をご希望の方は stop@other.co.jp へ空メールをお送りください。",
  ),
  replace("how to block", "optOut", `迷惑メールの受信拒否設定の方法はこちら\n${U}`, "text"),
  replace("subscribe", "optOut", `メルマガの配信登録はこちら\n${U}`, "text"),
  replace("change address", "optOut", `メールアドレスの変更はこちら\n${U}`, "text"),
  replace(
    "far away",
    "optOut",
    `配信停止をご希望の方は、このメールの末尾にあるリンクをご利用ください。\n${"・お知らせの一行です。\n".repeat(30)}${U}`,
    "text",
  ),
  replace(
    "far away in HTML",
    "optOut",
    `配信停止ができます。${"<p>お知らせの一行です。</p>".repeat(30)}<a href="${U}">こちら</a>`,
    "html",
  ),
  replace(
    "negated in HTML",
    "optOut",
    `このメールは<a href="${U}">配信停止</a>できません。`,
    "html",
  ),
  replace("sms", "optOut", `SMSの配信停止はこちら\n${U}`, "text"),
  replace("catalogue", "optOut", `カタログの送付停止はこちら\n${U}`, "text"),
  replace("push", "optOut", `アプリのプッシュ通知の停止はこちら\n${U}`, "text"),
];
