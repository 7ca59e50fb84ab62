// The sentence around words of stopping, in languages that end one with a mark.
import type { Speech } from "../refusal.ts";

const reachMax = 160; // characters looked at on each side; keeps the search linear
const ends = new Set(".!?。");

export function sentenceOf(
  speech: Speech,
  start: number,
  end: number,
): { readonly from: number; readonly to: number } {
  let from = start;
  while (
    from > 0 &&
    start - from < reachMax &&
    !ends.has(speech.words.charAt(from - 1)) &&
    !speech.isBreak(from)
  )
    from -= 1;
  let to = end;
  while (
    to < speech.words.length &&
    to - end < reachMax &&
    !ends.has(speech.words.charAt(to)) &&
    !speech.isBreak(to)
  )
    to += 1;
  return { from, to };
}
