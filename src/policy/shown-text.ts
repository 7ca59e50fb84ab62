// A page's text read for the rules: one and the same object for messages that show the same text, so that answers can be kept with it.
import { detach } from "../mail/detach.ts";
import { createRecurring } from "../content/recurring.ts";
import type { Block } from "../content/view.ts";
import { findPlaceholders } from "./checks/placeholder-patterns.ts";
import { findLiterals } from "./literal.ts";
import { blockBreak, fold } from "./normalise.ts";
import { onceFor } from "./once-for.ts";
import { blankOut, findLines, joinLines, type PageText, toFolded } from "./page-text.ts";

/** Never changed. */
export interface ShownText extends PageText {
  /** The blocks' texts, joined by {@link blockBreak}. */
  readonly source: string;
  /** It will serve other messages: answers that it alone decides are worth keeping. */
  readonly isKept: boolean;
}

/** What one thread keeps; a text takes about 20 octets for each character. */
const texts = createRecurring<string, ShownText>(
  {
    sizeOf: (source) => source.length,
    slice: (source, start, end) => source.slice(start, end),
    isSame: (one, two) => one === two,
    copy: detach,
  },
  { sizeMax: 50_000, allMax: 200_000 },
);

export function showText(blocks: readonly Block[]): ShownText {
  const source = blocks.map((block) => block.text).join(blockBreak);
  // With breaks inside blocks, the same source can be of other blocks; by their number it is of these alone.
  return texts.read(String(blocks.length), source, (own, isKept) => {
    const parts = isKept ? own.split(blockBreak).map((text) => ({ text })) : blocks;
    return { ...read(own, parts.length === blocks.length ? parts : blocks), isKept };
  });
}

/** `make`, asked once for each text that serves other messages; it must depend on nothing but the text. */
export function onceForText<Value>(make: (text: ShownText) => Value): (text: ShownText) => Value {
  const kept = onceFor(make);
  return (text) => (text.isKept ? kept(text) : make(text));
}

function read(source: string, blocks: readonly Pick<Block, "text">[]): Omit<ShownText, "isKept"> {
  const placeholders = findPlaceholders(source);
  const joined = placeholders.length === 0 ? joinLines(blocks) : undefined;
  if (joined !== undefined) return { source, ...joined };
  const folded = fold(source);
  const written = [...findLiterals(source.replaceAll("＠", "@")), ...placeholders];
  const literals = toFolded(written, folded);
  const words = blankOut(folded.text, literals);
  return { source, folded, words, lines: findLines(folded), literals };
}
