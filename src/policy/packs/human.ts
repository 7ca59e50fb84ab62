// Rule pack human, always on: the slips of hand that leak addresses or send unfinished mail.
import { headerLint } from "../checks/header-lint.ts";
import { listUnsubscribe } from "../checks/list-unsubscribe.ts";
import { misleadingSubject } from "../checks/misleading-subject.ts";
import { personalNumber } from "../checks/personal-number.ts";
import { placeholder } from "../checks/placeholder.ts";
import { recipientsExposed } from "../checks/recipients-exposed.ts";
import { unsafeLink } from "../checks/unsafe-link.ts";
import { everyClass, type Pack } from "../rule.ts";

const asOf = "2026-11-22";

export const human: Pack = {
  name: "human",
  title: { en: "Human error", ja: "人為ミス" },
  rules: [
    {
      name: "human/recipients-exposed",
      title: { en: "Addresses in To and Cc", ja: "宛先の露出" },
      demand: { en: "To and Cc show one address only.", ja: "To・Cc に表示されるアドレスは 1 件だけであること。" },
      law: "個人情報保護法 23条", source: "law.md S71", asOf, confidence: "A", severity: "fail",
      weights: { marketing: "full", "consent-request": "full", "contract-incidental": "advice", transactional: "off" },
      reason: "recipients-exposed",
      remedy: {
        en: "Send one message to each recipient with that recipient alone in To. Do not put the list into To or Cc.",
        ja: "受信者ごとに 1 通ずつ、To に本人のアドレスだけを記載して送信してください。リストを To や Cc に入れないでください。",
      },
      check: { per: "message", look: recipientsExposed },
    },
    {
      name: "human/placeholder",
      title: { en: "Placeholders", ja: "差し込み項目" },
      demand: { en: "No template placeholder is left in subject, text or links.", ja: "件名・本文・リンクに、置換されていない差し込み項目がないこと。" },
      law: "no law: a guard against slips / 誤送信の防止", source: "law.md U17, N12", asOf, confidence: "A", severity: "fail", weights: everyClass,
      reason: "placeholder",
      remedy: {
        en: "Look up the field named in the evidence in your mail tool: its name may be misspelt, or the recipient's value empty. Fill it in or remove it, and send a test mail.",
        ja: "指摘された差し込み項目を配信ツールで確認してください（項目名の誤り、値の未登録など）。置換されるように直すか削除し、テスト送信で確かめてください。",
      },
      check: { per: "message", look: placeholder },
    },
    {
      name: "human/unsafe-link",
      title: { en: "Links", ja: "リンク先" },
      demand: { en: "No link leads to a local, private or example host.", ja: "ローカル・プライベート・例示用ホストへのリンクがないこと。" },
      law: "no law: a guard against slips / 誤送信の防止", source: "RFC 2606; RFC 6761; RFC 1918", asOf, confidence: "A", severity: "fail", weights: everyClass,
      reason: "unsafe-link",
      remedy: {
        en: "Replace the link named in the evidence by the public https address of the page.",
        ja: "指摘されたリンクを、公開されているページの https の URL に差し替えてください。",
      },
      check: { per: "message", look: unsafeLink },
    },
    {
      name: "human/misleading-subject",
      title: { en: "Subject", ja: "件名" },
      demand: { en: "The subject does not pretend to be a reply or a forward.", ja: "件名が返信・転送を装っていないこと。" },
      law: "Google / Yahoo sender guidelines; 15 USC 7704(a)(2)", source: "law.md §5.1, US-1", asOf, confidence: "A", severity: "fail",
      weights: { ...everyClass, transactional: "advice" },
      reason: "misleading-subject",
      remedy: {
        en: "Remove Re: or Fwd: from the subject, or answer the recipient's mail with In-Reply-To.",
        ja: "件名から「Re:」「Fwd:」を外してください。実際の返信であれば In-Reply-To を付けてください。",
      },
      check: { per: "message", look: misleadingSubject },
    },
    {
      name: "human/personal-number",
      title: { en: "My Number and card numbers", ja: "マイナンバー・カード番号" },
      demand: { en: "No My Number or card number stands in the text.", ja: "マイナンバー・カード番号が本文に含まれていないこと。" },
      law: "番号法 19条; 個人情報保護法 23条", source: "law.md S78, S94", asOf, confidence: "A", severity: "fail",
      weights: { marketing: "full", "consent-request": "full", "contract-incidental": "advice", transactional: "advice" },
      reason: "personal-number",
      remedy: { en: "Remove the number from the message.", ja: "該当する番号を本文から削除してください。" },
      check: { per: "message", look: personalNumber },
    },
    {
      name: "human/list-unsubscribe",
      title: { en: "One-click opt-out header", ja: "ワンクリック配信停止ヘッダー" },
      demand: {
        en: "List-Unsubscribe and List-Unsubscribe-Post are those of one-click opt-out.",
        ja: "List-Unsubscribe・List-Unsubscribe-Post がワンクリック配信停止の形式であること。",
      },
      law: "RFC 8058 §3.1; Google / Yahoo sender guidelines", source: "law.md §5.1", asOf, confidence: "A", severity: "warn",
      weights: { marketing: "full", "consent-request": "off", "contract-incidental": "off", transactional: "off" },
      reason: "opt-out-missing",
      remedy: {
        en: "Let the gateway write both headers (list_unsubscribe: replace), or send an https link and List-Unsubscribe-Post: List-Unsubscribe=One-Click.",
        ja: "ゲートウェイに任せる（list_unsubscribe: replace）か、https のリンクと「List-Unsubscribe-Post: List-Unsubscribe=One-Click」の両方を付けてください。",
      },
      check: { per: "message", look: listUnsubscribe },
    },
    {
      name: "human/header",
      title: { en: "From, To and Subject", ja: "差出人・宛先・件名の形式" },
      demand: { en: "From, To, Reply-To and Subject are as receiving providers ask.", ja: "From・To・Reply-To・Subject が受信事業者の要件に沿っていること。" },
      law: "RFC 5322 §3.6; Google sender guidelines", source: "law.md §5.1", asOf, confidence: "A", severity: "warn", weights: everyClass,
      reason: "malformed-header",
      remedy: {
        en: "Use one From address, a display name that is the sender's name only, a Reply-To of the sender's domains (or senders[].reply_domains), and a subject. Encode what is not ASCII, in every field (RFC 2047).",
        ja: "From は 1 件、表示名は送信者名のみ、Reply-To は送信者のドメイン（または senders[].reply_domains）とし、件名を付けてください。ASCII 以外の文字は、どのヘッダーでも符号化してください（RFC 2047）。",
      },
      check: { per: "message", look: headerLint },
    },
  ],
}; // prettier-ignore
