// ADDRESS: the registered postal address stands in the text, or a link says that it stands on a page of the sender.
import { foldText, gaps } from "../../normalise.ts";
import { onceFor } from "../../once-for.ts";
import { quote, type Page } from "../../page.ts";
import { observe, type Judged, type Observation } from "../../rule.ts";
import { onceForText, type ShownText } from "../../shown-text.ts";
import { judgeLegibility } from "../../checks/opt-out-reading.ts";
import { linkOut, standsFor } from "../../checks/link-out.ts";
import { foreignPlaceOf, readForeignAddress, type ForeignAddress } from "./foreign-address.ts";
import { wordsFrom } from "./address-words.ts";
import { streetFirst } from "./street-first.ts";
import {
  canonicalAddress,
  prefectureBefore,
  readPostalForms,
  type PostalAddress,
} from "./postal.ts";
import { tellUnseen } from "../../checks/unseen.ts";

const windowMax = 120; // characters in which one address must fit

/** Labels that say "our address stands there" (施行規則7条1項3号 「その場所を示す情報」). */
const addressLabel =
  /会社(?:概要|案内|情報|データ|紹介)|企業(?:概要|情報|案内|データ)|法人概要|団体概要|組織概要|運営(?:会社|者|元|企業|団体|法人)|(?:送信|配信|発行|差出|販売)(?:者|元|人|業者|主)(?:の)?(?:情報|概要|表示|について|詳細)|事業者(?:の)?(?:情報|概要|表示)|特定商取引|特商法|通信販売法|法(?:律)?に基づく(?:表示|表記)|所在地|住所|本社(?:情報|案内)|アクセスマップ|拠点一覧|店舗概要|(?:company|corporate)(?:profile|information|info|overview|data)|aboutus|legalnotice|imprint/u;

interface Registered {
  readonly postal: readonly PostalAddress[];
  readonly foreign: readonly ForeignAddress[];
}

const registeredAddresses = onceFor((addresses: readonly string[]): Registered => {
  const foreign = addresses.flatMap((address) => readForeignAddress(address) ?? []);
  const isForeign = new Set(foreign.map(({ shown }) => shown));
  return {
    postal: addresses.filter((address) => !isForeign.has(address)).flatMap(readPostalForms),
    foreign,
  };
});

export function postalAddress(page: Page, judged: Judged): Observation {
  const addresses = registeredAddresses(judged.facts.stream.sender.legal.addresses);
  const here = addressOn(page, addresses);
  if (here.whole !== undefined) return here.whole;
  const link = linkOut(page, judged, addressLabel, (linked) => {
    const there = addressOn(linked, addresses);
    return there.whole ?? there.dim ?? there.partial ?? hiddenOn(linked, addresses);
  });
  if (link !== undefined && standsFor(link)) return link;
  const shown = judged.facts.stream.sender.legal.addresses.join(" / ");
  return (
    here.dim ?? elsewhere(page, addresses) ?? here.partial ?? link ?? absent(page, addresses, shown)
  );
}

/** What one page shows of the addresses: a whole one, one that is hard to read, or parts and others. */
function addressOn(
  page: Page,
  addresses: Registered,
): { readonly whole?: Observation; readonly dim?: Observation; readonly partial?: Observation } {
  let partial: Observation | undefined;
  let dim: Observation | undefined;
  for (const address of addresses.foreign) {
    const place = foreignPlaceOf(address)(page.text);
    if (place === undefined) continue;
    const weak = judgeLegibility(page, place.start, place.end);
    if (weak === undefined) return { whole: seenAt(page.text, place.start, place.end) };
    if (dim === undefined || weak.outcome === "warn") dim = weak;
  }
  for (const address of addresses.postal) {
    if (address.anchor === "") continue;
    for (const place of placesOf(address)(page.text)) {
      if (place.problem !== undefined) {
        partial ??= place.problem;
        continue;
      }
      const weak = judgeLegibility(page, place.start, place.end);
      if (weak === undefined) return { whole: full(page.text, address, place.start, place.end) };
      if (dim === undefined || weak.outcome === "warn") dim = weak;
    }
  }
  return {
    ...(dim === undefined ? {} : { dim }),
    ...(partial === undefined ? {} : { partial }),
  };
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly problem?: Observation;
}

/** Where a text has the address, or something like it. */
const placesOf = onceFor((address: PostalAddress) =>
  onceForText((text: ShownText) => findPlaces(text, address)),
);

function findPlaces(page: ShownText, address: PostalAddress): readonly Place[] {
  const { text, gap } = page.folded;
  const places: Place[] = [];
  for (
    let at = text.indexOf(address.anchor);
    at !== -1 && places.length < 50;
    at = text.indexOf(address.anchor, at + 1)
  ) {
    const left = text.slice(Math.max(0, at - 8), at);
    const prefecture = prefectureBefore(left);
    const words = quote(
      page,
      Math.max(0, at - (prefecture?.length ?? 0)),
      Math.min(text.length, at + address.core.length + 8),
    );
    const bad = (en: string, ja: string): Place => ({
      start: at,
      end: at,
      problem: observe("fail", `"${words}" ${en}`, `「${words}」は${ja}`),
    });
    if (
      prefecture !== undefined &&
      address.prefecture !== "" &&
      prefecture !== address.prefecture
    ) {
      places.push(
        bad(
          "is in another prefecture than the registered address",
          "登録された住所と都道府県が異なります",
        ),
      );
      continue;
    }
    const isNameBefore =
      prefecture === undefined &&
      gap[at] === gaps.none &&
      /\p{Script=Han}$/u.test(left) &&
      !/(?:住所|所在地|本社|本店|事務所|発行|送信者|連絡先|宛先|社)$/u.test(left);
    if (isNameBefore) continue;
    if (formerly.test(text.slice(Math.max(0, at - 24), at))) {
      places.push(bad("is said to be a former address", "旧住所としての記載です"));
      continue;
    }
    const window = canonicalAddress(wordsFrom(page, at, Math.min(text.length, at + windowMax)));
    const core = coreIn(window, address);
    if (core !== undefined) {
      const next = window.slice(core.length);
      const isOther =
        /^\d/.test(next) || (/\d$/.test(core) && /^-\d{1,2}(?![\d階f号])/u.test(next));
      if (isOther)
        places.push(
          bad(
            "goes on with another number than the registered address",
            "登録された住所と番地が異なります",
          ),
        );
      else places.push({ start: at, end: Math.min(text.length, at + core.length) });
      continue;
    }
    const reversed = streetFirst(page, at, address);
    if (reversed !== undefined) {
      places.push(reversed);
      continue;
    }
    places.push(bad(...partialIn(window, address)));
  }
  return places;
}

/** What is wrong with a text that only begins like the address. */
function partialIn(window: string, { core, anchor }: PostalAddress): readonly [string, string] {
  const street = /^[^\d]*/u.exec(core)?.[0] ?? core;
  const hasNumber = /\d/.test(window.slice(anchor.length, core.length + 4));
  return window.startsWith(street) && hasNumber
    ? ["has another number than the registered address", "登録された住所と番地が異なります"]
    : [
        "is not the whole registered address: town, block and number are needed",
        "登録された住所の一部だけです（町名・番地まで必要です）",
      ];
}

/** "旧住所：〒…東京都": moved from there. */
const formerly =
  /(?:旧|以前の|移転前の?)(?:住所|所在地|本社|本店|事務所|オフィス)(?:住所|所在地)?[】\])]?[:：]?(?:〒?\d{3}-?\d{4})?(?:東京都|北海道|(?:大阪|京都)府|.{2,3}県)?$/u;

/** The form of the address with which the text begins. */
function coreIn(window: string, { core, townOnly }: PostalAddress): string | undefined {
  if (window.startsWith(core)) return core;
  return townOnly !== "" && window.startsWith(townOnly) ? townOnly : undefined;
}

function full(page: ShownText, address: PostalAddress, start: number, end: number): Observation {
  const words = quote(page, start, end, 12);
  const before = page.folded.text.slice(Math.max(0, start - 16), start);
  const code = /(?:^|[^\d])(\d{3})-?(\d{4})(?:東京都|北海道|(?:大阪|京都)府|.{2,3}県)?$/u.exec(
    before,
  );
  if (
    code !== null &&
    address.postcode !== "" &&
    `${code[1] ?? ""}${code[2] ?? ""}` !== address.postcode
  ) {
    return observe(
      "warn",
      `"${words}" with the postal code ${code[1] ?? ""}-${code[2] ?? ""}, which is not the registered one`,
      `「${words}」の郵便番号 ${code[1] ?? ""}-${code[2] ?? ""} が登録と異なります`,
    );
  }
  return seenAt(page, start, end);
}

function seenAt(page: ShownText, start: number, end: number): Observation {
  const words = quote(page, start, end, 12);
  return observe("pass", `"${words}"`, `「${words}」`);
}

/** Forms that are no plain address, yet name the place: a PO box, or the address in Latin letters. */
function elsewhere(page: Page, addresses: Registered): Observation | undefined {
  const { text } = page.folded;
  for (const { postcode, core } of addresses.postal) {
    if (postcode === "") continue;
    const code = new RegExp(`${postcode.slice(0, 3)}-?${postcode.slice(3)}`, "u").exec(text);
    if (code === null) continue;
    const around = text.slice(Math.max(0, code.index - 100), code.index + 100);
    if (/私書箱|p\.?o\.?box/u.test(around))
      return observe(
        "warn",
        "a PO box: not an address on the law's plain reading",
        "私書箱は、条文の通常の読み方では住所に当たりません",
      );
    const numbers = /\d+(?:-\d+)*$/.exec(core)?.[0] ?? "-";
    if (
      around.includes(numbers) &&
      /[a-z]{3,},?[a-z-]*/.test(around) &&
      !/[\p{Script=Han}]{2}/u.test(text.slice(Math.max(0, code.index - 60), code.index + 20))
    )
      return observe(
        "warn",
        "the address in Latin letters only: for mail in a foreign language",
        "住所がローマ字表記のみです（外国語のメール向け）",
      );
  }
  return undefined;
}

function absent(page: Page, addresses: Registered, shown: string): Observation {
  if (shown === "")
    return observe(
      "fail",
      "no postal address is registered for this sender (senders[].legal.addresses)",
      "この送信者の住所が登録されていません（senders[].legal.addresses）",
    );
  return (
    hiddenOn(page, addresses) ??
    inLatinLetters(page, addresses) ??
    observe(
      "fail",
      `neither ${shown} nor a link that says where it stands is visible`,
      `「${shown}」も、住所の記載場所を示すリンクも見当たりません`,
    )
  );
}

/** "6-10-1 Roppongi, Minato-ku, Tokyo": the registered number, in an address that is registered in Japanese alone. */
function inLatinLetters(page: Page, { postal }: Registered): Observation | undefined {
  for (const { core } of postal) {
    const number = /\d+(?:-\d+)+$/.exec(core)?.[0];
    if (number === undefined) continue;
    const found = new RegExp(`(?<![\\d-])${number}(?![-\\d]),?[a-z]{3}`, "u").exec(
      page.folded.text,
    );
    if (found === null) continue;
    const words = quote(page, found.index, found.index + found[0].length, 24);
    return {
      ...observe(
        "fail",
        `"${words}" may be the address in Latin letters, which is not registered in this form`,
        `「${words}」はローマ字表記の住所と見られますが、この表記では登録されていません`,
      ),
      remedy: {
        en: "Add the address to senders[].legal.addresses as the mail writes it in Latin letters, or write it in Japanese.",
        ja: "メールに記載するローマ字表記の住所を senders[].legal.addresses に追加するか、日本語で記載してください。",
      },
    };
  }
  return undefined;
}

function hiddenOn(page: Page, { postal, foreign }: Registered): Observation | undefined {
  for (const { shown, pattern } of foreign) {
    const hidden = page.alternative.hidden.find((item) => pattern.test(foldText(item.text)));
    if (hidden !== undefined) return tellUnseen({ words: shown, hidden });
  }
  for (const address of postal) {
    const hidden = page.alternative.hidden.find((item) =>
      canonicalAddress(item.text.normalize("NFKC").replace(/\s/gu, "").slice(0, 400)).includes(
        address.core,
      ),
    );
    if (hidden !== undefined) return tellUnseen({ words: address.shown, hidden });
  }
  return undefined;
}
