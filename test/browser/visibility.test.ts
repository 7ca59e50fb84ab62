// Our view of HTML mail against a real browser's: what Chromium paints, the view shows, and nothing else.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { viewHtml } from "../../src/content/html/html-view.ts";
import { layoutSnippets } from "../fixtures/content/layout-snippets.ts";
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
  "body: col visibility": "collapsed columns are not computed",
  "sheet: first-line": "::first-line is not computed",
  "cover: border over": "borders are not computed",
  "cover: outline over": "outlines are not computed",
  "cover: box shadow over": "shadows of boxes are not computed",
  "layout: grid area overlap": "places of grid items are not computed",
  "design: hero, card pulled up too far": "half of the first letter is seen",
  "layout: svg foreignObject": "what stands in a picture is no text of the message",
  "layout: object data": "a client may show the object in place of its fallback",
  "layout: details name group": "groups of <details> are not computed",
  "layout: dir rtl, overflow": "half a letter is seen",
  "layout: dir rtl, margin": "half of the letters are seen",
  "layout: nobr far": "scrolled to by the reader",
  "body: bdo": "seen, but from its last letter to its first",
  "layout: bdo rtl": "seen, but from its last letter to its first",
  "newer: bidi override": "seen, but from its last letter to its first",
  "block: font-size-adjust 0": "letters of the page's own fonts vanish, those of a fallback stay",
  "block: font-size-adjust by cap height":
    "letters of the page's own fonts vanish, those of a fallback stay",
  "newer: font-size-adjust": "letters of the page's own fonts vanish, those of a fallback stay",
  "newer: blend screen": "vanishes in the white box in which a client shows mail",
  "newer: blend lighten, grey": "vanishes in the white box in which a client shows mail",
  "newer: blend on white parent": "vanishes in the white box in which a client shows mail",
  "newer: letter-spacing -1em": "all letters on one spot",
  "newer: letter-spacing -2em": "letters run to the left out of the window",
  "newer: letter-spacing -100px": "letters run to the left out of the window",
  "newer: offset path": "motion paths are not computed",
  "newer: filter opacity 10%": "a shade of black on white: contrast 1.3",
  "newer: light-dark dark scheme": "mail is read in light colours",
  "newer: overflow clip margin": "overflow-clip-margin is not computed",
  "newer: text-overflow ellipsis": "an ellipsis is seen in place of the text",
  "newer: background-clip text":
    "the blot paints the letters transparent, as they are; the background shines through",
  "newer: transform-origin far": "transform-origin is not computed",
  "newer: font-size rlh": "a size that Chromium takes for none",
  "newer: if()": "if() is not computed",
  "rules: layer revert-layer": "revert-layer counts as revert",
  "rules: scope proximity": "the nearer scope does not win",
  "rules: part": "a closed <details> opened by style alone",
  "rules: details-content hidden": "::details-content is not computed",
  "rules: function": "functions of a sheet's own are not computed",
};

const browser = findBrowser("the view of HTML mail is NOT compared with what a browser shows.");

describe.skipIf(browser === undefined)("the view shows what Chromium shows", () => {
  let eyes: Eyes;
  beforeAll(async () => {
    eyes = await openEyes(browser ?? "");
  });
  afterAll(async () => {
    await eyes[Symbol.asyncDispose]();
  });

  test.concurrent.each(
    [...snippets, ...layoutSnippets].map((snippet) => [snippet.name, snippet] as const),
  )("%s", async (name, snippet) => {
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
  });
});

/** Without white space and zero-width characters. */
function squeeze(text: string): string {
  return text.replace(/[\s\u200b]+/g, "");
}
