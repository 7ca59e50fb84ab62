// Our view of HTML mail against a real browser's: what Chromium paints, the view shows, and nothing else.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { viewHtml } from "../../src/content/html/html-view.ts";
import { documentOf, snippets } from "../fixtures/content/visibility-snippets.ts";
import { type Eyes, findBrowser, inkSeenMin, openEyes } from "../support/browser-eyes.ts";

/** Where the view says something else on purpose, or does not know better: name of the snippet, and why. */
const otherwise: Readonly<Record<string, string>> = {
  "block: font-size calc": "1.8 px: dots, though the dots have ink",
  "block: yellow on white": "contrast 1.1: seen by some, read by few",
  "block: background-clip text":
    "the blot paints the letters transparent, as they are; the background shines through",
  "block: letter-spacing": "all letters on one spot",
  "block: letter-spacing -16px": "all letters on one spot",
  "block: text-security": "dots in place of letters",
  "body: scroll not cut": "scrolled to by the reader",
  "sheet: outlook mso": "hidden in Outlook alone, which is enough to fail (law.md U22)",
  "mail: opacity .08": "a shade of black on white: contrast 1.2",
  "mail: vertical-align far": "vertical-align is not computed",
  "mail: template shadow": "declarative shadow trees are not computed",
  "block: filter brightness white": "colour filters are not computed",
  "body: col visibility": "collapsed columns are not computed",
  "body: grid 0": "grid tracks are not computed",
  "sheet: first-line": "::first-line is not computed",
};

const browser = findBrowser();
if (browser === undefined)
  console.warn(
    "\n*** NO BROWSER FOUND: the view of HTML mail is NOT compared with what a browser shows. ***\n",
  );

describe.skipIf(browser === undefined)("the view shows what Chromium shows", () => {
  let eyes: Eyes;
  beforeAll(async () => {
    eyes = await openEyes(browser ?? "");
  });
  afterAll(async () => {
    await eyes[Symbol.asyncDispose]();
  });

  test.each(snippets.map((snippet) => [snippet.name, snippet] as const))(
    "%s",
    async (name, snippet) => {
      const html = documentOf(snippet);
      const shown = squeeze(
        viewHtml(html)
          .blocks.map(({ text }) => text)
          .join(""),
      );
      const seen = await eyes.look(html);
      const wrong = seen
        .filter(({ text, inkPerCharacter }) => {
          const words = squeeze(text);
          const isSeen = inkPerCharacter >= inkSeenMin;
          // Of a text that is cut off, the part that is seen is enough.
          return isSeen ? !shown.includes(words.slice(0, 3)) : shown.includes(words);
        })
        .map(
          ({ text, inkPerCharacter }) =>
            `${inkPerCharacter >= inkSeenMin ? "seen" : "not seen"}: ${text}`,
        );
      if (otherwise[name] === undefined) expect(wrong).toEqual([]);
      else expect(wrong).not.toEqual([]); // else the exception is out of date
    },
  );
});

/** Without white space and zero-width characters. */
function squeeze(text: string): string {
  return text.replace(/[\s\u200b]+/g, "");
}
