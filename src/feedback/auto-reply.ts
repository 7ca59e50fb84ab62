// Tells automatic answers (vacation, receipts, ticket systems) from what a person wrote (RFC 3834 §5, and the ways of those before it).
import { fieldText, fieldValue, type ReturnedField } from "./returned-message.ts";

const subjects =
  /^\s*(?:(?:re|fwd?|aw|sv)\s*:\s*)*(?:\[?(?:out of (?:the )?office|ooo\b)|auto(?:matic|mated|mated response|matische?)?[ -]?(?:reply|response|answer|responder|antwort)|auto(?:\s*:|re\b)|autoreply|vacation|away from|i am (?:away|out)|on (?:vacation|leave|holiday|annual leave)|abwesen|r[eé]ponse automatique|absence|absent|respuesta autom|fuera de|risposta automatica|fuori sede|ausente|automatisch antwoord|afwezig|автоответ|自動(?:応答|返信|回答)|不在|休暇|【?(?:自動返信|自動送信)|夏季休業|年末年始|退職の?(?:お知らせ|ご挨拶)|自动回复|自動回覆|부재중|자동)/i;
const bodies =
  /\bout of (?:the )?office\b|\bi (?:am|will be) (?:currently )?(?:away|out of|on (?:vacation|leave|holiday))|自動(?:応答|返信|で?返信|的に)|不在(?:に|と|の|です)|休暇(?:中|を)|このメールは自動/i;

/** Whether header fields say that no person wrote it; bounces say so too and must be told apart before. */
export function isAutoReply(fields: readonly ReturnedField[], text: string): boolean {
  const submitted = (fieldValue(fields, "auto-submitted") ?? "").toLowerCase();
  if (/^auto-(?:replied|generated|notified)/.test(submitted)) return true;
  if (["x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-auto-response", "x-vacation"].some((key) => fieldValue(fields, key) !== undefined))
    return true;
  const precedence = (fieldValue(fields, "precedence") ?? "").toLowerCase();
  if (/^auto[_-]?reply/.test(precedence)) return true;
  if (fieldValue(fields, "x-ms-exchange-inbox-rules-loop") !== undefined) return true;
  if (subjects.test(fieldText(fields, "subject"))) return true;
  const bulk = /^(?:junk|bulk)/.test(precedence);
  const nullSender = /^<?>?$/.test(fieldValue(fields, "return-path") ?? "?");
  const suppressed = fieldValue(fields, "x-auto-response-suppress") !== undefined;
  return (bulk || nullSender || suppressed) && bodies.test(text.slice(0, 2000));
}
