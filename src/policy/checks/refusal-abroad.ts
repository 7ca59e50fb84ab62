// Understands the usual words of stopping mail in the languages of customers abroad: Chinese, Korean and some others.
import type { Rebuff, Refusal, RefusalGrammar, Refusals } from "../refusal.ts";
import { sentenceOf } from "./refusal-sentence.ts";

// Folded text has no spaces. What a footer says there is a formula, so that words do; other sentences are not understood.
const words = new RegExp(
  [
    "(?:取消|停止|终止)(?:订阅|訂閱|接收(?:邮件|郵件))|退订|退訂|(?:不想|不愿意?|不願意?|不希望)(?:再|继续|繼續)*(?:收到|接收)", // Chinese
    "수신(?:을|를)?(?:거부|중단|해지)|구독(?:을|를)?(?:취소|해지|중단)|수신을?원(?:하지|치)않", // Korean
    "(?:se|me)?désabonner|désinscri(?:re|ption)|désabonnement", // French
    "newsletterabbestellen|abmelden|abbestellen", // German
    "(?:darse|darme)debaja|cancelar(?:la|mi|tu|su)?suscripción|descadastrar|cancelar(?:a|minha)?(?:inscrição|assinatura)", // Spanish, Portuguese
    "h(?:uỷ|ủy)đăngký|ngừngnhậnemail", // Vietnamese
    "berhentiberlangganan", // Indonesian
    "ยกเลิกการ(?:รับ|สมัคร)", // Thai
  ].join("|"),
  "gu",
);
/** Directly before and behind: it cannot be done, must not be, or has been. */
const turnedBefore = /(?:无法|無法|不能|不可|请勿|請勿|不要|已|成功)$/u;
const turnedBehind =
  /^(?:功能|服务|服務|链接|連結)?(?:不可|不能|无法|無法|已|成功|率|失败|失敗)|^(?:는|은|가|이|를|을)?(?:기능)?(?:할수없|불가|되지않|되었|완료|율)/u;
const turnedMax = 12; // characters looked at on each side
const foundMax = 200; // statements of one text; a message of more says nothing new

export const refusalsAbroad: RefusalGrammar = (speech): Refusals => {
  const refusals: Refusal[] = [];
  const rebuffs: Rebuff[] = [];
  for (const { 0: found, index: start } of speech.words.matchAll(words)) {
    if (refusals.length + rebuffs.length >= foundMax) break;
    const end = start + found.length;
    const isTurned =
      turnedBefore.test(speech.words.slice(Math.max(0, start - turnedMax), start)) ||
      turnedBehind.test(speech.words.slice(end, end + turnedMax));
    if (isTurned) {
      rebuffs.push({ start, end, isDenial: true });
      continue;
    }
    refusals.push({
      start,
      end,
      ...sentenceOf(speech, start, end),
      strength: "strong",
      language: "other",
      points: "either",
      byReply: false,
      onlyElsewhere: false,
      needsLogin: false,
      needsData: false,
      needsFee: false,
    });
  }
  return { refusals, rebuffs };
};
