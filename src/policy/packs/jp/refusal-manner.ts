// How a Japanese sentence lets mail be stopped: by which way, and at what price to the reader.
import type { Refusal, Speech, Strength } from "../../refusal.ts";
import type { Span } from "./refusal-polarity.ts";

// Elsewhere only: neither address nor URL.
const onlyElsewhere =
  /(?:電話|tel|fax|ファックス|郵送|郵便|はがき|ハガキ|葉書|書面|書類|店頭|窓口|来店|来社|口頭)(?:(?:\([^()]{0,40}\))|[\d\s()（）:：-]{0,30})?(?:による|にて|で|での|へ|に|から)?(?:のお?申し?出|のご連絡|の受付|の手続き)?(?:のみ|だけ|に限|限定)/u;
// "郵送で承ります": one way is named, and where nothing else is, it is the only one (law.md U28).
const elsewhere =
  /(?:電話|tel|fax|ファックス|ファクス|郵送|郵便|はがき|ハガキ|葉書|書面|店頭|窓口|来店|口頭)(?:\([^()]{0,40}\)|[\d\s:-]{0,30})(?:にて|で(?!も|は|の)|へ(?!の)|による)(?:のみ)?(?:、)?(?:ご|お)?(?:承|受け?付|申し?出|申込|連絡|願|知らせ|依頼|請求|手続|対応)/u;
const anotherWay =
  /[\ufffc@]|web|ウェブ|ネット|オンライン|サイト|ページ|フォーム|url|リンク|ボタン|下記|以下|次の|左記|右記|上記|メール(?:アドレス)?(?:、|・|\/|または|又は|もしくは|若しくは|あるいは|や|か(?!ら)|でも?|にて|から|へ|に)/u;
// "インターネットからは…", "下記からも承ります": the next sentence names another way.
const wayBeside =
  /(?:web|ウェブ|ネット|オンライン|サイト|フォーム|メール)(?:[^。]{0,4})(?:から|より|にて|で|も)|(?:ページ|url|リンク|下記|以下|こちら|\ufffc)(?:から|より|にて|で|へ|も)+[^。]{0,8}?(?:承|受|申し?出|連絡|可能)|停止|解除|(?<!(?:購入|注文|申し?込み?|会員|入会|登録)の?お?)手続/u;
// A form to be printed, signed and sent on paper, wherever it is fetched.
const onPaper =
  /(?:解除|停止|中止)[^。]{0,8}?(?:は|を)(?:お近くの|最寄りの)?(?:店舗|店頭|窓口|販売店|担当者?)(?:へ|まで|にて)(?:[。!]|$)|(?:印刷|捺印|押印|署名|プリント|ご?記入|ダウンロード|用紙|申請書|申込書|届出書)[^。]{0,40}?(?:fax|ファックス|ファクス|郵送|返送|ご?投函|ご?持参|店頭|窓口)/u;
const replyWay =
  /(?:この|本|当|その|同)?メール(?:マガジン)?(?:に|へ|を|宛に|あてに)?(?:対して)?(?:そのまま|直接|このまま|、)*(?:ご|御|に|へ)*返信|そのまま(?:ご|御)?返信|(?:ご|御)返信(?:ください|下さい|いただ|頂|を?お願い|にて|で|の際)|返信(?:して|で|にて|に「|ください)/u;
const withoutIt =
  "(?:の|は|も|など|一切)*(?:ご|お)?(?:不要|必要(?:は|も)?(?:ありません|ございません|なく|ない)|なし|無し|せず|なく|することなく|しなくて)";
const loginWay = new RegExp(
  `(?:ログイン|サインイン|login|signin)(?!${withoutIt})|(?:マイページ|会員ページ|会員サイト|管理画面)(?!(?:へ|に|の|で)*(?:ログイン|サインイン|アクセス)${withoutIt})|アカウント(?:の|を)?(?:ご)?(?:設定|削除|抹消)`,
  "u",
);
const feeWay =
  /(?:手数料|料金|費用|代金|\d円)[^。]{0,16}?(?:かか(?:り|る)(?!ません)|頂戴|いただ(?:き|く)|頂(?:き|く)|申し受け|必要(?:で|と|に)(?!は(?:ない|あり))|発生(?:し|いたし)(?!ません|ない)|お支払い?|支払)|有料(?:です|と|で|。|\()/u;
const dataWay =
  /(?:会員番号|会員id|顧客番号|お客様番号|パスワード|理由|アンケート|本人確認|生年月日|電話番号|住所|氏名|お名前|暗証番号|登録番号)[^。]{0,24}?(?:入力|記入|記載|明記|必要|必須|用意|添え|回答|お知らせ|ご連絡)/u;

export function describe(
  speech: Speech,
  start: number,
  end: number,
  sentence: Span,
  strength: Strength,
): Refusal {
  const text = speech.words.slice(sentence.from, sentence.to);
  // The next sentence often carries the condition: "※会員番号の入力が必要です".
  const near = speech.words.slice(sentence.from, Math.min(speech.words.length, sentence.to + 60));
  const points = /下記|以下|次の|左記|↓|▼|⇓/u.test(text)
    ? "after"
    : /上記|↑|▲/u.test(text)
      ? "before"
      : "either";
  return {
    start,
    end,
    from: sentence.from,
    to: sentence.to,
    strength,
    language: "ja",
    points,
    byReply: replyWay.test(text),
    onlyElsewhere:
      onlyElsewhere.test(text) || onPaper.test(text) || isElsewhere(speech, sentence, text),
    needsLogin: loginWay.test(text),
    needsData: dataWay.test(near),
    needsFee: feeWay.test(near),
  };
}

/** Neither the sentence nor what follows it names a way by mail or on the web. */
function isElsewhere(speech: Speech, { from, to }: Span, text: string): boolean {
  if (!elsewhere.test(text) || anotherWay.test(text)) return false;
  for (let position = from + 1; position <= to; position += 1)
    if (speech.isLinkEnd(position)) return false;
  return !wayBeside.test(speech.words.slice(to, to + besideMax));
}

const besideMax = 60; // characters behind the sentence: one sentence more
