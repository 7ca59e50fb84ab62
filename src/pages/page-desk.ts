// Keeps what the pages of senders show: read at the first message that needs one, renewed by and by, bounded on every side.
//
// A page that cannot be had now leaves the last good reading in its place until that is too old: a web server's bad hour
// must not stop the mail of a sender whose page was in order (and is, as far as anybody knows).
import { isDeepStrictEqual } from "node:util";

import type { PageDesk } from "../intake/page-desk.ts";
import { createTokenBuckets } from "../intake/token-bucket.ts";
import type { LinkedPage, LinkedPages } from "../policy/linked-page.ts";

export interface PageDeskParts {
  /** Fetches and reads one page. Never rejects. */
  readonly read: (url: URL) => Promise<LinkedPage>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly log: {
    readonly info: (fields: object, text: string) => void;
    readonly warn: (fields: object, text: string) => void;
  };
  /** How long one message waits for pages, in milliseconds. */
  readonly waitMs: number;
  /** A page that was read longer ago is read anew when the next message needs it. */
  readonly maxAgeMs: number;
  /** A good reading serves so long while its page cannot be had. */
  readonly maxStaleMs: number;
}

const pagesMax = 50; // of one sender; the one not needed for longest goes first
const charactersMax = 200_000; // of one sender's pages together: they cross to every thread that judges
const underWayMax = 8; // over all senders
const doubtMs = 60_000; // a page that failed is read again after this, no sooner
const newPerMinute = 30; // of one sender: links that differ in every message are not all followed

interface Shelf {
  /** In the order of use. */
  readonly pages: Map<string, Kept>;
  known: LinkedPages;
}

interface Kept {
  readonly page: LinkedPage;
  /** When it was read so. */
  readonly readAt: number;
  /** When it was last asked for. */
  readonly triedAt: number;
}

export function createPageDesk(parts: PageDeskParts): PageDesk {
  const shelves = new Map<string, Shelf>();
  const underWay = new Map<string, Promise<void>>();
  const rates = createTokenBuckets(
    { capacity: newPerMinute, refillPerSecond: newPerMinute / 60 },
    parts.now,
  );
  const shelfOf = (sender: string): Shelf => {
    const known = shelves.get(sender);
    if (known !== undefined) return known;
    const made: Shelf = { pages: new Map(), known: new Map() };
    shelves.set(sender, made);
    return made;
  };
  const renew = (sender: string, key: string): Promise<void> => {
    const name = `${sender} ${key}`;
    const running = underWay.get(name);
    if (running !== undefined) return running;
    const shelf = shelfOf(sender);
    const isNew = !shelf.pages.has(key);
    if (underWay.size >= underWayMax || (isNew && !rates.take(sender))) {
      parts.log.warn({ sender, page: key }, "page not read: too many others are");
      return Promise.resolve();
    }
    const reading = parts
      .read(new URL(key))
      .then((page) => {
        keep(shelf, { sender, key }, page, parts);
      })
      .finally(() => {
        underWay.delete(name);
      });
    underWay.set(name, reading);
    return reading;
  };
  return {
    known: ({ id }) => shelfOf(id).known,
    need: async ({ id }, needed, used) => {
      const shelf = shelfOf(id);
      const waited: Promise<void>[] = [];
      for (const key of needed.keys) {
        const urgency = urgencyOf(shelf, key, needed.doubtful.has(key), parts);
        if (urgency === "none") continue;
        const reading = renew(id, key);
        if (urgency === "wait") waited.push(reading);
      }
      if (waited.length > 0) await within(Promise.all(waited), parts.waitMs);
      return shelf.known !== used;
    },
  };
}

/** Whether the message must wait for the page, or the next one may. Forgets what is too old to serve. */
function urgencyOf(
  shelf: Shelf,
  key: string,
  isDoubtful: boolean,
  { now, maxAgeMs, maxStaleMs }: PageDeskParts,
): "none" | "later" | "wait" {
  const kept = shelf.pages.get(key);
  if (kept === undefined) return "wait";
  shelf.pages.delete(key);
  if (now() - kept.readAt > maxStaleMs) {
    show(shelf);
    return "wait";
  }
  shelf.pages.set(key, kept);
  const sinceTried = now() - kept.triedAt;
  if (isDoubtful && sinceTried > doubtMs) return "wait";
  return sinceTried > maxAgeMs ? "later" : "none";
}

function keep(
  shelf: Shelf,
  about: { readonly sender: string; readonly key: string },
  page: LinkedPage,
  { now, log, maxStaleMs }: PageDeskParts,
): void {
  const { sender, key } = about;
  const before = shelf.pages.get(key);
  const problem = page.kind === "read" ? undefined : page.why.en;
  if (problem === undefined) log.info({ sender, page: key }, "page read");
  else log.warn({ sender, page: key, problem }, "page not read");
  const stays =
    before !== undefined &&
    (isDeepStrictEqual(before.page, page) ||
      (page.kind === "away" && before.page.kind === "read" && now() - before.readAt <= maxStaleMs));
  shelf.pages.delete(key);
  shelf.pages.set(key, {
    page: stays ? before.page : page,
    readAt: stays && page.kind === "away" ? before.readAt : now(),
    triedAt: now(),
  });
  if (!stays) show(shelf);
}

/** Drops what is too much, and gives the rest a new identity: threads take it over once. */
function show(shelf: Shelf): void {
  let characters = 0;
  for (const { page } of shelf.pages.values()) characters += charactersOf(page);
  for (const [key, { page }] of shelf.pages) {
    if (shelf.pages.size <= pagesMax && characters <= charactersMax) break;
    characters -= charactersOf(page);
    shelf.pages.delete(key);
  }
  shelf.known = new Map(Array.from(shelf.pages, ([key, { page }]) => [key, page]));
}

function charactersOf(page: LinkedPage): number {
  return page.kind === "read"
    ? page.shown.blocks.reduce((sum, block) => sum + block.text.length, 0)
    : 0;
}

async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
