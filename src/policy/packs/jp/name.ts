// NAME: the registered formal name stands visibly in the text, and not as part of another company's name.
import { fold, gaps, refold, type Folded } from "../../normalise.ts";
import { keepAll, onceFor } from "../../once-for.ts";
import { quote, type Page } from "../../page.ts";
import { observe, type Judged, type Observation } from "../../rule.ts";
import { onceForText, type ShownText } from "../../shown-text.ts";
import { judgeLegibility } from "../../checks/opt-out-reading.ts";
import { tellUnseen } from "../../checks/unseen.ts";
import { latinSpellings } from "./latin-form.ts";

/** Abbreviations of legal forms (NFKC has turned ㈱ into "(株)" already) and what they stand for. */
const forms: readonly (readonly [string, string])[] = [
  ["株", "株式会社"], ["有", "有限会社"], ["同", "合同会社"], ["資", "合資会社"], ["名", "合名会社"],
  ["一社", "一般社団法人"], ["一財", "一般財団法人"], ["公社", "公益社団法人"], ["公財", "公益財団法人"],
  ["社", "社団法人"], ["財", "財団法人"], ["特非", "特定非営利活動法人"], ["医", "医療法人"], ["医社", "医療法人社団"],
  ["学", "学校法人"], ["福", "社会福祉法人"], ["社福", "社会福祉法人"], ["宗", "宗教法人"], ["独", "独立行政法人"],
]; // prettier-ignore
const expand = new Map(forms);
const abbreviation =
  /[([〔{<](?:株|有|同|資|名|一社|一財|公社|公財|社福|社|財|特非|医社|医|学|福|宗|独)[)\]〕}>]|npo法人/gu;
const legalForm =
  "(?:株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|(?:一般|公益)?(?:社団|財団)法人|特定非営利活動法人|医療法人(?:社団|財団)?|学校法人|社会福祉法人|宗教法人|(?:地方)?独立行政法人|国立大学法人|協同組合|(?:弁護士|税理士|監査|司法書士)法人)";
const startsWithForm = new RegExp(`^${legalForm}`, "u");
const endsWithForm = new RegExp(`${legalForm}$`, "u");

const nameCharacter = /[\p{Script=Han}\p{Script=Katakana}ー\p{Script=Latin}々〆]/u;
// What may stand before a name without a space and is no part of it.
const labelBefore =
  /(?:発行|発行元|発行者|発行人|送信|送信元|送信者|配信|配信元|配信者|差出人|運営|運営元|運営者|運営会社|運営法人|販売|販売元|販売者|販売業者|提供|提供元|主催|主催者|共催|広告主|会社名|社名|法人名|企業名|名称|商号|屋号|氏名|名|事業者|事業者名|編集|編集元|制作|制作元|委託元|委託者|責任者|連絡先|問合せ先|問い合わせ先|窓口|弊社|当社|本社|by|from|copyright|\d)$/u;
// What may follow it without a space and is no part of it either.
const afterName =
  /^(?:代表|広報|本社|本店|支社|支店|所在地|住所|本部|電話|担当|発行|配信|運営|提供|主催|公式|会社概要|全|一同|社員|社長|役員|宣伝|営業|人事|総務|経営|マーケティング|カスタマー|サポート|メール|メルマガ|ニュース|お|ご|tel|fax|http|e-?mail|allright|〒|北海道|東京都|大阪府|京都府|[\p{Script=Han}]{2,3}県)/u;
const departmentEnd =
  /(?:部|課|室|係|局|支店|支社|営業所|事業所|事務局|センター|チーム|担当|窓口|デスク|本部|編集部|事業部|グループ長)$/u;
const furtherName =
  /^(?:・|&)?(?:ホールディングス?|hd|hds|holdings?|グループ|group|ジャパン|japan|アジア|asia|インターナショナル|international|東日本|西日本|ロジスティクス|サービス|システムズ?|ソリューションズ?|カンパニー|アンド|販売|商会|投資|証券|不動産|キャピタル|パートナーズ)(?![\p{Script=Han}\p{Script=Katakana}ー]{1,12}(?:部|課|室|係))/u;
// Said of the name: it is somebody else's, or an addressee's.
const addressee = /^(?:\(.{0,20}\))?(?:様|御中|殿|さま|さん|宛|行)(?!々|式|子|相)/u;
// "… ご担当者様", "… 営業部 御中", "… 田中様": a person or office of that company is written to.
const addressedOffice =
  /^ご?[\p{Script=Han}\p{Script=Katakana}ー]{1,14}(?<!客|皆|会員|読者|利用者)(?:様|御中)(?!々|式|子|相)/u;
const branch = /^(?:第)?\d{1,3}(?:号店|号館|支店)/u;
const disowned =
  /^(?:と|とは|とも|は|では|では?なく|による|の|が|を)?(?:一切|何ら|なんら|直接)?(?:の)?(?:関係|関連|関わり|資本関係|提携)(?:が|は|も|の)?(?:一切)?(?:ありません|ございません|ない|なく|無い)|^と?は?(?:別|異なる|無関係)(?:の|な)?(?:会社|法人|企業|団体|もの)?|^(?:では|が|から|による)(?:送信|配信|発行|もの)?(?:したもの|された?もの)?(?:では)?(?:ありません|ございません|ない)|^(?:を)?(?:騙|かた|装|名乗|なりすま|偽)/u;
const sponsor =
  /(?:旧社名|旧商号|旧名称|旧称|協賛|後援|協力|特別協力|取引先|提携先|導入企業|導入事例|事例|顧客|参加企業|出展企業|出展社|比較|競合|転載元|出典|引用元|情報源)[:：]?$/u;

// Labels behind which the sender of the mail is named.
const senderLabel = new RegExp(
  `(?:送信者|送信元|配信元|配信者|発行元|発行者|発行人|発行|差出人|運営会社|運営元|運営者|販売業者|事業者名?)[】\\])〕]?[:：|/]?(?<name>[^。、\\s]{0,12}?${legalForm}[^。、\\s]{0,12})`,
  "gu",
);

export interface Needle {
  readonly shown: string;
  readonly text: string;
}

/** The folded form in which names are compared. */
export function foldName(name: string): Needle {
  return { shown: name, text: expandForms(fold(name)).text };
}

function expandForms(folded: Folded): Folded {
  if (!abbreviation.test(folded.text)) return folded;
  abbreviation.lastIndex = 0;
  return refold(folded, abbreviation, (match) =>
    match === "npo法人" ? "特定非営利活動法人" : (expand.get(match.slice(1, -1)) ?? match),
  );
}

const registeredNames = onceFor((names: readonly string[]) =>
  names.map(foldName).flatMap(({ shown, text }) => latinSpellings(text).map((one) => ({ shown, text: one }))),
); // prettier-ignore

export function registeredName(page: Page, judged: Judged): Observation {
  const names = registeredNames(judged.facts.stream.sender.legal.names);
  let rejected: Observation | undefined;
  let dim: Observation | undefined;
  for (const { place, problem, seen } of placesOf(names)(page.text)) {
    if (problem !== undefined) {
      rejected ??= problem;
      continue;
    }
    const weak = judgeLegibility(page, place.start, place.end);
    if (weak === undefined) return seen;
    if (dim === undefined || (dim.outcome === "fail" && weak.outcome === "warn")) dim = weak;
  }
  return dim ?? rejected ?? absent(page, judged, names);
}

interface Mention {
  readonly place: { readonly start: number; readonly end: number };
  readonly problem?: Observation;
  /** Where there is none, and it can be read. */
  readonly seen: Observation;
}

const placesOf = onceFor((names: readonly Needle[]) =>
  onceForText((text: ShownText) => keepAll(findMentions(text, names))),
);

/** Where a text has the names. */
function* findMentions(text: ShownText, names: readonly Needle[]): Generator<Mention, void> {
  const folded = expandForms(text.folded);
  const other = otherSender(folded, names);
  for (const needle of names) {
    if (needle.text === "") continue;
    for (
      let at = folded.text.indexOf(needle.text);
      at !== -1;
      at = folded.text.indexOf(needle.text, at + 1)
    )
      yield mentionAt(text, folded, at, needle, other);
  }
}

function mentionAt(
  text: ShownText,
  folded: Folded,
  at: number,
  needle: Needle,
  other: string | undefined,
): Mention {
  const last = at + needle.text.length;
  const end = /[a-z]\.$/u.test(folded.text.slice(last - 1, last + 1)) ? last + 1 : last; // "Inc."
  const place = placeIn(text, folded, at, end);
  const words = quote(text, place.start, place.end, 12);
  const mentioned = { place, seen: observe("pass", `"${words}"`, `「${words}」`) };
  const problem = problemAt(folded, at, end, needle);
  if (problem !== undefined) {
    const around = quote(text, place.start, place.end, 16);
    return { ...mentioned, problem: observe("fail", `"${around}" ${problem.en}`, `「${around}」は${problem.ja}`) }; // prettier-ignore
  }
  if (other === undefined || !mention.test(folded.text.slice(end, end + 1))) return mentioned;
  return {
    ...mentioned,
    problem: observe(
      "fail",
      `the sender is named as "${other}", and ${needle.shown} is only mentioned`,
      `送信者として「${other}」が表示され、「${needle.shown}」は文中で触れられているだけです`,
    ),
  };
}

const mention = /[のとがはをにもへや]/u;

/** Another party that a label calls the sender; undefined where the labels name a registered one, or none. */
function otherSender(folded: Folded, names: readonly Needle[]): string | undefined {
  let other: string | undefined;
  for (const match of folded.text.matchAll(senderLabel)) {
    const name = match.groups?.["name"] ?? "";
    if (
      names.some(
        ({ text }) =>
          text !== "" && folded.text.startsWith(text, match.index + match[0].length - name.length),
      )
    )
      return undefined;
    other ??= name.slice(0, 30);
  }
  return other;
}

/** Positions in the page's own folded text for positions in the expanded one: both know the source offset. */
function placeIn(
  page: ShownText,
  folded: Folded,
  start: number,
  end: number,
): { start: number; end: number } {
  if (folded === page.folded) return { start, end };
  const from = folded.at[start] ?? 0;
  const to = folded.at[Math.max(start, end - 1)] ?? from;
  return { start: indexOfOffset(page.folded.at, from), end: indexOfOffset(page.folded.at, to) + 1 };
}

function indexOfOffset(at: Uint32Array, offset: number): number {
  let low = 0;
  let high = at.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((at[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function problemAt(
  folded: Folded,
  start: number,
  end: number,
  needle: Needle,
): { en: string; ja: string } | undefined {
  for (let index = start + 1; index < end; index += 1)
    if (folded.gap[index] === gaps.block)
      return { en: "is split over two blocks", ja: "別々のブロックに分かれています" };
  const { text } = folded;
  const longer = { en: "is part of a longer name", ja: "別の名称の一部です" };
  const before = text.charAt(start - 1);
  const attachedBefore = start > 0 && folded.gap[start] === gaps.none && nameCharacter.test(before);
  if (attachedBefore && !labelBefore.test(text.slice(Math.max(0, start - 8), start))) return longer;
  if (
    before === "・" &&
    folded.gap[start] === gaps.none &&
    /[\p{Script=Katakana}ー]/u.test(text.charAt(start - 2)) &&
    !startsWithForm.test(needle.text)
  )
    return longer;
  const lead = text.slice(Math.max(0, start - 12), start).replace(/[「『【《〈[(<"'”]+$/u, "");
  // A label in a block above names other things, unless it ends in a colon.
  const isLabelled = folded.gap[start] !== gaps.block || /[:：]$/u.test(lead);
  if (isLabelled && sponsor.test(lead.replace(/[】》〉)\]]$/u, "")))
    return {
      en: "stands there as a partner or customer, not as the sender",
      ja: "協賛・取引先等としての記載で、送信者の表示ではありません",
    };
  return problemBehind(folded, end, needle, longer);
}

function problemBehind(
  folded: Folded,
  end: number,
  needle: Needle,
  longer: { en: string; ja: string },
): { en: string; ja: string } | undefined {
  const behind = folded.text.slice(end, end + 40);
  const gap = folded.gap[end] ?? gaps.block;
  if (gap < gaps.line && (addressee.test(behind) || addressedOffice.test(behind)))
    return {
      en: "is addressed there, not named as the sender",
      ja: "宛先としての記載で、送信者の表示ではありません",
    };
  if (gap < gaps.line && branch.test(behind)) return longer;
  const tail = behind.replace(/^[」』】》〉)"'”]+/u, "");
  if (gap < gaps.line && disowned.test(tail))
    return {
      en: "is said to have nothing to do with the message",
      ja: "このメールと無関係であるとの記載です",
    };
  // "株式会社B&T2" is no B&T.
  if (gap === gaps.none && /[a-z\d]$/.test(needle.text) && /^\d/.test(behind)) return longer;
  if (endsWithForm.test(needle.text) || gap >= gaps.line || end >= folded.text.length)
    return undefined;
  const token = tokenAt(folded, end);
  if (gap === gaps.space)
    return furtherName.test(token) && token.replace(furtherName, "").length <= 2
      ? longer
      : undefined;
  if (/^[・&]/u.test(behind) && furtherName.test(behind)) return longer;
  if (!nameCharacter.test(behind.charAt(0)) || behind.charAt(0) === "々") return undefined;
  if (furtherName.test(token)) return longer;
  if (afterName.test(behind) || departmentEnd.test(token) || startsWithForm.test(behind))
    return undefined;
  return longer;
}

/** The run of name characters that begins here. */
function tokenAt(folded: Folded, start: number): string {
  let end = start + 1;
  while (
    end < folded.text.length &&
    end - start < 24 &&
    folded.gap[end] === gaps.none &&
    nameCharacter.test(folded.text.charAt(end))
  )
    end += 1;
  return folded.text.slice(start, end);
}

function absent(page: Page, judged: Judged, names: readonly Needle[]): Observation {
  const shown = [...new Set(names.map((name) => name.shown))].join(" / ");
  for (const { text } of names) {
    const hidden = page.alternative.hidden.find((item) =>
      expandForms(fold(item.text)).text.includes(text),
    );
    if (hidden !== undefined) return tellUnseen({ words: shown, hidden });
    if (page.alternative.images.some((image) => expandForms(fold(image.alt)).text.includes(text)))
      return observe(
        "fail",
        `${shown} stands in an image's alt text only`,
        `「${shown}」が画像の代替テキストにしかありません`,
      );
    if (
      judged.view.header.from.some((from) =>
        expandForms(fold(from.displayName)).text.includes(text),
      )
    )
      return observe(
        "fail",
        `${shown} stands in From only, not in the text`,
        `「${shown}」は差出人（From）だけで、本文にありません`,
      );
  }
  return observe(
    "fail",
    `${shown} is not in the visible text`,
    `「${shown}」が本文に見当たりません`,
  );
}
