// The words that tell a contact for questions and complaints from other numbers, mailboxes and links.
import { gaps } from "../../normalise.ts";
import type { Page } from "../../page.ts";

export const contactLabel =
  /問い?合わ?せ|問合|苦情|(?<!無料|個別)ご?相談(?!会)|お客様(?:窓口|相談|サポート|センター)|カスタマー|サポート(?:窓口|センター|デスク)?|ご?(?:質問|意見|要望|不明)|窓口|ヘルプデスク|連絡先|ご連絡は|コンタクト|受付(?:窓口)?|電話|tel|(?:contact|support|inquir|enquir|help(?:desk|center)|customerservice|question)/u;
// Said of the place: it takes nothing.
const notTaken =
  /(?:送信専用|配信専用|返信(?:は|で|でき|いただ|頂)|(?:受け?付け|承|対応|お答え|お受け|回答|返答|確認)[^。]{0,12}?(?:おりません|ません|できかね|いたしかね|致しかね|不可))/u;
export const optOutPurpose =
  /(?:配信|購読|受信|メルマガ|メール|登録)(?:の|を)?(?:停止|解除|中止|拒否|退会)|空メール|unsubscribe|オプトアウト/u;
export const asksQuestions = /問い?合わ?せ|問合|苦情|ご?相談|contact|inquir|enquir|support/u;

/** Said behind a number or mailbox: questions are not taken there. */
export function isNotTaken(page: Page, end: number): boolean {
  let to = end;
  while (
    to < page.words.length &&
    to - end < 60 &&
    !/[。※!?]/u.test(page.words.charAt(to)) &&
    (page.folded.gap[to] ?? 0) < gaps.line
  )
    to += 1;
  return notTaken.test(page.words.slice(end, to));
}
