// Understands Japanese sentences that say mail can be stopped: thing + joints + stopping, with polarity and way.
import { gaps } from "../../normalise.ts";
import type { Rebuff, Refusal, RefusalGrammar, Refusals, Speech, Strength } from "../../refusal.ts";
import { joints, listWords, looseStopWords, mailWords, otherMedia, sendWords, stopWords, wholeWords } from "./refusal-words.ts"; // prettier-ignore

const phraseMax = 40; // characters between the thing and its stopping; longer phrases were not seen in 200 real footers
const sentenceMax = 220; // characters looked at on each side; keeps the search linear
const tailMax = 60;
const jointsMax = 12; // words between the thing and its stopping
const foundMax = 200; // statements of one text; a message of more says nothing new

function oneOf(words: readonly string[]): string {
  const sorted = [...new Set(words)].toSorted((a, b) => b.length - a.length);
  return sorted.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
}

// Not wanting, said of a thing: "配信を希望されない方", "ご案内が不要な方", "受け取りたくない場合".
const notWanting =
  "(?:ご|お|御)?(?:不要|不用|無用)|(?:ご|お|御)?希望(?:で|に)?(?:は)?(?:され|なさら|し|いたし|なられ|なら|せ)?(?:ない|ません|ざる|ぬ|なくな)|望(?:ま|まれ|み)(?:ない|ません)|欲し(?:く)ない|ほしくない|(?:ご|お)?(?:必要)(?:と|が|は|で)?(?:され|し|は)?(?:ない|ありません|なくなった|なくな)|要ら(?:ない|なくな)|いら(?:ない|なくな)|たくない|たくありません|受け?取(?:ら|りを希望し)ない|受信しない|届かない(?:よう|様)|送ら(?:ない|れたくない)|送信しない(?:で|よう)|配信しない(?:で|よう)|送付しない(?:で|よう)|お送りしない|(?:ご)?遠慮|(?:お)?断り|迷惑";
const followsNotWanting =
  /^(?:[\p{S}:(→)\]】」]|\ufffc|$)|^(?:な|の|で|に|と|を|に?なった|った|り|になられた|される|したい|する|したく|し)?(?:、)?(?:と?思われる|と?お考えの|お感じの|いう|なる)?(?:お)?(?:方|かた|場合|際|お?客様|皆様|人|時|とき|ユーザー|会員|でしたら|であれば|なら|ようでしたら|ようであれば|よう|ので|旨|はこちら|は下記|は以下|(?:に)?(?:する|される|したい|なさる|ご希望)(?:に|方|かた|場合|とき|時|際))/u;

const trigger = new RegExp(`(?<whole>${oneOf(wholeWords)})|(?<stop>${oneOf(stopWords)})|(?<loose>${oneOf(looseStopWords)})|(?<not>${notWanting})`, "gu"); // prettier-ignore
type Kind = "mail" | "send" | "list" | "other" | "joint";

/** The part that a word plays; where it stands in several lists, the one that says more. */
const kindOf: ReadonlyMap<string, Kind> = new Map([
  ...joints.map((word): [string, Kind] => [word, "joint"]),
  ...otherMedia.map((word): [string, Kind] => [word, "other"]),
  ...listWords.map((word): [string, Kind] => [word, "list"]),
  ...sendWords.map((word): [string, Kind] => [word, "send"]),
  ...mailWords.map((word): [string, Kind] => [word, "mail"]),
]);
const delivery = /^(?:お届け|届く)/u;
/** Sending words that are said of goods and papers too. */
const ofGoods = /^(?:送付|お届け|届く|お送り|送る|発信)$/u;
const wordMax = Math.max(...Array.from(kindOf.keys(), (word) => word.length));

const otherMedium =
  /(?:電話|fax|ファックス|line|sms|郵送|郵便|カタログ|アプリ|プッシュ|アプリ内)(?:で|による|から|より)?の?$/u;

// Directly behind the stopping: it happened, it is a state, it is denied, or it is somebody's measure ("停止率").
const afterState =
  /^の?(?:(?:お)?手続き?|処理|登録|設定|依頼|申請|申込み?)?(?:が|を|は|も)?(?:完了|終了)?(?:中|済|後|前|率|数|者|件|日|期間|理由|原因|対策|防止|義務|状態|履歴|期限|忘れ|漏れ|(?:し|いたし|致し|され|なさい)(?:ま?した|ており|ています|ている|ておら|てい)|となっ|になっ|となり|となる|したまま|した(?:方|場合|後|もの|商品|サービス)|された(?:方|場合|後|商品)|まで(?:に|の|は|、)?(?:数|お?時間|\d|最大|しばらく|日)|に(?:は|、)?(?:数|お?時間|\d|最大|しばらく|日)|のお知らせ|に(?:ついて|関する|関して)の?(?:お知らせ|(?:よくある)?(?:ご)?質問|faq)|のお詫び|のご報告|完了|依頼を受け|(?:され|し|いたし|致し)ますと|(?:す|され)ると|を(?:防|避け|減ら|抑え|招))/u;
const directDenial =
  /^(?:の?(?:お)?手続き?)?(?:を|は|も)?(?:ご|お)?(?:希望(?:を)?)?(?:し|され|なさら|いたし|致し|せ|で(?:は)?|に(?:は)?なら|(?:し|され|なさり)?たく(?:は)?)?(?:ない|ません|ありません|ず(?:に)|なければ)(?!でしょうか)/u;
// "配信停止をご希望の方にもお送りしています": the opposite of a way to stop.
const sentAnyway =
  /^[^。]{0,14}?(?:方|かた|お?客様|皆様|場合)(?:に)?(?:も|へも|でも|に対しても)[^。]{0,8}?(?:お送り|配信|送信|ご連絡|お届け|ご案内|届)/u;
// What makes words of stopping a statement that it can be done: a condition, a way, a place, an offer; or a bare label.
const affirmed =
  /^$|^[\p{P}\p{S}]|^る(?:[\p{P}\p{S}]|$)|^たい|^(?:は|を)\ufffc|希望|不要|たい|方(?:は|も|が|の|、|で|$)|かた|場合|際|時は|こちら|コチラ|ここ|下記|以下|次の|左記|右記|上記|から|より|まで|へ|手続|てつづき|クリック|タップ|アクセス|願|ください|下さい|(?:でき|出来)(?!ません|ない|かね)|可能|承(?!って(?:おりま|いま)せん)|(?:頂|いただ)(?:け|き)|申し|受け?付|ページ|フォーム|url|リンク|ボタン|アドレス|連絡|知らせ|送り|する|したい|方法|ご一報|お客様|^について(?:[\p{P}\p{S}]|$)|^(?:は|を)$|unsubscribe/u;
// "ご不要な方は破棄してください": the reader's own wastebasket, which stops nothing.
const thrownAway = /^[^。]{0,24}?(?:破棄|削除|無視|読み捨て|お?捨て|読み飛ば)/u;
// "配信停止の解除", "受信拒否を取り消す": the stopping itself is undone.
const undone = /^(?:を|の)(?:ご)?(?:解除|取り?消|撤回)/u;
const undoes = /(?:停止|拒否|中止|解除)(?:を|の)(?:ご)?$/u;
const denial =
  /(?:でき|出来|行え|応え|お応え)(?:ません|ない|かね|ず|できません)|対象外|無効|いたしかね|致しかね|いただけません|頂けません|(?:お受け|承|受け付け|受付|行|対応|用意|設け)(?:て|って|っ|し|いたし)*(?:おりません|いません|いない|ません|できません)|(?:予定|方法|手段|機能|必要|仕組み|こと|メリット|理由|意味)(?:は|が|も)(?:一切)?(?:ございません|ありません|ない|なく|ござい$)|不可能|不可(?:です|と|で|。|$)|お断り(?:し|いたし|申し)/u;
const otherMeans =
  /(?:返信|電話|fax|ファックス|郵送|窓口|店頭|口頭|はがき|ハガキ|書面|メール|チャット|フォーム|アプリ)(?:で|から|に|にて|では|での|によ)/u;
const wayAhead =
  /こちら|下記|以下|次の|左記|右記|上記|url|リンク|ボタン|クリック|タップ|￼|\ufffc|フォーム|ページ|アドレス|空メール|送信|より(?:お|手続)|から(?:お|手続)/u;
// Elsewhere only: neither address nor URL.
const onlyElsewhere =
  /(?:電話|tel|fax|ファックス|郵送|郵便|はがき|ハガキ|葉書|書面|書類|店頭|窓口|来店|来社|口頭)(?:(?:\([^()]{0,40}\))|[\d\s()（）:：-]{0,30})?(?:による|にて|で|での|へ|に|から)?(?:のお?申し?出|のご連絡|の受付|の手続き)?(?:のみ|だけ|に限|限定)/u;
const blockedReceipt =
  /迷惑メール|ドメイン指定|指定受信|受信許可|フィルタ|受信設定を|届かない(?:場合|方|時|とき)|届いていない|受信拒否(?:設定|リスト)(?:を|の)?(?:し|され|行|なさ|解除|確認|見直)/u;
const replyWay =
  /(?:この|本|当|その|同)?メール(?:マガジン)?(?:に|へ|を|宛に|あてに)?(?:対して)?(?:そのまま|直接|このまま|、)*(?:ご|御|に|へ)*返信|そのまま(?:ご|御)?返信|(?:ご|御)返信(?:ください|下さい|いただ|頂|を?お願い|にて|で|の際)|返信(?:して|で|にて|に「|ください)/u;
const loginWay = /ログイン|サインイン|マイページ|会員ページ|会員サイト|管理画面|login|signin/u;
const dataWay =
  /(?:会員番号|会員id|顧客番号|お客様番号|パスワード|理由|アンケート|本人確認|生年月日|電話番号|住所|氏名|お名前|暗証番号|登録番号)[^。]{0,24}?(?:入力|記入|記載|明記|必要|必須|用意|添え|回答|お知らせ|ご連絡)/u;

/** Finds every place of stopping in a text; what is denied, past or of another medium is a rebuff. */
export const refusalsInJapanese: RefusalGrammar = (speech): Refusals => {
  const refusals: Refusal[] = [];
  const rebuffs: Rebuff[] = [];
  let covered = 0;
  for (const match of speech.words.matchAll(trigger)) {
    if (match.index < covered) continue;
    const end = match.index + match[0].length;
    const phrase = readPhrase(speech, match.index, match.groups ?? {});
    if (phrase === undefined) continue;
    const sentence = sentenceAround(speech, phrase.start, end);
    const tail = speech.words.slice(end, Math.min(sentence.to, end + tailMax));
    // "解除キー", "停止コード": a thing that has the word in its name.
    const isName = phrase.strength === "weak" && /^[\p{Script=Han}\p{Script=Katakana}]/u.test(tail) && !/^(?:手続|方法|希望|申|ページ|フォーム|リンク|ボタン)/u.test(tail); // prettier-ignore
    if (isName) continue;
    if (isDenied(speech, sentence, end, tail, match.groups?.["not"] !== undefined)) {
      rebuffs.push({ start: phrase.start, end });
      continue;
    }
    if (match.groups?.["not"] !== undefined && !followsNotWanting.test(tail) && tail !== "")
      continue;
    covered = end;
    if (refusals.length >= foundMax || rebuffs.length >= foundMax) break;
    refusals.push(describe(speech, phrase.start, end, sentence, phrase.strength));
  }
  return { refusals, rebuffs };
};

interface Span {
  readonly from: number;
  readonly to: number;
}

/** What was found on the way back from the stopping. */
interface Phrase {
  /** Where the first thing begins; the stopping itself where there is none. */
  start: number;
  readonly seen: Set<Kind>;
}

/** Reads backwards from the stopping to the thing that is stopped. */
function readPhrase(
  speech: Speech,
  at: number,
  groups: Readonly<Record<string, string | undefined>>,
): { readonly start: number; readonly strength: Strength } | undefined {
  if (groups["whole"] !== undefined) return { start: at, strength: "strong" };
  if (undoes.test(speech.words.slice(Math.max(0, at - 4), at))) return undefined;
  const phrase: Phrase = { start: at, seen: new Set() };
  const floor = Math.max(0, at - phraseMax);
  let joined = 0;
  for (let start = at; start > floor && joined < jointsMax; joined += 1) {
    if (speech.gap[start] === gaps.block || (start < at && speech.isBreak(start))) break;
    const word = wordBefore(speech.words, start, floor);
    if (word === undefined) break;
    start -= word.length;
    const kind = kindOf.get(word) ?? "joint";
    if (kind === "joint") {
      // "配信停止を希望されない方": not wanting the stopping is wanting the mail.
      if (groups["not"] !== undefined && /停止|解除/u.test(word)) return undefined;
      continue;
    }
    phrase.start = start;
    const before = speech.words.slice(Math.max(0, start - 10), start);
    // "お電話でのご案内", "LINEのお知らせ": told by another medium.
    const isElsewhere =
      kind === "mail" && !/メール|mail|マガ|dm/u.test(word) && otherMedium.test(before);
    // "ウィッシュリスト", "資料送付": a list or a sending of another kind.
    const attached =
      kind === "list" ? /[\p{Script=Katakana}ー]$/u : ofGoods.test(word) ? /[\p{Script=Han}\p{Script=Katakana}ー]$/u : undefined; // prettier-ignore
    const isLonger =
      attached?.test(before) === true && wordBefore(speech.words, start, floor) === undefined;
    phrase.seen.add(isElsewhere || isLonger ? "other" : kind);
    if (kind === "mail") break;
  }
  return weigh(speech, phrase, groups, at);
}

/** The longest known word that ends at a position. */
function wordBefore(words: string, end: number, floor: number): string | undefined {
  for (let length = Math.min(wordMax, end - floor); length > 0; length -= 1) {
    const word = words.slice(end - length, end);
    if (kindOf.has(word)) return word;
  }
  return undefined;
}

function weigh(
  speech: Speech,
  { start, seen }: Phrase,
  groups: Readonly<Record<string, string | undefined>>,
  at: number,
): { readonly start: number; readonly strength: Strength } | undefined {
  const isMail = seen.has("mail");
  if (seen.has("other") && !isMail) return undefined;
  const strong = { start, strength: "strong" } as const;
  const alone = standsAlone(speech, at);
  const { loose, not } = groups;
  if (loose === "退会" || loose === "脱退") {
    if (isMail || seen.has("send")) return strong;
    return alone || seen.has("list") ? { start: at, strength: "label" } : undefined;
  }
  // "お届けの停止": goods are meant, unless mail is named.
  if (
    seen.has("send") &&
    !isMail &&
    groups["stop"] !== undefined &&
    delivery.test(speech.words.slice(start, at))
  )
    return undefined;
  if (seen.has("send")) return strong;
  // "会員登録が不要": no list is left by not needing one.
  if (seen.has("list")) return not === undefined ? strong : undefined;
  if (loose !== undefined) {
    // "このメールを削除" throws one message away; "メルマガの解約" leaves a list.
    return isMail && !/削除|外す|終了|断/u.test(loose) ? strong : undefined;
  }
  if (isMail) return strong;
  const namesMail =
    not !== undefined && /送ら|届かない|受け?取|受信しない|配信しない|お送りしない/u.test(not);
  return alone || namesMail ? { start: at, strength: "weak" } : undefined;
}

/** Whether nothing but a mark or the start of a line stands before: "停止はこちら", not "利用停止はこちら". */
function standsAlone(speech: Speech, at: number): boolean {
  if (at === 0 || (speech.gap[at] ?? 0) >= gaps.line) return true;
  const before = speech.words.charAt(at - 1);
  if (before === "ご" || before === "お") return standsAlone(speech, at - 1);
  return !/[\p{L}\p{N}・]/u.test(before);
}

/** Sentence ends, bullets, block edges and breaks that are no wraps bound a sentence. */
function sentenceAround(speech: Speech, start: number, end: number): Span {
  let from = start;
  const floor = Math.max(0, start - sentenceMax);
  while (from > floor && !isBoundary(speech, from)) from -= 1;
  let to = end;
  const ceiling = Math.min(speech.words.length, end + sentenceMax);
  while (to < ceiling && !isBoundary(speech, to)) to += 1;
  return { from, to };
}

function isBoundary(speech: Speech, position: number): boolean {
  return (
    speech.gap[position] === gaps.block ||
    speech.isBreak(position) ||
    /[。!?※■●◆▼▲★☆◇□▽△◎○♦♢]/u.test(speech.words.charAt(position - 1)) ||
    /[※■●◆▼★☆◇□▽◎♦♢]/u.test(speech.words.charAt(position))
  );
}

function isDenied(
  speech: Speech,
  sentence: Span,
  end: number,
  tail: string,
  notWanted: boolean,
): boolean {
  if (blockedReceipt.test(speech.words.slice(sentence.from, sentence.to))) return true;
  if (
    !notWanted &&
    (afterState.test(tail.replace(/^[)\]」』】]+/u, "")) ||
      directDenial.test(tail) ||
      sentAnyway.test(tail) ||
      undone.test(tail) ||
      !(speech.isLinkEnd(end) || affirmed.test(tail)))
  )
    return true;
  const thrown = thrownAway.exec(tail);
  if (notWanted && thrown !== null && !wayAhead.test(thrown[0])) return true;
  const denied = denial.exec(tail);
  if (denied === null) return false;
  const before = tail.slice(0, denied.index);
  const behind = tail.slice(denied.index + denied[0].length);
  if (otherMeans.test(before) || wayAhead.test(before)) return false;
  return !wayAhead.test(behind);
}

function describe(
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
    onlyElsewhere: onlyElsewhere.test(text),
    needsLogin: loginWay.test(text),
    needsData: dataWay.test(near),
  };
}
