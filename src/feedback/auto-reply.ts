// Tells automatic answers (vacation, receipts, ticket systems) from what a person wrote (RFC 3834 §5, and the ways of those before it).
import { fieldText, fieldValue, type ReturnedField } from "./returned-message.ts";

const subjects =
  /^\s*(?:(?:re|fwd?|aw|sv)\s*:\s*)*(?:\[?(?:out of (?:the )?office|ooo\b)|auto(?:matic|mated|mated response|matische?)?[ -]?(?:reply|response|answer|responder|antwort)|auto(?:\s*:|re\b)|autoreply|vacation|away from|i am (?:away|out)|on (?:vacation|leave|holiday|annual leave)|abwesen|r[eé]ponse automatique|absence|absent|respuesta autom|fuera de|risposta automatica|fuori sede|ausente|automatisch antwoord|afwezig|автоответ|自動(?:応答|返信|回答)|不在|休暇|【?(?:自動返信|自動送信)|夏季休業|年末年始|退職の?(?:お知らせ|ご挨拶)|自动回复|自動回覆|부재중|자동)/i;
const bodies =
  /\bout of (?:the )?office\b|\bi (?:am|will be) (?:currently )?(?:away|out of|on (?:vacation|leave|holiday))|自動(?:応答|返信|で?返信|的に)|不在(?:に|と|の|です)|休暇(?:中|を)|このメールは自動/i;

const marks = [
  "x-autoreply",
  "x-autorespond",
  "x-autoresponder",
  "x-autoreply-from",
  "x-auto-response",
  "x-vacation",
  "x-ms-exchange-inbox-rules-loop",
];

/** Marks that only answering programs set: their own fields, `Precedence: auto_reply`, a vacation subject. */
export function hasAutoReplyMark(fields: readonly ReturnedField[]): boolean {
  return (
    marks.some((key) => fieldValue(fields, key) !== undefined) ||
    /^auto[_-]?reply/i.test(fieldValue(fields, "precedence") ?? "") ||
    subjects.test(fieldText(fields, "subject"))
  );
}

/** Written by Apple Mail where its reader pressed "Unsubscribe": marked as automatic, and a person's wish all the same. */
export function isAppleButton(fields: readonly ReturnedField[]): boolean {
  return /^true/i.test(fieldValue(fields, "x-apple-unsubscribe") ?? "");
}

/** Whether no person wrote it. Bounces carry `Auto-Submitted` too and must be told apart before. */
export function isAutoReply(fields: readonly ReturnedField[], text: string): boolean {
  if (isAppleButton(fields)) return false;
  if (hasAutoReplyMark(fields)) return true;
  if (/^auto-(?:replied|generated|notified)/i.test(fieldValue(fields, "auto-submitted") ?? ""))
    return true;
  const bulk = /^(?:junk|bulk)/i.test(fieldValue(fields, "precedence") ?? "");
  const nullSender = /^<?>?$/.test(fieldValue(fields, "return-path") ?? "?");
  const suppressed = fieldValue(fields, "x-auto-response-suppress") !== undefined;
  return (bulk || nullSender || suppressed) && bodies.test(text.slice(0, 2000));
}
