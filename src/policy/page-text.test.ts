import fc from "fast-check";
import { expect, test } from "vitest";

import type { Block } from "../content/view.ts";
import { findLiterals } from "./literal.ts";
import { blockBreak, fold } from "./normalise.ts";
import { blankOut, findLines, joinLines, type PageText, toFolded } from "./page-text.ts";

/** The same, read in one piece. */
function readWhole(source: string): PageText {
  const folded = fold(source);
  const literals = toFolded(findLiterals(source.replaceAll("＠", "@")), folded);
  return {
    folded,
    words: blankOut(folded.text, literals),
    lines: findLines(folded),
    literals,
  };
}

function comparable({ folded, words, lines, literals }: PageText): object {
  return { text: folded.text, at: [...folded.at], gap: [...folded.gap], words, lines, literals };
}

const piece = fc.oneof(
  fc.constantFrom(
    ..."㈱ ｶ ﾞ ゙ か ﷺ ½ Å ẞ İ 株式会社 〒 \n \n\n \f \r \u2028 \u3000 \u200b \u00ad é e\u0301 𠮷 😀 ﬃ".split(" "),
    " ",
    "",
    "https://a.jp/x?y=z).",
    "a@b.jp",
    "a＠b.jp",
    "配信停止",
    "03-0000-0000",
    "http://",
    "@",
  ),
  fc.string({ maxLength: 4 }),
); // prettier-ignore

test("lines read one by one make the page that the whole text makes", () => {
  let joined = 0;
  fc.assert(
    fc.property(fc.array(fc.array(piece, { maxLength: 8 }), { maxLength: 6 }), (texts) => {
      const blocks = texts.map((pieces): Block => ({ text: pieces.join(""), runs: [], blankLinesBefore: 0 })); // prettier-ignore
      const source = blocks.map(({ text }) => text).join(blockBreak);
      const page = joinLines(blocks);
      if (page === undefined) return;
      joined += 1;
      expect(comparable(page)).toEqual(comparable(readWhole(source)));
    }),
    { numRuns: 3000 },
  );
  expect(joined).toBeGreaterThan(500);
});

test("a long text in full-width letters takes time in proportion to its length", () => {
  const text = `${"ａ".repeat(200_000)} ＠`; // minutes, were it walked again from each letter
  expect(joinLines([{ text }])?.literals).toEqual([]);
});

test("a voicing mark at a line's beginning changes the line before: such a text is read in one piece", () => {
  const block = (text: string): Block => ({ text, runs: [], blankLinesBefore: 0 });
  expect(joinLines([block("カ"), block("\u3099")])).toBeUndefined();
  expect(fold("カ\f\u3099").text).toBe("ガ");
});
