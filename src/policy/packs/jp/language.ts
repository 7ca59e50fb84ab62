// What the opt-out checks need to know of Japanese.
import type { OptOutLanguage } from "../../checks/opt-out-reading.ts";
import { refusalsAbroad } from "../../checks/refusal-abroad.ts";
import { refusalsInEnglish } from "../../checks/refusal-en.ts";
import { ending, suggestsRefusal } from "./refusal-sense.ts";
import { refusalsInJapanese } from "./refusal.ts";

const asksForMail =
  /空メール|(?:メール|mail)(?:を|に|で|にて|くだ|下さ|の?送)|送信|お送り|宛|アドレス|(?:ご|御)?連絡|お知らせ|お申し?(?:出|付)|返信|まで/u;
const otherWay =
  /(?:郵送|郵便|はがき|電話|fax|ファックス|店頭|窓口|フォーム|マイページ|ログイン|リンク|ボタン|url|担当)(?:に|で|よ|か|の|まで)/u;

export const japanese: OptOutLanguage = {
  grammars: [refusalsInJapanese, refusalsInEnglish, refusalsAbroad],
  sendOnly:
    /(?:送信|配信|発信)専用|返信(?:を)?(?:いただ|頂|され|し)[^。※]{0,16}?(?:お答え|回答|返答|対応|確認|お受け|受け?付け|お返事|ご連絡|返信)[^。※]{0,10}?(?:できません|出来ません|できかね|いたしかね|致しかね|おりません|いたしません)|(?:ご|御)?返信(?:は|には|に対して)[^。※]{0,16}?(?:できません|出来ません|できかね|いたしかね|おりません|いたしません|ご遠慮|お控え|不可)|返信しないで|返信不可|(?:do|please)notreply|notmonitored|cannotrespond/u,
  asksForMail: (sentence) => asksForMail.test(sentence) && !otherWay.test(sentence),
  suggests: suggestsRefusal,
  ending,
  neutral:
    /(?:下記|以下|次|上記|左記|右記|こちら|コチラ|ここ|そちら|リンク|url|アドレス|メールアドレス|専用(?:ページ|フォーム|アドレス|サイト)?|ページ|フォーム|サイト|ボタン|ウェブ|web|画面|お?手続き?|クリック|タップ|アクセス|押|開|変更|設定|解除|停止|中止|配信|購読|受信|拒否|登録|退会|不要|希望|メールマガジン|メルマガ|メール|ニュースレター|オプトアウト|unsubscribe|opt-?out|这里|這裡|此处|此處|点击|點擊|여기|클릭|here|click|link|e-?mail|mail|件名|空メール|宛先?|送信先|送り先|送信|お申し?込み|お?申し?出|受付|窓口|方法|専用|本文|タイトル|そのまま|ワンクリック|お?送り|書い|書き|明記|記入|添え|(?:ご|お)?知らせ|(?:ご)?一報|(?:ご)?連絡|して|する|ください|下さい|いたし|(?:いただ|頂)(?:け|き)|します|ます|から|より|まで|へ|は|の|を|に|で|お|ご|方|が|場合|と|も)/gu,
};
