// Understands Japanese sentences that say mail can be stopped: thing + joints + stopping, with polarity and way.
import { gaps } from "../../normalise.ts";
import type { Rebuff, Refusal, RefusalGrammar, Refusals, Speech, Strength } from "../../refusal.ts";
import { describe } from "./refusal-manner.ts";
import { polarityOf, type Span } from "./refusal-polarity.ts";
import { joints, listWords, looseStopWords, mailWords, otherMedia, sendWords, stopWords, wholeWords } from "./refusal-words.ts"; // prettier-ignore

const phraseMax = 40; // characters between the thing and its stopping; longer phrases were not seen in 200 real footers
const sentenceMax = 220; // characters looked at on each side; keeps the search linear
const tailMax = 60;
const jointsMax = 12; // words between the thing and its stopping
const lookedMax = 5000; // words of stopping looked at in one text: what stands behind so many is no footer
const foundMax = 200; // statements of one text; a message of more says nothing new

function oneOf(words: readonly string[]): string {
  const sorted = [...new Set(words)].toSorted((a, b) => b.length - a.length);
  return sorted.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
}

// Not wanting, said of a thing: "配信を希望されない方", "ご案内が不要な方", "受け取りたくない場合".
const notWanting =
  "同意(?:を)?(?:され|し|いただけ|頂け)ない|(?:ご|お|御)?(?:不要|不用|無用)|(?:ご|お|御)?希望(?:で|に)?(?:は)?(?:され|なさら|し|いたし|なられ|なら|せ)?(?:ない|ません|ざる|ぬ|なくな)|望(?:ま|まれ|み)(?:ない|ません)|欲し(?:く)ない|ほしくない|(?:ご|お)?(?:必要)(?:と|が|は|で)?(?:され|し|は)?(?:ない|ありません|なくなった|なくな)|要ら(?:ない|なくな)|いら(?:ない|なくな)|たくない|たくありません|受け?取(?:ら|りを希望し)ない|受信しない|届かない(?:よう|様)|送ら(?:ない|れたくない)|送信しない(?:で|よう)|配信しない(?:で|よう)|送付しない(?:で|よう)|お送りしない|差し?上げない|控えて(?:ほし|欲し|いただき|頂き|もらい|下さ|くださ)|届かなくて(?:よ|良|い|も|結構)|(?:お)?(?:届け|送り)しなくて(?:よ|良|い|も|結構)|送らなくて(?:よ|良|い|も|結構)|(?:ご)?遠慮(?!なく)|(?:お)?断り(?!:)|迷惑";
const followsNotWanting =
  /^(?:[\p{S}:(→)\]】」]|\ufffc|$)|^(?:さ)?(?:れ)?(?:たい|い|く)?(?:と)?(?:に|と)?(?:な(?:り|ら)|感じ|お感じ|考え|お考え|思われ|思い)[^。]{0,8}?(?:たら|れば|なら|場合|際|とき|時|方)|^(?:され|なさり|いたし|し)たい(?:方|かた|場合|際|とき|時|お?客様)|^い?(?:方|場合|際|とき|時)|^(?:な|の|で|に|と|を|に?なった|った|り|になられた|される|したい|する|したく|し)?(?:、)?(?:と?思われる|と?お考えの|お感じの|いう|なる)?(?:お)?(?:方|かた|場合|際|お?客様|皆様|人|時|とき|ユーザー|会員|でしたら|であれば|なら|(?:ご|お)?連絡|(?:ご|お)?申し?出|(?:お)?手続|こと|い方|い場合|い時|い際|たい|ようでしたら|ようであれば|よう|ので|旨|はこちら|は下記|は以下|(?:に)?(?:する|される|したい|なさる|ご希望)(?:に|方|かた|場合|とき|時|際))/u;

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
const undoes = /(?:停止|拒否|中止|解除)(?:を|の)(?:ご)?$/u;
const leads =
  /(?:それでも|今後は?|以後は?|以降は?|もし|なお|また|ただし|お手数(?:です|をおかけし?ます)が|恐れ入りますが|(?:こちら|下記|以下|次|上記|左記|ここ|右記)(?:の)?(?:url|リンク|ページ|フォーム|ボタン|アドレス)?(?:から|より|にて|で)?|いつでも|すぐに?|簡単に|(?:(?:ワン|1)?クリック)で|(?:ワン|1)クリック|無料で|(?:こちら|ここ|そこ)で|、|ご|お)$/u;
const leadsMax = 6;
const received = /^(?:お?受け?取り?|お?届け|届く|送付|お送り)/u;
const delivery = /^(?:お届け|届く)/u;
/** Sending words that are said of goods and papers too. */
const ofGoods = /^(?:送付|発送|お届け|届く|お送り|送る|発信|お?受け取り|受取り?)$/u;
const wordMax = Math.max(...Array.from(kindOf.keys(), (word) => word.length));

/** "予約確認メール", "ご注文の控えのメール": sent for one act of the reader's. */
const otherMail =
  /(?:確認|受付|注文|予約|アラート|エラー|サンクス|領収|明細|自動返信|控え|郵便|郵送|紙|はがき|ハガキ|カタログ)(?:用|の)?$/u;
const otherMedium =
  /(?:電話|fax|ファックス|line|sms|郵送|郵便|カタログ|アプリ|プッシュ|アプリ内)(?:で|による|から|より)?の?$/u;

/** Finds every place of stopping in a text; what is denied, past or of another medium is a rebuff. */
export const refusalsInJapanese: RefusalGrammar = (speech): Refusals => {
  const refusals: Refusal[] = [];
  const rebuffs: Rebuff[] = [];
  let covered = 0;
  let deniedFrom = -1;
  let looked = 0;
  for (const match of speech.words.matchAll(trigger)) {
    if (match.index < covered) continue;
    looked += 1;
    if (looked > lookedMax) break;
    const end = match.index + match[0].length;
    const isNot = match.groups?.["not"] !== undefined;
    const phrase = readPhrase(speech, match.index, match.groups ?? {});
    const start = phrase?.start ?? match.index;
    const sentence = sentenceAround(speech, start, end);
    const tail = speech.words.slice(end, Math.min(sentence.to, end + tailMax));
    // "解除キー", "停止コード": a thing that has the word in its name.
    const isName = phrase?.strength === "weak" && /^[\p{Script=Han}\p{Script=Katakana}]/u.test(tail) && !/^(?:手続|方法|希望|申|ページ|フォーム|リンク|ボタン)/u.test(tail); // prettier-ignore
    if (isName) continue;
    const polarity = polarityOf(speech, sentence, { from: start, to: end }, tail, isNot);
    if (polarity !== "affirmed") {
      const isDenial = polarity === "denied" || undoes.test(speech.words.slice(sentence.from, match.index)); // prettier-ignore
      if (phrase !== undefined || isDenial) rebuffs.push({ start, end, isDenial });
      if (isDenial) deniedFrom = sentence.from;
      continue;
    }
    if (refusals.length >= foundMax || rebuffs.length >= foundMax) break;
    // "中止することはできません（中止について）": what the sentence denies, its other words do not offer.
    if (phrase?.strength === "weak" && sentence.from === deniedFrom) continue;
    const isUnderstood = !isNot || followsNotWanting.test(tail) || tail === "";
    if (phrase === undefined || !isUnderstood) continue;
    covered = end;
    refusals.push(describe(speech, start, end, sentence, phrase.strength));
  }
  return { refusals, rebuffs };
};

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
  if (groups["whole"] !== undefined)
    return otherMedium.test(speech.words.slice(Math.max(0, at - 10), at))
      ? undefined
      : { start: at, strength: "strong" };
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
      kind === "mail" && (/メール|mail|マガ|dm/u.test(word) ? otherMail : otherMedium).test(before);
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
  const alone = standsAlone(speech, at) || standsAfterLead(speech, at);
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
  if (seen.has("send")) return isOfUnknownThing(speech, start, isMail, seen) ? undefined : strong;
  // "会員登録が不要": no list is left by not needing one.
  if (seen.has("list")) return not === undefined ? strong : undefined;
  if (loose !== undefined) {
    // "このメールを削除" throws one message away; "メルマガの解約" leaves a list.
    return isMail && !/削除|外|はず|終|断|抜け|離れ|無効/u.test(loose) ? strong : undefined;
  }
  if (isMail) return strong;
  const namesMail =
    not !== undefined && /送ら|届かない|受け?取|受信しない|配信しない|お送りしない/u.test(not);
  return alone || namesMail ? { start: at, strength: "weak" } : undefined;
}

/** "お荷物の受け取り停止": what is received there is named, and is no mail. */
function isOfUnknownThing(
  speech: Speech,
  start: number,
  isMail: boolean,
  seen: ReadonlySet<Kind>,
): boolean {
  if (isMail || seen.has("list") || !received.test(speech.words.slice(start, start + 6)))
    return false;
  const before = speech.words.slice(Math.max(0, start - 8), start);
  return /[\p{Script=Han}\p{Script=Katakana}ー](?:での|[のを])ご?お?$/u.test(before) && !/(?:今後|以後|以降|皆様|から|より|度)の$/u.test(before); // prettier-ignore
}

/** Whether nothing but a mark or the start of a line stands before: "停止はこちら", not "利用停止はこちら". */
function standsAlone(speech: Speech, at: number): boolean {
  if (at === 0 || (speech.gap[at] ?? 0) >= gaps.line) return true;
  const before = speech.words.charAt(at - 1);
  if (before === "ご" || before === "お") return standsAlone(speech, at - 1);
  // "・解除：": a bullet; "利用・停止": of another thing.
  if (before === "・") return at === 1 || (speech.gap[at - 1] ?? 0) >= gaps.line;
  return !/[\p{L}\p{N}・]/u.test(before);
}

/** "それでも解除される方は", "下記より停止のお手続きを": nothing is stopped but what the text has been about. */
function standsAfterLead(speech: Speech, at: number): boolean {
  let start = at;
  let lead = "";
  for (let length = 0; start > 0 && length < leadsMax; length += 1) {
    if (isBoundary(speech, start)) return length > 0;
    const found = leads.exec(speech.words.slice(Math.max(0, start - 12), start))?.[0];
    if (found === undefined) return lead === "、";
    lead = found;
    start -= found.length;
  }
  return start === 0;
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
  let known = boundaries.get(speech);
  if (known === undefined) {
    known = new Uint8Array(speech.words.length + 1);
    boundaries.set(speech, known);
  }
  if (known[position] === 0) known[position] = bounds(speech, position) ? isOne : isNone;
  return known[position] === isOne;
}

// Sentences of many phrases overlap: each position is asked once. 0: not yet.
const boundaries = new WeakMap<Speech, Uint8Array>();
const isNone = 1;
const isOne = 2;

function bounds(speech: Speech, position: number): boolean {
  return (
    speech.gap[position] === gaps.block ||
    endsSentence.has(speech.words.charAt(position - 1)) ||
    opensItem.has(speech.words.charAt(position)) ||
    speech.isBreak(position)
  );
}

const endsSentence = new Set("。!?※■●◆▼▲★☆◇□▽△◎○♦♢");
const opensItem = new Set("※■●◆▼★☆◇□▽◎♦♢");
