// Whether Japanese words of stopping say that mail can be stopped, or deny it, look back on it, or mean something else.
import { gaps } from "../../normalise.ts";
import type { Speech } from "../../refusal.ts";
import { itemAround } from "./footer-item.ts";

/** A stretch of the text: a sentence. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

// Directly behind the stopping: it happened, it is a state, it is denied, or it is somebody's measure ("停止率").
const afterState =
  /^(?:を)?(?:し|なさっ|され|いたし)て(?:も|から)|^の?(?:(?:お)?手続き?|処理|登録|設定|依頼|申請|申込み?)?(?:が|を|は|も)?(?:完了|終了)?(?:中|済|後|前|率|数|者|件|日|期間|理由|原因|対策|防止|義務|状態|履歴|期限|忘れ|漏れ|(?:し|いたし|致し|され|なさい)(?:ま?した|ており|ています|ている|ておら|てい(?!ただ))|となっ|になっ|となり|となる|したまま|した(?:方|場合|後|もの|商品|サービス)|された(?:方|場合|後|商品)|まで(?:に|の|は|、)?(?:数|お?時間|\d|最大|しばらく|日)|に(?:は|、)?(?:数|お?時間|\d|最大|しばらく|日)|のお知らせ|に(?:ついて|関する|関して)の?(?:お知らせ|(?:よくある)?(?:ご)?質問|faq)|のお詫び|のご報告|完了|依頼を受け|(?:(?:され|し|いたし|致し)ますと|(?:す|され)ると)(?![^。]{0,24}?(?:届[かき]|送ら|送信され|配信され|止ま))|を(?:防|避け|減ら|抑え|招))/u;
// "配信停止の設定にかかわらずお送りしています": stopping changes nothing.
const regardless =
  /^の?(?:ご|お)?(?:設定|希望|登録|手続き?|申し?出|申込み?|状態|状況|意向)?(?:の)?(?:有無|可否)?に?(?:も)?(?:かかわ|関わ|拘わ|拘)(?:ら|り)(?:ず|なく)|^の?(?:ご|お)?(?:設定|希望|登録|手続き?|申し?出|申込み?|状態|状況|意向)?(?:の)?(?:有無|可否)?(?:に|と)(?:は)?(?:関係|関わり|かかわり)なく|^の?[^。]{0,8}に(?:よら|依ら)ず/u;
// The place of stopping is not there yet or no longer: "準備中", "メンテナンス中", "有効期限が切れて".
const outOfOrder =
  /(?:準備|工事|メンテナンス|制作|作成|調整|改修|閉鎖|休止|停止|修正)中|メンテナンスのため|(?:公開|開設|設置|提供|開始)(?:を)?予定|近日(?:公開|開始|オープン)|(?:ご)?(?:利用|使用|使い)(?:に)?(?:いただけ|頂け|でき|になれ)(?:ません|ない|ず)|(?:期限|期間)(?:が|は|を)?(?:切れ|過ぎ|終了)|リンク切れ|閉鎖(?:し|いたし|致し|され)|つなが(?:り|ら)(?:ません|ない|にく)|不具合/u;
const allTheSame =
  /(?:ても|(?<!いつ|どこ|度|誰|なた)でも|たのち|た後)(?:、)?[^。]{0,20}?(?:継続|引き続き|お送り|配信|送信|お届け|届)/u;
const crossing =
  /行き?違|入れ?違|すれ?違|前後し|時間差|準備|都合上|反映|\d日|数日|数週間|しばらく|既に|すでに/u;
const putOff =
  /^[^。]{0,24}?(?:後日|次回|次号|追って|おって|改めて|あらためて)[^。]{0,16}?(?:ご?案内|お知らせ|ご?連絡|お伝え)/u;
const directDenial =
  /^(?:は|を|も)?(?:お控え|ご?遠慮|お待ち|なさらない|しないで|(?:(?:ボタン|リンク|手続き?)(?:は|を|も)?)?(?:押さ|クリックし|タップし|行わ)ないで)|^(?:の?(?:お)?手続き?)?(?:を|は|も)?(?:ご|お)?(?:希望(?:を)?)?(?:し|され|なさら|いたし|致し|せ|で(?:は)?|に(?:は)?なら|(?:し|され|なさり)?たく(?:は)?)?(?:ない|ません|ありません|ず(?:に)|なければ)(?!でしょうか)/u;
// "配信停止をご希望の方にもお送りしています": the opposite of a way to stop.
const sentAnyway =
  /^[^。]{0,14}?(?:方|かた|お?客様|皆様|場合)(?:に)?(?:も|へも|でも|に対しても)[^。]{0,8}?(?:お送り|配信|送信|ご連絡|お届け|ご案内|届)/u;
// What makes words of stopping a statement that it can be done: a condition, a way, a place, an offer; or a bare label.
const affirmed =
  /^$|^[\p{P}\p{S}]|^る(?:[\p{P}\p{S}]|$)|^(?:す)?る(?:に|ため)|^の?ご?(?:依頼|請求)(?:$|[\p{P}\p{S}\ufffc]|は|を|書|フォーム)|^たい|^(?:は|を)、?[\p{S}☞☟…、.:]{0,8}(?:\ufffc|$)|^の?メールを送る(?:$|[\p{P}\p{S}\ufffc])|希望|不要|たい|方(?:は|も|が|の|、|で|\ufffc|$)|かた|場合|際|時は|こちら|コチラ|ここ|下記|以下|次の|左記|右記|上記|から|より|まで|へ|手続|てつづき|クリック|タップ|アクセス|願|ください|下さい|(?:でき|出来|行え)(?!ません|ない|かね|ず)|可能|承(?!って(?:おりま|いま)せん)|どうぞ|ぜひ|選|お進み|進め|済ませ|お使い|ご?利用(?!いただけま|できま|になれま)|操作|押|完了|終わ|開|随時|いつでも|ワンクリック|[1一]クリック|無料|有料|手数料|料金|費用|不要|即|(?:頂|いただ)(?:け|き)|申し|受け?付|ページ|フォーム|url|リンク|ボタン|アドレス|連絡|知らせ|送り|する|したい|方法|ご一報|お客様|^について(?:[\p{P}\p{S}]|$)|unsubscribe/u;
// "ご不要な方は破棄してください": the reader's own wastebasket, which stops nothing.
const thrownAway = /^[^。]{0,24}?(?:破棄|削除|無視|読み捨て|お?捨て|読み飛ば)/u;
// "配信停止の解除", "受信拒否を取り消す": the stopping itself is undone.
const undone = /^(?:を|の)(?:ご)?(?:解除|取り?消|撤回|キャンセル)/u;
/** "配信停止の受付は終了いたしました": it could once be stopped there. */
const ended =
  /(?:受け?付け?|機能|サービス|フォーム)(?:の受け?付け?)?(?:窓口|期間)?(?:は|を|が)?(?:すでに|既に|現在|一時)?(?:終了|停止|中止|廃止|閉鎖|締め?切り?)(?:\p{Script=Hiragana}{0,8}?(?:ました|(?:おり|てい)ます|ている)|済み?|です|(?=$|[。、\p{S}\ufffc]))/u;
const denial = new RegExp(
  String.raw`(?:でき|出来|行え|応え|お応え)(?:ません|ない|かね|ず|できません)|対象外|無効|いたしかね|致しかね|いただけません|頂けません|(?:お受け|承|受け付け|受付|行|対応|用意|設け)(?:て|って|っ|し|いたし)*(?:おりません|いません|いない|ません|できません)|(?:予定|方法|手段|機能|必要|仕組み|手続き?|窓口|こと|メリット|理由|意味)(?:は|が|も)(?:一切)?(?:ございません|ありません|ない|なく|ござい$)|不可能|不可(?:です|と|で|。|$)|お断り(?:し|いたし|申し)|${ended.source}`,
  "u",
);
const otherMeans =
  /(?:返信|電話|fax|ファックス|郵送|窓口|店頭|口頭|はがき|ハガキ|書面|メール|チャット|フォーム|アプリ)(?:で|から|に|にて|では|での|によ)/u;
const wayAhead =
  /こちら|下記|以下|次の|左記|右記|上記|url|リンク|ボタン|クリック|タップ|￼|\ufffc|フォーム|ページ|アドレス|空メール|送信|より(?:お|手続)|から(?:お|手続)/u;
/** What joins a denial to the way that is offered instead: "お受けできませんので、下記URLより", "できない場合は". */
const insteadOf =
  /^(?:です)?(?:ので|ため|から|故|ゆえ|が|けれど|けど|場合|方|かた|際|とき|時|お?客様|こと|旨|に?お?困)|^[。、]/u;
/** A target that is used, and not only written there. */
const targetUsed = /\ufffc[」』)>]*(?:より|から|にて|で|へ|に|を|まで|の)/u;
const ownNeed = /^(?:手続き?)?(?:は|を|も)?(?:の|する|していただく|いただく|される)?(?:ご|お)?$/u;
const blockedReceipt =
  /迷惑メール|ドメイン指定|指定受信|受信許可|フィルタ|受信設定を(?:ご)?(?:確認|見直|お願い|行)|届かない(?:場合|方|時|とき)|届いていない|受信拒否(?:設定|リスト)(?:を|の)?(?:し|され|行|なさ|解除|確認|見直)/u;
export type Polarity = "affirmed" | "denied" | "open";

/** open: nothing denies it, and nothing that is known says it. `notWanted`: the words are those of not wanting mail. */
export function polarityOf(
  speech: Speech,
  sentence: Span,
  { from: start, to: end }: Span,
  tail: string,
  notWanted: boolean,
): Polarity {
  if (blockedReceipt.test(speech.words.slice(sentence.from, sentence.to))) {
    const item = itemAround(speech, sentence, start, end);
    if (blockedReceipt.test(speech.words.slice(item.from, item.to))) return "denied";
  }
  if (!notWanted && isTurned(tail)) return "denied";
  if (regardless.test(tail) || putOff.test(tail) || goesOn(tail)) return "denied";
  if (outOfOrder.test(tail) && isBroken(ownOf(speech, end, tail))) return "denied";
  const thrown = thrownAway.exec(tail);
  if (notWanted && thrown !== null && !wayAhead.test(thrown[0])) return "denied";
  if (denial.test(tail) && isRefused(ownOf(speech, end, tail))) return "denied";
  // "[受信を停止] 翌日までに反映されます": the words of stopping stand for themselves, and a remark follows.
  const isLabel = speech.isLinkEnd(end) || (speech.gap[end] ?? 0) >= gaps.space;
  return notWanted || isLabel || affirmed.test(tail) ? "affirmed" : "open";
}

/** Directly behind the words of stopping: past, a state, its opposite, or mail that is sent all the same. */
function isTurned(tail: string): boolean {
  return (
    afterState.test(tail.replace(/^[)\]」』】]+/u, "")) ||
    directDenial.test(tail) ||
    sentAnyway.test(tail) ||
    undone.test(tail)
  );
}

/** "[配信停止] | [うまく表示できない方]": of the words behind, what is not said of another link. */
function ownOf(speech: Speech, end: number, tail: string): string {
  const { to } = itemAround(speech, { from: end, to: end + tail.length }, end, end);
  return speech.isLinkStart(to) ? tail.slice(0, to - end) : tail;
}

/** Not there yet or no longer, and no other way is offered. */
function isBroken(tail: string): boolean {
  const broken = outOfOrder.exec(tail);
  return broken !== null && !wayAhead.test(tail.slice(broken.index + broken[0].length));
}

/** "お申し出いただいても、ご案内を継続する場合が": but not that a last mail may cross the refusal. */
function goesOn(tail: string): boolean {
  return allTheSame.test(tail) && !crossing.test(tail);
}

/** A denial in the sentence, unless it is of another way and this one is offered. */
function isRefused(tail: string): boolean {
  const denied = denial.exec(tail);
  if (denied === null) return false;
  const before = tail.slice(0, denied.index);
  const behind = tail.slice(denied.index + denied[0].length);
  if (otherMeans.test(before) || wayAhead.test(before)) return false;
  // "会員登録の必要はございません": not needed is something else.
  if (denied[0].startsWith("必要") && !ownNeed.test(before) && wayAhead.test(behind)) return false;
  // A URL that only stands behind the denial takes nothing back, nor does "新商品はこちら" (law.md U31).
  return !(insteadOf.test(behind) && wayAhead.test(behind)) && !targetUsed.test(behind);
}
