// My Numbers and card numbers with valid check digits in a message that goes to many.
import { isCardNumber, isIndividualNumber } from "../../consent/check-digits.ts";
import { remember } from "../../mail/remember.ts";
import { blank, lineAt, quote } from "../page.ts";
import { observe, type Judged, type Observation } from "../rule.ts";
import { onceForText, type ShownText } from "../shown-text.ts";

const contextReach = 40; // characters around a number in which a word tells what it is

const myNumberWords = /マイナンバー|個人番号|mynumber/u;
const cardWords =
  /カード|クレジット|card|visa|master|jcb|amex|americanexpress|diners|有効期限|セキュリティコード|cvv|cvc/u;
const otherWords =
  /注文|伝票|追跡|送り状|問い?合わ?せ番号|受付番号|予約番号|クーポン|シリアル|会員(?:番号|カード|id|no)|メンバーズカード|お客様番号|ポイントカード|(?<![a-z])tカード|ponta|ポンタ|waon|nanaco|ギフト|製造番号|型番|jan|isbn|登録番号|管理番号|口座|整理番号|法人番号|tel|電話|fax/u;
/** Beside a label of another kind, that is: words of their own, not a part of a name such as Ricardo. */
const cardLabel =
  /(?<!ポイント|ギフト|会員|メンバーズ|(?<![a-z])t|ponta|ポンタ|waon|nanaco)カード|クレジット|セキュリティコード|(?<![a-z])(?:(?:credit|debit|visa|master)?card(?:no|number)?|visa|master|jcb|amex|americanexpress|diners(?:club)?|cvv|cvc)(?![a-z])/u;

export function personalNumber({ pages, view }: Judged): readonly Observation[] {
  const found: Observation[] = [];
  for (const page of pages) {
    const seen = inText(page.text);
    if (seen !== undefined) found.push({ ...seen, part: page.alternative.part });
  }
  const inSubject = numberInSubject(view.header.subject);
  if (inSubject !== undefined) found.push({ ...inSubject, part: "header" });
  return found.length > 0
    ? found
    : [observe("pass", "no such number was found", "該当する番号はありません", "message")];
}

const numberInSubject = remember((subject): Observation | undefined => {
  const words = subject.normalize("NFKC").toLowerCase();
  for (const { 0: match, index } of words.matchAll(/(?<![\d-])\d(?:[ -]?\d){11,18}(?![\d-])/g)) {
    const kind = kindOf(match.replace(/\D/g, ""), {
      around: words.replace(/\s/g, ""),
      before: words.slice(0, index),
      behind: words.slice(index + match.length),
      isGrouped: (digits) => isGroupedAsCard(match, digits),
    });
    if (kind === undefined) continue;
    return observe(
      kind.sure ? "fail" : "warn",
      `the subject holds a number with a valid ${names[kind.what].en} check digit`,
      `件名に、${names[kind.what].ja}として検査数字が正しい番号があります`,
    );
  }
  return undefined;
});

const names = {
  "my-number": { en: "My Number", ja: "マイナンバー" },
  card: { en: "card number", ja: "カード番号" },
} as const;

const inText = onceForText((text: ShownText): Observation | undefined => {
  const { words } = text;
  if (!/\d(?:-?\d){11}/.test(words)) return undefined;
  let worst: Observation | undefined;
  for (const match of numbersOn(text)) {
    const start = match.index;
    const end = start + match[0].length;
    const digits = match[0].replace(/\D/g, "");
    const line = lineAt(text, start);
    const kind = kindOf(digits, {
      around: words
        .slice(Math.max(0, start - contextReach), end + contextReach)
        .replaceAll(blank, ""),
      before: words.slice(Math.max(line.start, start - contextReach), start),
      behind: words.slice(end, Math.min(line.end, end + contextReach)),
      isGrouped: (length) => isGroupedAsCard(writtenAt(text, start, end), length),
    });
    if (kind === undefined) continue;
    // The number itself stays out of the evidence.
    const place = quote(text, Math.max(0, start - 12), start);
    const name = names[kind.what];
    const one = observe(
      kind.sure ? "fail" : "warn",
      `a number with a valid ${name.en} check digit behind "${place}"`,
      `「${place}」の後に、${name.ja}として検査数字が正しい番号があります`,
    );
    if (kind.sure) return one;
    worst ??= one;
  }
  return worst;
});

/** Runs of 12 to 19 digits, each on a line of its own: a rule of dashes above or a number below is no part of it. */
function* numbersOn({
  words,
  lines,
}: ShownText): Generator<{ readonly index: number; readonly 0: string }> {
  for (const line of lines) {
    const shown = words.slice(line.start, line.end);
    for (const match of shown.matchAll(/(?<![\d.,-])\d(?:-?\d){11,18}(?![\d-])/g))
      yield { index: line.start + match.index, 0: match[0] };
  }
}

/** What stands near a number, without blanks, and on its own line before and behind it. */
interface Nearby {
  readonly around: string;
  readonly before: string;
  readonly behind: string;
  /** Whether the number, of so many digits, is written in the groups of a card. */
  readonly isGrouped: (digits: number) => boolean;
}

/** Check digits alone prove little: one in eleven numbers of twelve digits has a My Number's. */
function kindOf(
  digits: string,
  { around, before, behind, isGrouped }: Nearby,
): { readonly what: keyof typeof names; readonly sure: boolean } | undefined {
  if (isIndividualNumber(digits) && myNumberWords.test(around))
    return { what: "my-number", sure: true };
  if (!isCardNumber(digits)) return undefined;
  // Behind a label of another kind only its own line counts: on the next one points expire.
  if (otherWords.test(before))
    return cardLabel.test(`${before} ${behind}`) ? { what: "card", sure: true } : undefined;
  if (cardWords.test(around)) return { what: "card", sure: true };
  return { what: "card", sure: isGrouped(digits.length) };
}

function writtenAt({ source, folded }: ShownText, start: number, end: number): string {
  return source.slice(folded.at[start] ?? 0, (folded.at[end - 1] ?? 0) + 1).normalize("NFKC");
}

/** 4-4-4-4, or 4-6-5 of American Express: nothing else is written so. */
function isGroupedAsCard(written: string, digits: number): boolean {
  return digits === 15
    ? /^\d{4}[ -]\d{6}[ -]\d{5}$/.test(written)
    : /^\d{4}(?:[ -]\d{4}){3}$/.test(written);
}
