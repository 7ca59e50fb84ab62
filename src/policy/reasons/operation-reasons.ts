// Every "no" about limits, the gateway itself, and what happens later.
import type { ReasonRow } from "./reason-row.ts";

/** Nothing the client can do but wait. */
const notOurs = {
  en: "Nothing is wrong with the message. Let the client try again later; the operator's log names the cause.",
  ja: "メールに問題はありません。時間をおいて再送してください。原因は管理者のログに記録されています。",
};

export const operationReasons = {
  // --- limits
  "too-large": {
    code: 552,
    enhanced: "5.3.4",
    text: {
      en: "the message is larger than this gateway accepts",
      ja: "メールのサイズが上限を超えています",
    },
    remedy: {
      en: "Make the message smaller, or raise smtp.max_message_bytes.",
      ja: "メールを小さくするか、smtp.max_message_bytes を引き上げてください。",
    },
    law: "RFC 1870",
  },
  "too-many-recipients": {
    code: 452,
    enhanced: "4.5.3",
    text: {
      en: "too many recipients in one transaction",
      ja: "1 回の送信の受信者数が上限を超えています",
    },
    remedy: {
      en: "Send the rest in a further transaction.",
      ja: "残りの受信者は次のトランザクションで送信してください。",
    },
    law: "RFC 5321 §4.5.3.1.10",
  },
  frozen: {
    code: 451,
    enhanced: "4.7.1",
    text: {
      en: "mail of this stream is stopped by an operator for now; try again later",
      ja: "担当者がこのストリームの送信を一時停止しています",
    },
    remedy: {
      en: "Keep the message and try again later. Operators see why with sekisho freeze list and lift it with sekisho unfreeze.",
      ja: "メールは保持し、時間をおいて再送してください。理由は sekisho freeze list で確認でき、sekisho unfreeze で解除します。",
    },
  },
  "settings-waiting": {
    code: 451,
    enhanced: "4.7.1",
    text: {
      en: "this stream is new, and waits until two people have approved it; try again later",
      ja: "このストリームは新規のため、2名の承認を待っています",
    },
    remedy: {
      en: "Keep the message and try again later. Approvers see what is asked with sekisho approval list and decide with sekisho approval approve or reject.",
      ja: "メールは保持し、時間をおいて再送してください。承認者は sekisho approval list で内容を確認し、sekisho approval approve または reject で決定します。",
    },
    law: "law.md S68, S77",
  },
  "campaign-unapproved": {
    code: 250,
    enhanced: "2.0.0",
    text: {
      en: "this campaign waits for a second person's approval",
      ja: "この配信は承認者の確認待ちです",
    },
    remedy: {
      en: "An approver looks at it with sekisho approval list and approves or rejects it; then all its messages go on.",
      ja: "承認者が sekisho approval list で確認し、承認または却下します。承認されると、待機中のメールはすべて送信されます。",
    },
  },
  "campaign-waiting": {
    code: 451,
    enhanced: "4.7.1",
    text: {
      en: "this campaign waits for approval, and enough of it is held; try again later",
      ja: "この配信は承認待ちで、保留できる通数の上限に達しています",
    },
    remedy: {
      en: "Have the campaign approved (sekisho approval list), then send the rest.",
      ja: "承認（sekisho approval list）を得てから、残りを送信してください。",
    },
  },
  "campaign-rejected": {
    code: 550,
    enhanced: "5.7.1",
    text: { en: "an approver rejected this campaign", ja: "承認者がこの配信を却下しました" },
    remedy: {
      en: "Ask the approver, change the message, and send it anew: a changed text is looked at afresh.",
      ja: "承認者に理由を確認し、内容を修正して再送してください。修正後の内容は改めて承認にかけられます。",
    },
  },
  "rate-limited": {
    code: 451,
    enhanced: "4.7.1",
    text: {
      en: "too much in a short time; try again later",
      ja: "短時間の送信量が上限を超えました",
    },
    remedy: {
      en: "Slow down; the client may retry after some minutes.",
      ja: "送信速度を落とし、数分後に再送してください。",
    },
  },
  "page-unchecked": {
    code: 451,
    enhanced: "4.7.1",
    text: {
      en: "the page that the message leaves a display duty to cannot be checked now; try again later",
      ja: "メールが参照する自社ページの記載を、現在確認できません",
    },
    remedy: {
      en: "Try again in some minutes: the page is read meanwhile. If it stays so, see that the page answers to anybody by https, or write the address and the contact into the message itself.",
      ja: "数分後に再送してください（その間にページを確認します）。続く場合は、ページが https で応答することを確認するか、住所・連絡先をメール本文に直接記載してください。",
    },
    law: "特定電子メール法施行規則 7条1項3号",
  },
  "storage-full": {
    code: 452,
    enhanced: "4.3.1",
    text: {
      en: "no room for the message now; try again later",
      ja: "現在メールを保存する空きがありません",
    },
    remedy: notOurs,
  },
  "ledger-unavailable": {
    code: 451,
    enhanced: "4.3.0",
    text: {
      en: "the recipient's papers cannot be checked now; try again later",
      ja: "現在、受信者の記録を確認できません",
    },
    remedy: notOurs,
  },
  "internal-error": {
    code: 451,
    enhanced: "4.3.0",
    text: {
      en: "the gateway could not do this now; try again later",
      ja: "ゲートウェイ内部の理由で処理できません",
    },
    remedy: notOurs,
  },

  // --- held or sent back later
  "judge-timeout": {
    code: 250,
    enhanced: "2.0.0",
    text: {
      en: "the message took too long to read and waits for a person",
      ja: "内容の確認に時間がかかるため、担当者の確認待ちです",
    },
    remedy: {
      en: "A postmaster looks at it with sekisho held show and releases or rejects it.",
      ja: "担当者が sekisho held show で確認し、release または reject します。",
    },
  },
  erased: {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "the recipient was erased while the message waited",
      ja: "送信待ちの間に受信者の情報が消去されました",
    },
    remedy: { en: "Nothing to do.", ja: "対応は不要です。" },
    law: "個人情報保護法 35条",
  },
  "rejected-by-person": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "a postmaster looked at the held message and rejected it",
      ja: "担当者が確認のうえ、送信を差し止めました",
    },
    remedy: {
      en: "Ask the postmaster; the log carries the reason given.",
      ja: "担当者に確認してください。理由はログに記録されています。",
    },
  },
  expired: {
    code: 550,
    enhanced: "5.4.7",
    text: {
      en: "delivery was tried for as long as allowed, without success",
      ja: "配送可能期間内に配送できませんでした",
    },
    remedy: {
      en: "See each attempt's reply with sekisho log trace.",
      ja: "各試行の応答は sekisho log trace で確認できます。",
    },
    law: "RFC 5321 §4.5.4.1",
  },
  "sender-not-ready": {
    code: 451,
    enhanced: "4.3.5",
    text: {
      en: "receivers would refuse this sender's mail for its DNS; it waits until that is mended",
      ja: "DNS 設定の不備により受信側で拒否されるため、修正されるまで送信を保留しています",
    },
    remedy: {
      en: "Run sekisho dns check: it names each record that is wrong and what should stand there. Mail is taken again at the next check after it is mended.",
      ja: "sekisho dns check で不備のあるレコードと正しい値を確認し、修正してください。修正後の次回確認時に自動で再開します。",
    },
    law: "RFC 6376; RFC 7208; RFC 9989",
  },
  "signing-failed": {
    code: 451,
    enhanced: "4.7.5",
    text: {
      en: "the message cannot be signed now; it waits",
      ja: "現在 DKIM 署名ができないため待機しています",
    },
    remedy: {
      en: "See sekisho keys list: the From domain needs an active key of 2048 bits or more.",
      ja: "sekisho keys list を確認してください。From ドメインに 2048 ビット以上の有効な鍵が必要です。",
    },
    law: "RFC 6376; RFC 8301",
  },
} as const satisfies Record<string, ReasonRow>;
