// Makes the view's blocks of what was gathered; a block that comes again with the same links is the same object again.
import { findLinks } from "../link-scan.ts";
import type { Block, Link, Run } from "../view.ts";

/** How a stretch of text looks. */
export interface Look {
  readonly fontSizePx: number;
  readonly contrast: number;
}

/** Text of one look in one link; `link` counts the links of the document, -1 is none. */
export interface DraftRun {
  text: string;
  readonly look: Look;
  readonly link: number;
  /** Of the last time: the link made, or the runs into which text without a link falls. */
  made?: Link | readonly Run[];
}

export interface DraftBlock {
  readonly runs: readonly DraftRun[];
  readonly blankLinesBefore: number;
  /** Of the last time. */
  finished?: Block;
}

/** `linkOf`: the link of that number. */
export function finishBlock(draft: DraftBlock, linkOf: (index: number) => Link | undefined): Block {
  const { finished } = draft;
  if (finished !== undefined && draft.runs.every((run) => isAsBefore(run, linkOf))) return finished;
  const runs: Run[] = [];
  for (const run of draft.runs) {
    const link = linkOf(run.link);
    if (link === undefined) for (const plain of plainRuns(run)) runs.push(plain);
    else {
      const { fontSizePx, contrast } = run.look;
      run.made = link;
      runs.push({ text: run.text, link, fontSizePx, contrast });
    }
  }
  const text = finished?.text ?? draft.runs.map((run) => run.text).join("");
  draft.finished = { text, runs, blankLinesBefore: draft.blankLinesBefore };
  return draft.finished;
}

function isAsBefore(
  { link, made }: DraftRun,
  linkOf: (index: number) => Link | undefined,
): boolean {
  const now = linkOf(link);
  if (now === undefined) return true;
  return made !== undefined && "target" in made && made.target === now.target && made.text === now.text; // prettier-ignore
}

/** Mail clients make links of addresses in running text. */
function plainRuns(run: DraftRun): readonly Run[] {
  if (run.made !== undefined && !("target" in run.made)) return run.made;
  const { text } = run;
  const { fontSizePx, contrast } = run.look;
  const runs: Run[] = [];
  let last = 0;
  for (const { start, end, link } of findLinks(text)) {
    if (start > last) runs.push({ text: text.slice(last, start), fontSizePx, contrast });
    runs.push({ text: text.slice(start, end), link, fontSizePx, contrast });
    last = end;
  }
  if (last < text.length) runs.push({ text: text.slice(last), fontSizePx, contrast });
  run.made = runs;
  return runs;
}

/** Drops white space at the block's ends and around its line breaks. */
export function trimRuns(runs: readonly DraftRun[]): readonly DraftRun[] {
  let from = 0;
  let to = runs.length;
  for (; to > from; to -= 1) {
    const last = runs[to - 1];
    if (last === undefined) break;
    if (blankEnd.test(last.text)) last.text = last.text.replace(blankEnd, "");
    if (last.text !== "") break;
  }
  for (; from < to; from += 1) {
    const first = runs[from];
    if (first === undefined) break;
    if (blankStart.test(first.text)) first.text = first.text.replace(blankStart, "");
    if (first.text !== "") break;
  }
  const kept = from === 0 && to === runs.length ? runs : runs.slice(from, to);
  for (const run of kept)
    if (run.text.includes("\n")) run.text = run.text.replace(/[ \t]+\n/g, "\n");
  return kept;
}

const blankEnd = /[ \t\n\u00a0\u3000]+$/;
const blankStart = /^[ \t\n\u00a0\u3000]+/;
