// Every "no" about the content of a message.
import type { ReasonRow } from "./reason-row.ts";

export const contentReasons = {
  // --- can the message be read
  unreadable: {
    code: 550,
    enhanced: "5.6.0",
    text: {
      en: "the message cannot be read with certainty",
      ja: "メールの内容を確実に読み取れません",
    },
    remedy: {
      en: "Mend the MIME structure or charset named in the reply; what clients could show differently is never passed.",
      ja: "応答に示された MIME 構造・文字コードを修正してください。受信環境によって表示が変わり得るものは通過できません。",
    },
    law: "特定電子メール法 4条; RFC 2045–2047",
  },
  "malformed-header": {
    code: 550,
    enhanced: "5.6.0",
    text: { en: "the header section is not well formed", ja: "ヘッダーの形式が正しくありません" },
    remedy: {
      en: "Send each single header once (From, Date, Subject, Message-ID, To, Cc, Reply-To …), well formed.",
      ja: "From・Date・Subject・Message-ID などの単一ヘッダーは、正しい形式で 1 回だけ記載してください。",
    },
    law: "RFC 5322 §3.6",
  },
  "line-too-long": {
    code: 550,
    enhanced: "5.6.0",
    text: { en: "a line is longer than 998 octets", ja: "998 オクテットを超える行があります" },
    remedy: {
      en: "Encode the part as quoted-printable or base64.",
      ja: "該当パートを quoted-printable または base64 で符号化してください。",
    },
    law: "RFC 5322 §2.1.1",
  },
  "too-complex": {
    code: 554,
    enhanced: "5.6.0",
    text: {
      en: "the message has more parts, headers or lines than are read",
      ja: "パート・ヘッダー・行の数が上限を超えています",
    },
    remedy: {
      en: "Simplify the message; docs/limits.md lists the limits.",
      ja: "メールの構造を簡素にしてください。上限は docs/limits.md にあります。",
    },
  },
  "line-ends": {
    code: 550,
    enhanced: "5.5.2",
    text: {
      en: "bare CR, bare LF or NUL in the message",
      ja: "不正な改行コードまたは NUL が含まれています",
    },
    remedy: {
      en: "Let every line end with CR LF and send no NUL; the connection was closed.",
      ja: "すべての行末を CRLF とし、NUL を含めないでください。接続は切断されました。",
    },
    law: "RFC 5321 §2.3.8",
  },

  // --- what the law demands of the content
  "sender-name-missing": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "the sender's registered name is not visible",
      ja: "送信者の氏名または名称が表示されていません",
    },
    remedy: {
      en: "Show the registered name (the company's formal name) in each alternative of the message.",
      ja: "登録された正式名称を、各パート（テキスト・HTML）の本文に表示してください。",
    },
    law: "特定電子メール法 4条1号",
  },
  "opt-out-missing": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "no usable opt-out link or mailbox is visible",
      ja: "有効な配信停止先（URL またはメールアドレス）が表示されていません",
    },
    remedy: {
      en: "Show an opt-out link or mailbox at a registered host in each alternative of the message.",
      ja: "登録済みホストの配信停止 URL またはメールアドレスを、各パートの本文に表示してください。",
    },
    law: "特定電子メール法 4条2号、施行規則 8条",
  },
  "opt-out-notice-missing": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "nothing beside the opt-out link says that mail can be refused",
      ja: "配信停止先の直前・直後に、受信拒否ができる旨の記載がありません",
    },
    remedy: {
      en: "Write directly before or after the opt-out link that the mail can be stopped there.",
      ja: "配信停止先の直前または直後に「配信停止はこちら」などの文言を記載してください。",
    },
    law: "特定電子メール法施行規則 7条1項2号・9条1号",
  },
  "sender-address-missing": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "the sender's registered postal address is not visible",
      ja: "送信者の住所が表示されていません",
    },
    remedy: {
      en: "Show the registered postal address, or a link that says where it stands.",
      ja: "登録された住所、または住所の記載場所を示すリンクを本文に表示してください。",
    },
    law: "特定電子メール法 4条柱書、施行規則 9条2号",
  },
  "contact-missing": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "no contact for complaints and questions is visible",
      ja: "苦情・問合せの受付先が表示されていません",
    },
    remedy: {
      en: "Show a registered phone number, mail address or URL for complaints and questions.",
      ja: "登録された電話番号・メールアドレス・URL のいずれかを、苦情・問合せ先として表示してください。",
    },
    law: "特定電子メール法 4条柱書、施行規則 9条3号",
  },
  "business-card-notice-missing": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "the message does not say that business cards were exchanged",
      ja: "名刺交換により送信している旨の記載がありません",
    },
    remedy: {
      en: "Say in the message that it goes to persons whose business card you received, or who gave the address on another paper.",
      ja: "名刺交換をした方、または書面（用紙等）でアドレスを受け取った方に送信している旨を本文に記載してください。",
    },
    law: "特定電子メール法 3条1項2号",
  },
  "tokusho-display-missing": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "what the Act on Specified Commercial Transactions demands is not visible",
      ja: "特定商取引法に基づく表示が不足しています",
    },
    remedy: {
      en: "Show the items, or a link labelled 特定商取引法に基づく表記, and the seller's mail address.",
      ja: "「特定商取引法に基づく表記」へのリンクと販売業者のメールアドレスを表示してください。",
    },
    law: "特定商取引法 11条・12条の3第4項",
  },

  // --- human error
  "recipients-exposed": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "To or Cc shows the addresses of several recipients",
      ja: "To・Cc に複数の受信者アドレスが表示されています",
    },
    remedy: {
      en: "Send one message to each recipient, with that recipient alone in To.",
      ja: "受信者ごとに 1 通ずつ、To に本人のアドレスだけを記載して送信してください。",
    },
    law: "個人情報保護法 23条",
  },
  placeholder: {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "a template placeholder was not filled in",
      ja: "差し込み項目が置換されていません",
    },
    remedy: {
      en: "Fill in the placeholder named in the reply, or remove it from the template. Replies are ASCII: where one says (Japanese text), sekisho explain and sekisho log trace show the words.",
      ja: "応答に示された差し込み項目を置換するか、テンプレートから削除してください。応答は ASCII のみのため、(Japanese text) とある箇所の文字は sekisho explain または sekisho log trace で確認できます。",
    },
  },
  "unsafe-link": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "a link leads to a local, private or example host",
      ja: "ローカル・プライベート・例示用ホストへのリンクがあります",
    },
    remedy: {
      en: "Replace the link named in the reply by one that the reader can open.",
      ja: "応答に示されたリンクを、受信者が開ける URL に修正してください。",
    },
  },
  "personal-number": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "the message shows what looks like a My Number or card number",
      ja: "マイナンバーまたはカード番号と思われる数字が含まれています",
    },
    remedy: { en: "Remove the number.", ja: "該当する番号を削除してください。" },
    law: "番号法 19条; 個人情報保護法 23条",
  },
  "misleading-subject": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "the subject pretends to be a reply or a forward",
      ja: "件名が返信・転送を装っています",
    },
    remedy: {
      en: "Remove Re: or Fwd: from the subject of a message that answers none.",
      ja: "返信でないメールの件名から Re: や Fwd: を外してください。",
    },
  },
} as const satisfies Record<string, ReasonRow>;
