// The desk: one fetch for many messages, a bounded wait, renewal, and the last good reading through a bad hour.
import { expect, test } from "vitest";

import type { LinkedPage } from "../policy/linked-page.ts";
import { makeSender } from "../../test/support/smtp-gateway.ts";
import { createPageDesk, type PageDeskParts } from "./page-desk.ts";
import { readPage } from "./read-page.ts";

const key = "https://www.example.jp/company";
const sender = makeSender();
const page = (words: string): LinkedPage => readPage(Buffer.from(`<p>${words}</p>`), "text/html");
const away: LinkedPage = { kind: "away", why: { en: "down", ja: "停止中" } };
const minute = 60_000;

interface Bench {
  readonly desk: ReturnType<typeof createPageDesk>;
  readonly asked: string[];
  answer: (url: string) => Promise<LinkedPage>;
  time: number;
  readonly need: (keys?: readonly string[], doubtful?: readonly string[]) => Promise<boolean>;
  readonly shown: () => LinkedPage | undefined;
}

function bench(change: Partial<PageDeskParts> = {}): Bench {
  const asked: string[] = [];
  const silent = (): void => undefined;
  const made: Bench = {
    desk: createPageDesk({
      read: (url) => {
        asked.push(url.href);
        return made.answer(url.href);
      },
      now: () => made.time,
      log: { info: silent, warn: silent },
      waitMs: 1000,
      maxAgeMs: 10 * minute,
      maxStaleMs: 60 * minute,
      ...change,
    }),
    asked,
    answer: () => Promise.resolve(page("one")),
    time: 0,
    need: (keys = [key], doubtful = []) =>
      made.desk.need(
        sender,
        { keys: new Set(keys), doubtful: new Set(doubtful) },
        made.desk.known(sender),
      ),
    shown: () => made.desk.known(sender).get(key),
  };
  return made;
}

test("the first need waits for the page, the next finds it", async () => {
  const { need, asked, shown } = bench();
  expect(await need()).toBe(true);
  expect(shown()).toMatchObject({ kind: "read" });
  expect(await need()).toBe(false);
  expect(asked).toEqual([key]);
});

test("a thousand messages at once ask once", async () => {
  const { need, asked } = bench();
  const all = await Promise.all(Array.from({ length: 1000 }, () => need()));
  expect(asked).toEqual([key]);
  expect(all.every(Boolean)).toBe(true);
});

test("a page that does not come is waited for so long, and is there for whoever comes later", async () => {
  const made = bench({ waitMs: 5 });
  const { promise, resolve } = Promise.withResolvers<LinkedPage>();
  made.answer = () => promise;
  expect(await made.need()).toBe(false);
  resolve(page("one"));
  await promise;
  expect(made.shown()).toEqual(page("one"));
  expect(await made.need()).toBe(false);
  expect(made.asked).toEqual([key]);
});

test("who was judged before another's page came is told that there is news", async () => {
  const { desk, need } = bench();
  const used = desk.known(sender);
  await need();
  expect(await desk.need(sender, { keys: new Set([key]), doubtful: new Set([key]) }, used)).toBe(true);
}); // prettier-ignore

test("an old page serves and is renewed behind the message's back; the same words change nothing", async () => {
  const made = bench();
  await made.need();
  const known = made.desk.known(sender);
  made.time = 11 * minute;
  expect(await made.need()).toBe(false);
  await Promise.resolve();
  expect(made.asked).toHaveLength(2);
  expect(made.desk.known(sender)).toBe(known);
});

test("a page that failed its message is read again after a minute, and waited for", async () => {
  const made = bench();
  await made.need();
  made.answer = () => Promise.resolve(page("mended"));
  expect(await made.need([key], [key])).toBe(false);
  made.time = 2 * minute;
  expect(await made.need([key], [key])).toBe(true);
  expect(made.shown()).toEqual(page("mended"));
});

test("while the page is away the last good reading serves, and not for ever", async () => {
  const made = bench();
  await made.need();
  made.answer = () => Promise.resolve(away);
  made.time = 30 * minute;
  await made.need([key], [key]);
  expect(made.shown()).toMatchObject({ kind: "read" });
  made.time = 61 * minute;
  await made.need([key], [key]);
  expect(made.shown()).toEqual(away);
});

test("a page that is gone (404) counts at once", async () => {
  const made = bench();
  await made.need();
  const gone: LinkedPage = { kind: "unusable", why: { en: "it answers 404", ja: "404" } };
  made.answer = () => Promise.resolve(gone);
  made.time = 11 * minute;
  await made.need([key], [key]);
  expect(made.shown()).toEqual(gone);
});

test("links that differ in every message are not all followed", async () => {
  const { need, asked } = bench();
  for (let n = 0; n < 100; n += 1) await need([`${key}?person=${n}`]);
  expect(asked).toHaveLength(30);
});

test("so many pages are kept of one sender, those needed last", async () => {
  const made = bench();
  for (let n = 0; n < 120; n += 1) {
    made.time = n * minute;
    await made.need([`${key}/${n}`]);
  }
  const known = made.desk.known(sender);
  expect(known.size).toBe(50);
  expect(known.has(`${key}/119`)).toBe(true);
  expect(known.has(`${key}/0`)).toBe(false);
});

test("the text of all pages of a sender together is bounded", async () => {
  const made = bench();
  made.answer = () => Promise.resolve(page("あ".repeat(49_000)));
  for (let n = 0; n < 20; n += 1) await made.need([`${key}/${n}`]);
  expect(made.desk.known(sender).size).toBe(4);
});
