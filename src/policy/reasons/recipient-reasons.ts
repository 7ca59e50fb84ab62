// Every "no" about the recipient and the sender of a message.
import type { ReasonRow } from "./reason-row.ts";

export const recipientReasons = {
  // --- the recipient's papers
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
  "consent-ahead": {
    code: 451,
    enhanced: "4.7.1",
    text: {
      en: "the consent on record is dated later than now: a clock is wrong",
      ja: "同意の記録の日時が現在より後です（時計がずれています）",
    },
    remedy: {
      en: "Try again later. Set the clocks of the gateway and of what records consents; a grant dated wrongly is recorded anew with its right date (sekisho consent add --at).",
      ja: "時間をおいて再送してください。ゲートウェイと同意を登録するシステムの時計を合わせてください。日時の誤った同意は、正しい日時で登録し直してください（sekisho consent add --at）。",
    },
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

  // --- whose mail is this
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
} as const satisfies Record<string, ReasonRow>;
