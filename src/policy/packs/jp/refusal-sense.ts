// Whether Japanese words beside an opt-out link are about ending mail at all, where no grammar understands how they say it.
import { otherMedia } from "./refusal-words.ts";

// The mail as a thing of its own: "案内を", "メール配信が"; not as part of another: "案内所", "メールソフト", "お知らせ:".
const mail =
  /(?:メール|めーる|メルマガ|マガジン|レター|newsletter|mail|配信|購読|受信|送信|案内|お知らせ(?!くだ|下さ|いた|頂|願)|便り|たより|だより|通信|次号|読者|dm|本状|手紙)(?:配信|送信|受信|送付|発送|購読|登録|案内|マガジン|会員|ニュース|リスト|先|状|者|頻度|の?量|設定|を?受け取り)*(?=[\p{Script=Hiragana}、・」)(「]|停止|停|解除|中止|中断|休止|拒否|取消|抹消|削除|除外|無効|解約|退会|卒業|ストップ|不要|無用|off|stop|$)/u;
/** Ending as a noun, as a verb in its common forms, and as not wanting. */
export const ending = new RegExp(
  [
    "停止|解除|中止|中断|休止|拒否|差し?止|取り?消|取消|キャンセル|抹消|削除|消去|除外|無効|撤回|解約|退会|脱退|卒業|ストップ|オフ|off|stop",
    "[止停辞](?:め|ま(?:る|れ|り))|とめ|やめ|止まる|外[すしせされ]|はず[すれし]|消[すしせさ]|除[くいきか]|切[るりっ](?!替)|抜け|離れ|取り?下げ|終[わえ了]|断[りるっわ]|休[みむ]|減ら|打ち?[切止]|控え|遠慮(?!なく)|今回限り",
    "不要|不用|無用|[要い]ら(?:な|ぬ)|[要い]りません|結構です|お?邪魔|わずらわし|煩わし|迷惑|なかったこと|役に立[^。]{0,6}ない",
    "(?:必要|興味|関心)[^。]{0,4}(?:ない|ません|なくな)|希望[^。]{0,6}(?:ない|ません|なくな)|望[^。]{0,5}(?:ない|ません)",
    "(?:読|見|受け取|届|送|覧|購読|受信|メール)[^。]{0,6}?(?:たくない|(?:ほし|欲し)くない|なくて(?:よ|い|も)|なくな|ないで|な(?:い|らない)(?:よう|設定|$))",
    "(?:読|見|受け取|覧|購読)[^。]{0,6}?な(?:い|らない)(?:方|場合|とき|際)",
  ].join("|"),
  "u",
);
/** Said to a reader who wants it: a condition, a wish, a request, an offer; or a label that ends with the ending itself. */
const offer =
  /(?:方|かた|場合|際|とき|時|節|向き|お?客様|という)(?:[はにへのも、→]|で|$)|たら|れば|なら|ください|下さい|ほし|欲し|願|たい|[らけ]れます|できます|設定[はをに]|には$/u;
const label = new RegExp(
  `(?:${ending.source})\\p{Script=Hiragana}{0,4}(?:はこちら|手続き?|届|フォーム|ページ|[)」])*$`,
  "u",
);
const labelMax = 30;
/** Words of other media that opt-outs use too, of their forms and settings. */
const common = new Set(["定期", "受付", "通知", "利用"]);
/** Mail of another kind, another thing, or the reader's own filter. */
const other = new RegExp(
  `再登録|視聴|自動削除|迷惑メール|振り?分け|フォルダ|ドメイン|メール便|メールアドレスの|キャンセル(?:待ち|料|ポリシー)|(?:確認|受付|通知|アラート|エラー|サンクス|返信|控えの?|領収|明細)メール|定期(?:便|購入|コース)|プッシュ|${otherMedia.filter((word) => !common.has(word)).join("|")}`,
  "u",
);
/** News, questions, what cannot be done, and requests not to. */
const telling =
  /(?:こと|恐れ|おそれ|可能性)が(?:あ|ござい)|場合が(?:あり|ござい)|(?<!お?願い(?:いた|致)?)(?:し|いたし|致し)ます(?:。|$)|(?<!希望(?:し|され)|望み|[要い]り|必要あり)ません(?!でしたら)|(?:止め|停止|解除|削除|押さ|クリック|タップ)[^。]{0,4}ないで|(?:削除|破棄)(?:して|を?(?:お願い|ください))|お待ち|失敗|障害|停電|故障|ました(?!ら)|(?<!られ|でき|け|願いし|願いいたし|願い致し|承り|なくなり|願い上げ|願い申し上げ|せていただき|せて頂き)ます(?:。|$)|無断|断りなく|不要です(?!、?と)|無視|なぜ|(?:の|です)か(?:[?。]|$)|理由|依頼が/u;
const charactersMax = 140;

export function suggestsRefusal(words: string): boolean {
  return (
    words.length <= charactersMax &&
    mail.test(words) &&
    ending.test(words) &&
    (offer.test(words) || (words.length <= labelMax && label.test(words))) &&
    !other.test(words) &&
    !telling.test(words)
  );
}
