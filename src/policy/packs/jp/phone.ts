// Phone numbers that a text shows, as they are dialled in Japan: found in the text alone, and kept with it.
import { foldText, gaps } from "../../normalise.ts";
import { lineAt, quote, type Line } from "../../page.ts";
import { onceForText, type ShownText } from "../../shown-text.ts";

const phonePattern =
  /(?:\(?\+?81\)?[-.]?(?:\(0\))?\(?|\(?0)\d{0,4}[-.()・/ー~]{0,2}\d{1,4}[-.()・/ー~]{0,2}\d{3,4}/gu;

/** Digits as they are dialled in Japan: +81 3 … and 03 … are one number. */
export function dialled(text: string): string {
  const digits = foldText(text)
    .replace(/\(0\)/g, "")
    .replace(/[^\d+]/g, "");
  return digits.replace(/^\+?81(?=[1-9])/, "0");
}

export interface Phone {
  readonly number: string;
  readonly shown: string;
  readonly start: number;
  readonly end: number;
  readonly isFax: boolean;
}

/** Numbers as they stand on their lines: the digits at the end of an address above are not the start of one. */
export const phonesOn = onceForText((text: ShownText): readonly Phone[] => {
  const { words } = text;
  const { gap } = text.folded;
  const found: Phone[] = [];
  for (const line of linesOfNumbers(text)) {
    const shown = words.slice(line.start, line.end);
    for (const match of shown.matchAll(phonePattern)) {
      const start = line.start + match.index;
      const end = start + match[0].length;
      const goesOn = end < line.end && gap[end] === gaps.none && /\d/.test(words.charAt(end));
      const isTail =
        start > line.start && gap[start] === gaps.none && /[\d-]/.test(words.charAt(start - 1));
      const number = dialled(match[0]);
      if (goesOn || isTail || number.length < 9 || number.length > 11) continue;
      found.push({
        number,
        shown: quote(text, start, end, 10),
        start,
        end,
        isFax: isFax(words, line, start, end),
      });
    }
  }
  return found;
});

/** Eight digits near enough to be of one number, perhaps on two lines: shorter matches of {@link phonePattern} are none. */
const manyDigits = /\d(?:[-.()・/ー~+]{0,6}\d){7}/g;

/** In order, each once: the lines that may hold a number. */
function linesOfNumbers(text: ShownText): ReadonlySet<Line> {
  const found = new Set<Line>();
  for (const match of text.words.matchAll(manyDigits)) {
    const end = match.index + match[0].length;
    for (let at = match.index; at < end;) {
      const line = lineAt(text, at);
      found.add(line);
      at = Math.max(at + 1, line.end);
    }
  }
  return found;
}

/** The nearest label before the number decides; "TEL/FAX" is both. */
function isFax(words: string, line: Line, start: number, end: number): boolean {
  const before = words.slice(Math.max(line.start, start - 30), start);
  const behind = words.slice(end, Math.min(line.end, end + 16));
  // "03-… (FAX)"; but "03-… FAX番号: 03-…" is the label of the next one.
  if (/^[(:]?(?:fax|ファックス|ファクス|ファクシミリ)(?!兼|共用|[^)\d]{0,6}[\d(])/u.test(behind))
    return true;
  const labels = [
    ...before.matchAll(
      /tel|電話|phone|フリーダイヤル|代表|ナビダイヤル|携帯|(?<fax>fax|ファックス|ファクス|ファクシミリ)|\d{4}(?!.*\d)/gu,
    ),
  ];
  const last = labels.at(-1);
  if (last?.groups?.["fax"] === undefined) return false;
  return !/(?:tel|電話|phone)(?:[/・&、,]|および|及び|兼|or)?$/u.test(before.slice(0, last.index));
}
