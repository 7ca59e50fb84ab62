// Text that a right-to-left override (U+202E) shows from its last letter to its first (UAX #9).
import { limits } from "./limits.ts";
import type { Block, Hidden, Run } from "./view.ts";

/** Why such text counts as unseen, in words for the evidence; `by`: what turns it. */
export function whyTurned(by: string): string {
  return `turned round by ${by}`;
}

/** Letters that run from right to left anyhow are not turned: a text has to hold others, or digits. */
const turnable =
  /[[\p{L}\p{N}]--[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]]/v;

export function canBeTurned(text: string): boolean {
  return turnable.test(text);
}

export interface Unturned {
  readonly blocks: readonly Block[];
  readonly hidden: readonly Hidden[];
}

const override = "\u202e";
const hiddenTextMax = 1000; // characters of one entry: evidence, not an archive

/** Takes turned text out of the blocks; undefined where there is none. */
export function withoutTurned(blocks: readonly Block[]): Unturned | undefined {
  if (!blocks.some(({ text }) => text.includes(override))) return undefined;
  const kept: Block[] = [];
  const hidden: Hidden[] = [];
  for (const block of blocks) {
    const spans = block.text.includes(override) ? findTurned(block.text) : [];
    if (spans.length === 0) {
      kept.push(block);
      continue;
    }
    const { runs, taken } = takeOut(block.runs, spans);
    for (const { text, link } of taken) {
      if (hidden.length >= limits.hiddenListed) break;
      const entry = {
        text: text.slice(0, hiddenTextMax).trim(),
        why: whyTurned("a right-to-left override"),
        beforeBlock: kept.length,
      };
      hidden.push(link === undefined ? entry : { ...entry, link });
    }
    const text = runs.map((run) => run.text).join("");
    if (/[^\s\p{Cf}]/u.test(text)) kept.push({ ...block, text, runs });
  }
  return { blocks: kept, hidden };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

const controls = /[\u202a-\u202e\u2066-\u2069\n\u0085\u2029]/g;

/**
 * Where an override is open: all embeddings end with the line (UAX #9, X8). What an isolate or embedding inside of it turns
 * back counts as turned, too: nobody writes that to be read.
 */
function findTurned(text: string): readonly Span[] {
  const spans: Span[] = [];
  let open: { readonly isolate: boolean; readonly turns: boolean }[] = [];
  let isolates = 0;
  let turning = 0;
  let start = 0;
  const pop = (): boolean => {
    const last = open.pop();
    if (last?.isolate === true) isolates -= 1;
    if (last?.turns === true) turning -= 1;
    return last?.isolate === true;
  };
  const close = (end: number): void => {
    if (canBeTurned(text.slice(start, end))) spans.push({ start, end });
  };
  for (const { 0: control, index } of text.matchAll(controls)) {
    const before = turning;
    switch (control) {
      case "\u202a": // LRE
      case "\u202b": // RLE
      case "\u202d": // LRO
        open.push({ isolate: false, turns: false });
        break;
      case override: // RLO
        open.push({ isolate: false, turns: true });
        turning += 1;
        break;
      case "\u2066": // LRI
      case "\u2067": // RLI
      case "\u2068": // FSI
        open.push({ isolate: true, turns: false });
        isolates += 1;
        break;
      case "\u202c": // PDF
        if (open.at(-1)?.isolate === false) pop();
        break;
      case "\u2069": // PDI
        while (isolates > 0 && !pop());
        break;
      default:
        open = [];
        isolates = 0;
        turning = 0;
    }
    if (before === 0 && turning > 0) start = index;
    else if (before > 0 && turning === 0) close(index);
  }
  if (turning > 0) close(text.length);
  return spans;
}

/** The block's text is its runs' texts joined. `spans` are in order. */
function takeOut(
  runs: readonly Run[],
  spans: readonly Span[],
): { readonly runs: readonly Run[]; readonly taken: readonly Run[] } {
  const kept: Run[] = [];
  const taken: Run[] = [];
  let next = 0;
  let offset = 0;
  for (const run of runs) {
    const runEnd = offset + run.text.length;
    let at = offset;
    while (at < runEnd) {
      const span = spans[next];
      const isTurned = span !== undefined && span.start <= at;
      const end = Math.min(runEnd, span === undefined ? runEnd : isTurned ? span.end : span.start);
      const text = run.text.slice(at - offset, end - offset);
      if (text !== "") (isTurned ? taken : kept).push({ ...run, text });
      at = end;
      if (isTurned && end === span.end) next += 1;
    }
    offset = runEnd;
  }
  return { runs: kept, taken: taken.filter(({ text }) => canBeTurned(text)) };
}
