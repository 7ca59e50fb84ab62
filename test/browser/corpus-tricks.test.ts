// The corpus says of each trick that it hides, and of each harmless change that it shows: Chromium is asked whether so.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { shown } from "../corpus/harmless.ts";
import { tricks, type Trick } from "../corpus/hiding-tricks.ts";
import { type Eyes, findBrowser, inkSeenMin, openEyes } from "../support/browser-eyes.ts";

const browser = findBrowser("the corpus's own claims are NOT checked.");

const words = `配信停止は<a href="https://u.example.jp/s/1">こちら</a>です`;
const documentOf = ({ css = "", wrap }: Trick): string =>
  `<!DOCTYPE html><html><head><style>${css}</style></head><body><p>本文</p><div>${wrap(words)}</div></body></html>`;

describe.skipIf(browser === undefined)("Chromium on the corpus", () => {
  let eyes: Eyes;
  beforeAll(async () => {
    eyes = await openEyes(browser ?? "");
  });
  afterAll(async () => {
    await eyes[Symbol.asyncDispose]();
  });

  const seenOf = async (trick: Trick): Promise<readonly string[]> =>
    (await eyes.look(documentOf(trick)))
      .filter(({ inkPerCharacter }) => inkPerCharacter >= inkSeenMin)
      .map(({ text }) => text.replace(/\p{Cf}/gu, ""));

  test.concurrent.each(named(tricks))(
    "sees nothing of what the trick hides: %s",
    async (_, trick) => {
      const seen = await seenOf(trick);
      expect(seen.filter((text) => words.includes(text))).toEqual([]);
    },
  );

  test.concurrent.each(named(shown))(
    "sees all of what the harmless change leaves: %s",
    async (_, change) => {
      const seen = await seenOf(change);
      const unseen = ["配信停止は", "こちら", "です"].filter((text) => !seen.includes(text));
      expect(unseen).toEqual([]);
    },
  );
});

function named(list: readonly Trick[]): (readonly [string, Trick])[] {
  return list.map((trick) => [trick.name, trick]);
}
