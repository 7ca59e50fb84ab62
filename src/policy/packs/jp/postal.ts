// Japanese postal addresses made comparable: kanji numerals, 丁目/番/号, dashes, ヶ and の, 大字, Kyoto directions.
import { remember } from "../../../mail/remember.ts";
import { foldText } from "../../normalise.ts";

/** A registered address, cut into what must be seen and what may be left out. */
export interface PostalAddress {
  readonly shown: string;
  /** Seven digits, or empty. */
  readonly postcode: string;
  /** 東京都, 北海道 …, or empty. */
  readonly prefecture: string;
  /** Municipality to the last number of the street; compared in canonical form. */
  readonly core: string;
  /** A Kyoto address without its streets, which may be left out: ward, town and number. Empty elsewhere. */
  readonly townOnly: string;
  /** The core's first characters, which no way of writing changes: where to look for it. */
  readonly anchor: string;
}

const prefecturePattern =
  /^(?:東京都|北海道|大阪府|京都府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)/u;
const numeral = "[〇零一二三四五六七八九十百千]";
const kanjiNumber = new RegExp(
  `${numeral}+(?=丁目|丁(?=[\\d${numeral.slice(1)})|番地|番|号|条(?![市畷])|線|[-ーの][\\d${numeral.slice(1)})|(?<=[\\d][-ーの]|[〇零一二三四五六七八九十百千][-ーの]|丁目|番地|番)${numeral}+(?=$|[^\\p{Script=Han}]|号|番)`,
  "gu",
);

/** `text` is folded. Bounded by the caller: windows of some hundred characters, the same in all messages of a campaign. */
export const canonicalAddress = remember((text: string): string =>
  text
    .replace(kanjiNumber, (digits) => String(readNumber(digits)))
    .replace(/(?<=\d)(?:丁目|丁|番地の?|番の?|号|[-ー~の])+(?=\d)/gu, "-")
    .replace(/(?<=\d)(?:番地|番(?!町)|号(?![室棟館]))/gu, "")
    .replace(/(?<=\p{Script=Han})[ヶケがガヵゖ](?=\p{Script=Han})/gu, "ケ")
    .replace(/(?<=\p{Script=Han})[ノ之](?=\p{Script=Han})/gu, "の")
    .replace(/(?<=[\p{Script=Han}\p{Script=Katakana}])の(?=\d)/gu, "")
    .replace(/第(?=\d+地割)/gu, "")
    .replace(/大字|(?<=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])字(?=\D)/gu, "")
    .replace(/([上下])(?:がる|ガル|ル|る)/gu, "$1る")
    .replace(/([東西])(?:入る|入ル|いる|イル)/gu, "$1入")
    .replace(/(?<=\p{Script=Han})通り(?=\p{Script=Han}|\d)/gu, "通")
    .replace(/(\p{Script=Han}{2,})\1(?=\d)/gu, "$1")
    .replace(/通(?=.{0,14}?(?:[上下]る|[東西]入))/gu, ""),
);

/** The address, and without its 郡, which people leave out. */
export function readPostalForms(shown: string): PostalAddress[] {
  const whole = readPostalAddress(shown);
  const core = /^\p{Script=Han}{1,5}郡(.{2,}[町村].+)$/u.exec(whole.core)?.[1];
  return core === undefined ? [whole] : [whole, { ...whole, core, anchor: anchorOf(core) }];
}

function readPostalAddress(shown: string): PostalAddress {
  const folded = foldText(shown);
  const code = /^〒?(\d{3})-?(\d{4})/u.exec(folded);
  const rest = folded.slice(code?.[0].length ?? 0).replace(/^[、,:]/u, "");
  const prefecture = prefecturePattern.exec(rest)?.[0] ?? "";
  const canonical = canonicalAddress(rest.slice(prefecture.length));
  const found =
    /^((?:[^\d]*\d+(?:-\d+)*(?=条|線|番町|丁目\p{Script=Han}+町\d))*[^\d]*\d+(?:-\d+)*)(?=[^\d]|$)/u.exec(
      canonical,
    )?.[1] ?? canonical;
  const core = found.replace(/(-\d+-\d+)-\d{3,}$/, "$1");
  return {
    shown,
    postcode: code === null ? "" : `${code[1] ?? ""}${code[2] ?? ""}`,
    prefecture,
    core,
    townOnly: core
      .replace(
        /^(\p{Script=Han}+?市\p{Script=Han}+?区).*(?:[上下]る|[東西]入)(?:\d+丁目)?(?=\D|\d+条)/u,
        "$1",
      )
      .replace(core, ""),
    anchor: anchorOf(core),
  };
}

function anchorOf(core: string): string {
  const first = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{2,3}/u.exec(core)?.[0];
  return first?.replace(/[ケの].*$/u, "") ?? "";
}

export function prefectureAt(text: string, at: number): string | undefined {
  return prefecturePattern.exec(text.slice(at, at + 4))?.[0];
}

export function prefectureBefore(text: string): string | undefined {
  for (const length of [4, 3]) {
    const found = prefecturePattern.exec(text.slice(-length))?.[0];
    if (found !== undefined && found.length === length) return found;
  }
  return undefined;
}

const digitOf = new Map(
  Array.from("〇一二三四五六七八九", (digit, value): [string, number] => [digit, value]),
);
const placeOf = new Map([["十", 10], ["百", 100], ["千", 1000]]); // prettier-ignore

/** 二十三 → 23, 一〇五 → 105. */
function readNumber(digits: string): number {
  let total = 0;
  let current = 0;
  let positional = 0;
  let hasPlace = false;
  for (const digit of digits.replaceAll("零", "〇")) {
    const place = placeOf.get(digit);
    if (place !== undefined) {
      total += (current === 0 ? 1 : current) * place;
      current = 0;
      hasPlace = true;
    } else {
      current = digitOf.get(digit) ?? 0;
      positional = positional * 10 + current;
    }
  }
  return hasPlace ? total + current : positional;
}
