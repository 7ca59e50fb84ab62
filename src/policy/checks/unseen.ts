// Words that are in a part and that its reader does not see, as a page of their own: for evidence, never to pass.
import type { Alternative, Hidden } from "../../content/view.ts";
import { createPage, lineAt, quote, type Page } from "../page.ts";
import { observe, type Observation, type Wording } from "../rule.ts";
import { whyHidden } from "../why-hidden.ts";

export interface Unseen {
  readonly words: string;
  readonly hidden: Hidden;
}

/** The first hidden words where `find` says where in such a page they stand. */
export function findUnseen(
  alternative: Alternative,
  find: (page: Page) => { readonly start: number; readonly end: number } | undefined,
): Unseen | undefined {
  const stretches = stretchesOf(alternative.hidden);
  if (stretches.length === 0) return undefined;
  const page = createPage({
    ...alternative,
    blocks: stretches.map(({ text }) => ({ text, runs: [], blankLinesBefore: 0 })),
  });
  const found = find(page);
  if (found === undefined) return undefined;
  const hidden = stretches[lineAt(page, found.start).block];
  return hidden === undefined
    ? undefined
    : { words: quote(page, found.start, found.end, 24), hidden };
}

/** "… is in the part but not visible", and why not. */
export function tellUnseen({ words, hidden }: Unseen): Observation {
  const why = whyHidden(hidden);
  return {
    ...observe(
      "fail",
      `"${words}" is in the part but not visible: ${why.en}`,
      `「${words}」と記載されていますが、見えません（${why.ja}）`,
    ),
    remedy: letItBeSeen,
  };
}

/** Of what is written already; the rule's own remedy would ask to write it. */
export const letItBeSeen: Wording = {
  en: "It is written, but readers do not see it: show it as ordinary text, in a colour that stands out from its background and in a size of 10px or more, without display:none, zero height or a place off the screen.",
  ja: "記載はありますが、受信者には見えません。背景と区別できる色・10px 以上の文字で、display:none・高さ 0・画面外への配置などを使わずに、通常の文字として表示してください。",
};

/** Words of Latin letters stand apart, others do not. */
function join(before: string, after: string): string {
  const apart = /[!-~]$/.test(before) && /^[!-~]/.test(after);
  return before + (apart ? " " : "") + after;
}

/** Neighbours that are hidden alike make one sentence: a link in its midst is listed by itself. */
function stretchesOf(hidden: readonly Hidden[]): readonly Hidden[] {
  const stretches: Hidden[] = [];
  for (const one of hidden) {
    if (one.text.trim() === "") continue;
    const last = stretches.at(-1);
    if (last?.why === one.why && last.beforeBlock === one.beforeBlock)
      stretches[stretches.length - 1] = { ...last, text: join(last.text, one.text) };
    else stretches.push(one);
  }
  return stretches;
}
