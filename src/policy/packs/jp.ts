// Rule pack jp: the display duties of 特定電子メール法 as far as a message shows them (law.md §2).
import { optOutAddress, optOutNotice } from "../checks/opt-out.ts";
import { everyClass, type Pack, type Weight } from "../rule.ts";
import type { MailClass } from "../stream.ts";
import { postalAddress } from "./jp/address.ts";
import { contactPoint } from "./jp/contact.ts";
import { japanese } from "./jp/language.ts";
import { registeredName } from "./jp/name.ts";
import { abolishedLabel, advertisingInTransactional, businessCardSentence, privacyLink } from "./jp/words.ts"; // prettier-ignore

// Read in the e-Gov text of the Act (in force 2025-06-01) and of its 施行規則 (2020-12-15).
const asOf = "2026-11-22";
const source = "e-Gov: 特定電子メール法 414AC0100000026、同施行規則 414M60000008066";

/** Transactional mail is no 特定電子メール (法2条2号), so no display duty is asked of it. */
const display: Record<MailClass, Weight> = {
  marketing: "full",
  "consent-request": "full", // 規則9条 exempts only the mails of 規則6条 (law.md JP-09)
  "contract-incidental": "advice", // 法4条括弧書, 規則9条但書: only the name remains (law.md JP-17)
  transactional: "off",
};
const name: Record<MailClass, Weight> = { ...display, "contract-incidental": "full" };

export const jp: Pack = {
  name: "jp",
  title: { en: "Japan: display duties of advertising mail", ja: "日本：特定電子メール法の表示義務" },
  rules: [
    {
      name: "jp/name",
      title: { en: "Sender's name", ja: "送信者の名称" },
      demand: {
        en: "The registered formal name of the responsible sender stands visibly in each alternative.",
        ja: "送信責任者の登録された正式名称が、各パートの本文に見える形で記載されていること。",
      },
      law: "特定電子メール法 4条1号、施行規則 7条1項1号",
      source, asOf, confidence: "A", severity: "fail", weights: name, reason: "sender-name-missing",
      remedy: {
        en: "Write the company's formal name (for example 株式会社…) as text into the footer of both the text and the HTML part. A shop or brand name alone, a logo, or the From name is not enough.",
        ja: "テキスト版・HTML 版の両方のフッターに、会社の正式名称（株式会社…）を文字で記載してください。店名・ブランド名だけ、ロゴ画像、差出人名だけでは足りません。",
      },
      check: { per: "alternative", look: registeredName },
    },
    {
      name: "jp/opt-out-address",
      title: { en: "Opt-out link", ja: "配信停止先" },
      demand: {
        en: "A link (https) or mailbox by which mail can be stopped, at a registered host, is visible as text in each alternative.",
        ja: "登録済みホストの配信停止用 URL（https）またはメールアドレスが、各パートに文字で表示されていること。",
      },
      law: "特定電子メール法 4条2号、施行規則 7条1項1号・8条",
      source, asOf, confidence: "A", severity: "fail", weights: display, reason: "opt-out-missing",
      remedy: {
        en: "Put the recipient's own opt-out link, on a host registered under opt_out_hosts, into both parts: as a text link in HTML, written out in plain text. Check that the template's placeholder is filled in.",
        ja: "opt_out_hosts に登録したホストの配信停止 URL を両方のパートに記載してください（HTML では文字のリンク、テキスト版では URL をそのまま）。差し込み項目が置換されているかも確認してください。",
      },
      check: { per: "alternative", look: optOutAddress(japanese) },
    },
    {
      name: "jp/opt-out-notice",
      title: { en: "Opt-out notice", ja: "配信停止の案内文" },
      demand: {
        en: "Directly before or after the opt-out link or mailbox, words say that the mail can be stopped there.",
        ja: "配信停止用の URL・アドレスの直前または直後に、そこで受信拒否ができる旨が記載されていること。",
      },
      law: "特定電子メール法施行規則 7条1項2号・9条1号",
      source, asOf, confidence: "A", severity: "fail", weights: display, reason: "opt-out-notice-missing",
      remedy: {
        en: "Write on the line directly before the link, for example: 配信停止をご希望の方はこちらからお手続きください. No login and no further data should be needed.",
        ja: "リンクのすぐ前の行に「配信停止をご希望の方は、こちらからお手続きください。」のように記載してください。ログインや追加の入力を求めないようにしてください。",
      },
      check: { per: "alternative", look: optOutNotice(japanese) },
    },
    {
      name: "jp/address",
      title: { en: "Postal address", ja: "住所" },
      demand: {
        en: "The registered postal address, or a link that says where it stands, is visible in each alternative.",
        ja: "登録された住所、またはその記載場所を示すリンクが、各パートに表示されていること。",
      },
      law: "特定電子メール法 4条、施行規則 7条1項3号・9条2号",
      source, asOf, confidence: "A", severity: "fail", weights: display, reason: "sender-address-missing",
      remedy: {
        en: "Write the full postal address down to the street number into the footer, or a link labelled 会社概要 or 特定商取引法に基づく表記 to a page of yours that shows it.",
        ja: "番地までの住所をフッターに記載するか、住所が載っている自社ページへのリンクを「会社概要」「特定商取引法に基づく表記」などの名前で設置してください。",
      },
      check: { per: "alternative", look: postalAddress },
    },
    {
      name: "jp/contact",
      title: { en: "Contact", ja: "問い合わせ先" },
      demand: {
        en: "A phone number, mailbox or page that takes questions and complaints is visible in each alternative.",
        ja: "苦情・問合せを受け付ける電話番号・メールアドレス・URL のいずれかが、各パートに表示されていること。",
      },
      law: "特定電子メール法 4条、施行規則 7条1項3号・9条3号",
      source, asOf, confidence: "A", severity: "fail", weights: display, reason: "contact-missing",
      remedy: {
        en: "Write a registered phone number or mailbox, or a link labelled お問い合わせ to a page of yours, into the footer. A fax number or a no-reply address is not enough.",
        ja: "登録済みの電話番号・メールアドレス、または自社ページへの「お問い合わせ」リンクをフッターに記載してください。FAX 番号や no-reply アドレスでは足りません。",
      },
      check: { per: "alternative", look: contactPoint },
    },
    {
      name: "jp/business-card",
      title: { en: "Business-card sentence", ja: "名刺交換の記載" },
      demand: {
        en: "Mail to people whose address came from a business card or another paper says so.",
        ja: "名刺交換などの書面により取得したアドレスへのメールには、その旨が記載されていること。",
      },
      law: "特定電子メール法 3条1項2号",
      source: "law.md S5, JP-07", asOf, confidence: "B", severity: "fail",
      weights: { ...display, "consent-request": "off" }, // which rests on 規則2条1項2号, however the address was notified
      reason: "business-card-notice-missing",
      remedy: {
        en: "Add a sentence such as 展示会等で名刺交換をさせていただいた方にお送りしています, or 申込用紙にメールアドレスをご記入いただいた方にお送りしています.",
        ja: "「展示会等で名刺交換をさせていただいた方にお送りしています。」「申込用紙にメールアドレスをご記入いただいた方にお送りしています。」のような一文を加えてください。",
      },
      when: (facts) => facts.bases.includes("written_notice"),
      check: { per: "alternative", look: businessCardSentence },
    },
    {
      name: "jp/label",
      title: { en: "Abolished label", ja: "廃止された表示" },
      demand: { en: "The label 未承諾広告※ is not used.", ja: "「未承諾広告※」の表示を使わないこと。" },
      law: "特定電子メール法 平成20年改正（表示の廃止）",
      source, asOf, confidence: "A", severity: "warn", weights: { ...display, "contract-incidental": "full" },
      reason: "misleading-subject",
      remedy: {
        en: "Remove the label: since 2008 only consent makes an advertising mail lawful.",
        ja: "表示を外してください。2008 年以降、広告メールの送信には同意が必要です。",
      },
      check: { per: "message", look: abolishedLabel },
    },
    {
      name: "jp/privacy-link",
      title: { en: "Privacy policy", ja: "プライバシーポリシー" },
      demand: {
        en: "A link leads to the privacy policy or purpose of use (advice).",
        ja: "プライバシーポリシー（利用目的）へのリンクがあること（推奨）。",
      },
      law: "個人情報保護法 21条・32条",
      source: "law.md S52", asOf, confidence: "C", severity: "warn", weights: { ...display, "contract-incidental": "off" },
      reason: "contact-missing",
      remedy: {
        en: "Add a link to your privacy policy to the footer.",
        ja: "フッターにプライバシーポリシーへのリンクを加えてください。",
      },
      check: { per: "alternative", look: privacyLink },
    },
    {
      name: "jp/class",
      title: { en: "Class of mail", ja: "メールの種別" },
      demand: {
        en: "Transactional mail carries no advertising (advice: the class comes from the stream).",
        ja: "取引連絡用のメールに広告を含めないこと（推奨。種別はストリームで決まります）。",
      },
      law: "特定電子メール法 2条2号",
      source: "law.md JP-03", asOf, confidence: "B", severity: "warn",
      weights: { ...everyClass, marketing: "off", "consent-request": "off", "contract-incidental": "off" },
      reason: "opt-out-missing",
      remedy: {
        en: "Send advertising by a marketing stream, to recipients who consented.",
        ja: "広告は、同意のある受信者に、marketing のストリームから送信してください。",
      },
      check: { per: "message", look: advertisingInTransactional },
    },
  ],
}; // prettier-ignore
