// Every "no" that Sekisho can say: one closed table, from which replies, pages and documentation are made.

export interface ReasonRow {
  /** RFC 5321 code and IANA-registered enhanced code (RFC 3463, RFC 5248). Holds answer 250 2.0.0 instead. */
  readonly code: number;
  readonly enhanced: string;
  /** One line: what happened and what to do. Shown behind the reason's name. */
  readonly text: { readonly en: string; readonly ja: string };
  /** The remedy in full sentences, for /r/{reason}, docs and the console. */
  readonly remedy: { readonly en: string; readonly ja: string };
  /** The law or standard behind it, where there is one. */
  readonly law?: string;
}

const notOurs = {
  en: "Nothing is wrong with the message. Let the client try again later; the operator's log names the cause.",
  ja: "メールに問題はありません。時間をおいて再送してください。原因は管理者のログに記録されています。",
};

export const reasons = {
  // --- the recipient's papers -------------------------------------------------------------------------------------
  "no-consent": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "no consent of this recipient is on record",
      ja: "この受信者の同意の記録がありません",
    },
    remedy: {
      en: "Record the consent with its evidence (sekisho consent add or consent import), or take the address off the list.",
      ja: "同意の記録を証跡とともに登録する（sekisho consent add / consent import）か、配信リストからこのアドレスを外してください。",
    },
    law: "特定電子メール法 3条1項",
  },
  withdrawn: {
    code: 550,
    enhanced: "5.7.1",
    text: { en: "the recipient has withdrawn consent", ja: "受信者が配信停止を求めています" },
    remedy: {
      en: "Do not send to this address. Only a new consent by the person's own act lifts a withdrawal.",
      ja: "このアドレスには送信できません。本人が改めて同意した場合に限り再開できます。",
    },
    law: "特定電子メール法 3条3項",
  },
  paused: {
    code: 550,
    enhanced: "5.7.1",
    text: { en: "the recipient has paused this mail", ja: "受信者が一時停止を希望しています" },
    remedy: {
      en: "Leave the address out until the date named in the reply.",
      ja: "応答に示された日付までこのアドレスを配信対象から外してください。",
    },
    law: "特定電子メール法 3条3項、施行規則 5条",
  },
  "consent-expired": {
    code: 550,
    enhanced: "5.7.1",
    text: { en: "the consent on record has expired", ja: "記録された同意の有効期限が切れています" },
    remedy: {
      en: "Ask the person to consent anew, and record it.",
      ja: "改めて本人の同意を得て登録してください。",
    },
    law: "特定電子メール法 3条1項",
  },
  "basis-not-enough": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "the basis on record does not allow this class of mail",
      ja: "記録された根拠ではこの種別のメールを送信できません",
    },
    remedy: {
      en: "Obtain consent for this topic, or send by a stream of the class that the basis allows.",
      ja: "このトピックについて同意を得るか、根拠に合った種別のストリームから送信してください。",
    },
    law: "特定電子メール法 3条1項、施行規則 2条・6条; 特定商取引法 12条の3",
  },
  "already-asked": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "a request for consent may be sent once only",
      ja: "同意を求めるメールは一度しか送信できません",
    },
    remedy: {
      en: "Do not ask again by mail. The person may still consent by a form of yours.",
      ja: "メールで再度依頼することはできません。本人がフォーム等から同意することは可能です。",
    },
    law: "特定電子メール法施行規則 2条1項2号",
  },
  suppressed: {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "the address is on the suppression list",
      ja: "このアドレスは配信停止リストに登録されています",
    },
    remedy: {
      en: "See who put it there and why with sekisho suppress lookup. Remove it only for a reason you can record.",
      ja: "sekisho suppress lookup で登録の経緯を確認してください。記録に残せる理由がある場合に限り解除できます。",
    },
    law: "特定電子メール法 3条3項・6条",
  },
  "bad-address": {
    code: 501,
    enhanced: "5.1.3",
    text: { en: "the address is not valid", ja: "アドレスの形式が正しくありません" },
    remedy: {
      en: "Correct the address: local@domain, the domain with a dot, as RFC 5321 has it.",
      ja: "アドレスを RFC 5321 の形式（local@domain）に修正してください。",
    },
    law: "RFC 5321 §4.1.2",
  },
  "utf8-address": {
    code: 550,
    enhanced: "5.6.7",
    text: {
      en: "internationalised local parts are not supported",
      ja: "国際化されたローカルパートには対応していません",
    },
    remedy: {
      en: "Use an address whose part before the @ is ASCII. Internationalised domains are welcome.",
      ja: "@ より前が ASCII のアドレスを使ってください。国際化ドメイン名は使用できます。",
    },
    law: "RFC 6531",
  },
  // --- whose mail is this -----------------------------------------------------------------------------------------
  "sender-not-permitted": {
    code: 550,
    enhanced: "5.7.1",
    text: {
      en: "this credential may not send as that address",
      ja: "この認証情報では、その送信元アドレスを使用できません",
    },
    remedy: {
      en: "Use a From, Sender and MAIL FROM of the sender's registered domains, or register the domain (senders[].domains).",
      ja: "From・Sender・MAIL FROM に登録済みドメインのアドレスを使うか、senders[].domains に登録してください。",
    },
    law: "特定電子メール法 5条",
  },
  "mail-loop": {
    code: 554,
    enhanced: "5.4.6",
    text: { en: "the message has passed too many hosts", ja: "メールがループしています" },
    remedy: {
      en: "Look for a forwarding rule that sends the gateway's mail back to it.",
      ja: "ゲートウェイのメールを再び送り込む転送設定がないか確認してください。",
    },
    law: "RFC 5321 §6.3",
  },
  // --- can the message be read ------------------------------------------------------------------------------------
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
  // --- what the law demands of the content -------------------------------------------------------------------------
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
      en: "Say in the message that it goes to persons whose business card you received.",
      ja: "名刺交換をした方に送信している旨を本文に記載してください。",
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
  // --- human error ------------------------------------------------------------------------------------------------
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
      en: "Fill in the placeholder named in the reply, or remove it from the template.",
      ja: "応答に示された差し込み項目を置換するか、テンプレートから削除してください。",
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
  // --- limits -----------------------------------------------------------------------------------------------------
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
  // --- held or sent back later ------------------------------------------------------------------------------------
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

export type Reason = keyof typeof reasons;

export function isReason(text: string): text is Reason {
  return Object.hasOwn(reasons, text);
}
