// The words of an address as they follow each other, over lines, spaces and the sides of boxes drawn with characters.
import { gaps, type Folded } from "../../normalise.ts";
import type { ShownText } from "../../shown-text.ts";

/**
 * The text from one place to another, without white space and frames; a number behind a space or on the next line is another
 * number ("1-2-3 03-0000-0000").
 */
export function wordsFrom(page: ShownText, at: number, end: number): string {
  const { text, gap } = page.folded;
  let words = "";
  let last = at;
  let before = at;
  for (let index = at + 1; index < end; index += 1) {
    if (isFrame(page.folded, index)) {
      words += text.slice(last, index);
      last = index + 1;
      continue;
    }
    const isApart = gap[index] !== gaps.none || before < index - 1;
    if (isApart && isDigit(text, index) && isNumberEnd(text, before)) {
      words += `${text.slice(last, index)} `;
      last = index;
    }
    before = index;
  }
  return words + text.slice(last, end);
}

/** "┃ 東京都渋谷区渋谷 ┃": the side of a box, or of a quotation, at the beginning or end of a line. */
function isFrame({ text, gap }: Folded, index: number): boolean {
  if (!"|│┃║┆┇┊┋*#>".includes(text.charAt(index))) return false;
  return (gap[index] ?? 0) >= gaps.line || (gap[index + 1] ?? gaps.block) >= gaps.line;
}

function isNumberEnd(text: string, index: number): boolean {
  return isDigit(text, index) || "〇一二三四五六七八九十号地".includes(text.charAt(index));
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0x30 && code <= 0x39;
}
