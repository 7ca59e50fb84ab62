// The words that tell a contact for questions and complaints from other numbers, mailboxes and links.
import { gaps } from "../../normalise.ts";
import type { Page } from "../../page.ts";
import { onceForText, type ShownText } from "../../shown-text.ts";

export const contactLabel =
  /問い?合わ?せ|問合|苦情|(?<!無料|個別)ご?相談(?!会)|お客様(?:窓口|相談|サポート|センター)|カスタマー|サポート(?:窓口|センター|デスク)?|ご?(?:質問|意見|要望|不明)|窓口|ヘルプデスク|連絡先|ご連絡は|コンタクト|受付(?:窓口)?|電話|tel|(?:contact|support|inquir|enquir|help(?:desk|center)|customerservice|question)/u;
// Said of the place: it takes nothing.
const notTaken =
  /(?:送信専用|配信専用|返信(?:は|で|でき|いただ|頂)|(?:受け?付け|承|対応|お答え|お受け|回答|返答|確認)[^。]{0,12}?(?:おりません|ません|できかね|いたしかね|致しかね|不可))/u;
export const optOutPurpose =
  /(?:配信|購読|受信|メルマガ|メール|登録)(?:の|を)?(?:停止|解除|中止|拒否|退会)|空メール|unsubscribe|オプトアウト/u;
export const asksQuestions = /問い?合わ?せ|問合|苦情|ご?相談|contact|inquir|enquir|support/u;

/** Said of a time, of some callers or of another purpose only: all others are taken. */
const someOnly =
  /土日|祝|休|本日|年内|夜間|時間外|以外の時間|深夜|早朝|営業(?:目的|電話|の)|セールス|勧誘|売り込み|携帯|phs|ip電話|海外|一部/u;
const mediumOf = {
  phone: /電話|tel|ダイヤル/u,
  mail: /メール|mail|返信|アドレス/u,
} as const;
export type Medium = keyof typeof mediumOf;

/** "お電話でのお問い合わせは受け付けておりません": wherever it stands, no number takes any. */
const callsNotTaken =
  /(?:お電話|電話|tel)(?:\([^)]{0,24}\))?(?:で|に|による|にて|から)?の?(?:ご|お)?(?:問い?合わ?せ|質問|相談|連絡|対応|受付|応対)(?:に?は|には|を|も)?(?:[^。※\n]{0,10}?(?:受け?付け|承っ|お受け|対応|行っ|お答え)[^。※]{0,8}?(?:おりません|いません|できません|できかね|いたしかね|致しかね)|[^。※\n]{0,20}?(?:終了|廃止)\p{Script=Hiragana}{1,10}ました)/u;

/** "本キャンペーンに関するお電話での…": other questions are taken. */
const ofOneMatter =
  /(?<!メール|メルマガ|マガジン|配信)(?:に(?:関する|関しての?|ついての?)|の件の)$/u;

export const takesNoCalls = onceForText(({ words }: ShownText): boolean => {
  const denial = callsNotTaken.exec(words);
  if (denial === null) return false;
  const lead = words.slice(Math.max(0, denial.index - 16), denial.index);
  return !someOnly.test(lead + denial[0]) && !ofOneMatter.test(lead);
});

/** Said behind a number or mailbox: questions are not taken there. */
export function isNotTaken(page: Page, end: number, medium: Medium): boolean {
  let to = end;
  while (
    to < page.words.length &&
    to - end < 60 &&
    !/[。※!?]/u.test(page.words.charAt(to)) &&
    (page.folded.gap[to] ?? 0) < gaps.line
  )
    to += 1;
  const behind = page.words.slice(end, to);
  const denial = notTaken.exec(behind);
  if (denial === null) return false;
  const said = behind.slice(0, denial.index + denial[0].length);
  if (someOnly.test(said)) return false;
  // "03-… メールでのお問い合わせは受け付けておりません": said of another way.
  const other = mediumOf[medium === "phone" ? "mail" : "phone"];
  return !other.test(said) || mediumOf[medium].test(said);
}
