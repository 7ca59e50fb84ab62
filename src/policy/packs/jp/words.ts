// Small Japanese checks that look for words: the business-card sentence, the abolished label, privacy, advertising.
import { remember } from "../../../mail/remember.ts";
import { linkOut } from "../../checks/link-out.ts";
import { findUnseen, tellUnseen } from "../../checks/unseen.ts";
import { foldText } from "../../normalise.ts";
import { quote, type Page } from "../../page.ts";
import { observe, type Judged, type Observation } from "../../rule.ts";
import { onceForText, type ShownText } from "../../shown-text.ts";

const businessCard =
  /名刺(?:を|の|など|等|情報を|にて|で|いただ|頂|頂戴)?[^。※]{0,16}?(?:交換(?!会|アプリ|サービス|機能|イベント|ソフト)|頂戴|いただ|頂|拝受|受領|賜|渡|ご提供|お預か)/u;
/** 書面 is any paper: "申込用紙にご記入いただいた皆様へお送りしています", where the mail says that it goes to them for that. */
const paper =
  /(?:用紙|書面|申し?込み?書|申請書|応募(?:はがき|ハガキ|葉書)|(?:会員|お客様|来場者?|受付|アンケート)(?:カード|シート|票)|芳名帳)(?:に|へ|を|で|にて|の)?[^。※]{0,16}?(?:ご?記入|ご?記載|ご?提出|ご?返送|頂戴|いただ|頂|お預か)(?![^。※]{0,10}?(?:ない|ません))[^。※]{0,30}?(?:お送り|送信|配信|ご案内|お届け|差し上げ|ご連絡)/u;
const denied = /^[^。※]{0,14}?(?:ていない|ておりません|なかった|ません|していません)/u;

export function businessCardSentence(page: Page): Observation {
  const place = cardSentenceOf(page);
  if (place !== undefined) {
    const words = quote(page, place.start, place.end, 16);
    return observe("pass", `"${words}"`, `「${words}」`);
  }
  const unseen = findUnseen(page.alternative, cardSentenceOf);
  return unseen === undefined
    ? observe(
        "fail",
        "nothing says that business cards were exchanged, or on which paper the address was given",
        "名刺交換をした旨、または書面（用紙等）でアドレスを受け取った旨の記載がありません",
      )
    : tellUnseen(unseen);
}

function cardSentenceOf({
  words,
}: Page): { readonly start: number; readonly end: number } | undefined {
  const match = businessCard.exec(words) ?? paper.exec(words);
  if (match === null) return undefined;
  const end = match.index + match[0].length;
  return denied.test(words.slice(end)) ? undefined : { start: match.index, end };
}

/** 未承諾広告※ was abolished in 2008 and never makes a mail lawful. */
export function abolishedLabel({ view }: Judged): readonly Observation[] {
  if (!isLabelled(view.header.subject)) return [];
  return [
    observe(
      "warn",
      "the subject carries the label 未承諾広告, abolished in 2008",
      "件名に 2008 年に廃止された「未承諾広告※」があります",
      "header",
    ),
  ];
}

const isLabelled = remember((subject) => /未承諾(?:広告)?[※*]|未承諾広告/u.test(foldText(subject)));

const privacyLabel = /プライバシー|個人情報|privacy/u;

export function privacyLink(page: Page, judged: Judged): Observation {
  const link = linkOut(page, judged, privacyLabel);
  if (link?.outcome === "pass") return link;
  return privacyWords(page.text);
}

const privacyWords = onceForText((text: ShownText) => {
  const match = /個人情報の?(?:お?取り?扱い|利用目的|保護)|プライバシーポリシー/u.exec(text.words);
  if (match === null)
    return observe(
      "warn",
      "no link to the privacy policy or purpose of use",
      "プライバシーポリシー（利用目的）へのリンクがありません",
    );
  const words = quote(text, match.index, match.index + match[0].length, 16);
  return observe("pass", `"${words}"`, `「${words}」`);
});

const advertising =
  /セール|クーポン|キャンペーン|期間限定|数量限定|お得|特価|割引|\d{1,2}%(?:off|オフ|引)|ポイント\d+倍|送料無料|新商品|新製品|プレゼント|無料体験|セミナー|ウェビナー|展示会|申込受付中|お申し込みはこちら|ご購入はこちら|おすすめ/gu;

/** What an invitation or a sale is called in its subject, and how its text asks the reader for something (law.md S2). */
const offered =
  /セミナー|ウェビナー|webinar|説明会|勉強会|講演会|見学会|内覧会|体験会|展示会|セール|キャンペーン|新商品|新製品|新サービス|プレゼント|おすすめ|トライアル/u;
const appeal =
  /(?:申し?込み|参加|来場|来店|立ち寄り|試し|検討|購入|注文|導入|ダウンロード|登録|利用)(?:を|に)?(?:ください|下さい|お待ち|いただけます|頂けます|はこちら)|受付中|受け?付けて(?:い|おり)ます|お見逃しなく|この機会に|ぜひ|是非|開催中|実施中|開催(?:いた|致)?します/u;
/** Subjects of what the reader has applied for, bought or booked. */
const aboutOwnAct =
  /ありがとう|受け?付(?!け?中)|完了|確認|確定|控え|前日|当日|明日|本日|リマインド|キャンセル|変更|中止|延期|終了|領収|請求|発送|受講票|参加(?:方法|url)|予約/u;

/** A hint only: the class of mail comes from the stream (law.md JP-03, S2). */
export function advertisingInTransactional({ pages, view }: Judged): readonly Observation[] {
  const subject = foldText(view.header.subject);
  const text = pages.map((page) => page.words).join("\n");
  const words = new Set(Array.from(`${subject}\n${text}`.matchAll(advertising), ([word]) => word));
  const invitation = aboutOwnAct.test(subject)
    ? []
    : [offered.exec(subject), appeal.exec(text)].flatMap((match) => match?.[0] ?? []);
  if (words.size < 3 && invitation.length < 2) return [];
  const shown = [...new Set([...invitation, ...words])].slice(0, 5).join("、");
  return [
    observe(
      "warn",
      `a transactional message that reads like advertising: ${shown}`,
      `取引連絡用のメールに広告と見られる語があります：${shown}`,
      "message",
    ),
  ];
}
