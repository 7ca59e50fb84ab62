// A bar of links is one sentence to a grammar and several to its reader: what one item says is not said of the others.
import { gaps } from "../../normalise.ts";
import { blank } from "../../page-text.ts";
import type { Speech } from "../../refusal.ts";
import type { Span } from "./refusal-polarity.ts";

/** The item of a sentence that holds the words from `start` to `end`: "配信停止｜迷惑メールを報告" has two. */
export function itemAround(speech: Speech, sentence: Span, start: number, end: number): Span {
  let from = start;
  // "迷惑メール（詳細）の受信拒否設定": what stands in brackets parts nothing from what goes on behind them.
  while (from > sentence.from && (isBracketed(speech, from) || !opensItem(speech, from))) from -= 1;
  let to = end;
  while (to < sentence.to && !opensItem(speech, to)) to += 1;
  return { from, to };
}

function opensItem(speech: Speech, position: number): boolean {
  let known = openings.get(speech);
  if (known === undefined) {
    known = new Uint8Array(speech.words.length + 1);
    openings.set(speech, known);
  }
  if (known[position] === 0) known[position] = opens(speech, position) ? isOne : isNone;
  return known[position] === isOne;
}

// Sentences of many phrases overlap: each position is asked once. 0: not yet.
const openings = new WeakMap<Speech, Uint8Array>();
const isNone = 1;
const isOne = 2;

function opens(speech: Speech, position: number): boolean {
  const { words } = speech;
  const first = words.charAt(position);
  if (isMark(first)) return false;
  if (words.charAt(position - 1) === "|") return true;
  // Behind a link or URL, and what closes its brackets: a gap, a mark that parts items, or the next link.
  let behind = position;
  while (position - behind < marksMax && isMark(words.charAt(behind - 1))) behind -= 1;
  if (!isTargetEnd(speech, behind)) return false;
  const isParted =
    (speech.gap[position] ?? 0) >= gaps.space ||
    /[/・、,]/u.test(words.slice(behind, position)) ||
    speech.isLinkStart(position);
  return isParted && !goesOn.test(words.slice(position, position + 2));
}

/** "URL より": the sentence goes on behind its link. */
const goesOn = /^(?:より|から|にて|で|へ|の|を|に|まで|は|が|も|と)/u;

function isMark(character: string): boolean {
  return character !== blank && /[\p{P}\p{S}]/u.test(character);
}

function isBracketed({ words }: Speech, position: number): boolean {
  return words.charAt(position - 1) === "(";
}

/** "」）/": marks between a link and the next item. */
const marksMax = 4;

function isTargetEnd(speech: Speech, position: number): boolean {
  if (speech.isLinkEnd(position)) return true;
  return speech.words.charAt(position - 1) === blank && speech.words.charAt(position) !== blank;
}
