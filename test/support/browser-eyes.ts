// What a person sees of an HTML page, asked of a real browser: each text is blotted out in turn and the pixels compared.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";

import { type Picture, readPng } from "./png.ts";

export interface SeenText {
  /** Trimmed, white space runs as one space. */
  readonly text: string;
  /** Pixels that change when the text is painted transparent, for each character that is not white space. */
  readonly inkPerCharacter: number;
}

export interface Eyes extends AsyncDisposable {
  /** Every text node of the page but those that say 本文, in document order. */
  look(html: string): Promise<readonly SeenText[]>;
}

const executables = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const browserFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
];
/** Below this a character is a dot or a shade: a 9 px letter has 15 or more. */
export const inkSeenMin = 5;

/** The fonts with which the figures of these tests were taken: how much ink a letter has, and how wide it is. */
const fonts = [
  { asked: "sans-serif:lang=ja", needed: "Noto Sans CJK", debian: "fonts-noto-cjk" },
  { asked: "Times New Roman", needed: "Liberation Serif", debian: "fonts-liberation" },
];

/** A browser that paints as the tests expect; undefined, and `unchecked` told loudly, where there is none. */
export function findBrowser(unchecked: string): string | undefined {
  const browser = executables.find((path) => existsSync(path));
  const lacking = fonts.find(({ asked, needed }) => !matchFont(asked).includes(needed));
  if (browser !== undefined && lacking === undefined) return browser;
  const why = browser === undefined ? "BROWSER" : `FONT ${lacking?.needed} (${lacking?.debian})`;
  console.warn(`\n*** NO ${why} FOUND: ${unchecked} ***\n`);
  return undefined;
}

/** What fontconfig, and so the browser, takes for it. */
function matchFont(asked: string): string {
  return spawnSync("fc-match", [asked, "family"], { encoding: "utf8" }).stdout ?? "";
}

interface Tab {
  readonly page: Page;
  readonly session: CDPSession;
}

const viewport = { width: 800, height: 600 };
/** How many pages are looked at at once; further ones wait for a tab. */
const tabsMax = 4;

export async function openEyes(executablePath: string): Promise<Eyes> {
  const browser = await chromium.launch({ executablePath, args: browserFlags });
  const free = await Promise.all(Array.from({ length: tabsMax }, () => openTab(browser)));
  const waiting: ((tab: Tab) => void)[] = [];
  return {
    look: async (html) => {
      const tab = free.pop() ?? (await new Promise<Tab>((resolve) => void waiting.push(resolve)));
      try {
        return await look(tab, html);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(tab);
        else next(tab);
      }
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
    },
  };
}

/** In a context of its own: no tab hides another. */
async function openTab(browser: Browser): Promise<Tab> {
  const context = await browser.newContext({ viewport, offline: true });
  const page = await context.newPage();
  return { page, session: await context.newCDPSession(page) };
}

// Page code is text: it is written for a browser's globals, which these tests do not have.

/** Finds the text nodes; gives their texts and how far down the page goes. Animations stand as they do after three seconds. */
const survey = `(() => {
  for (const animation of document.getAnimations()) {
    if (animation.playState === "paused") continue;
    animation.pause();
    animation.currentTime = 3000;
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*::highlight(blot) { color: transparent !important; -webkit-text-fill-color: transparent !important; " +
    "text-shadow: none !important; -webkit-text-stroke-color: transparent !important; text-decoration: none !important }");
  document.adoptedStyleSheets = [sheet];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const texts = [];
  globalThis.blotted = [];
  let bottom = document.documentElement.getBoundingClientRect().bottom;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent.replace(/\\s+/g, " ").trim();
    if (node.parentElement.closest("script, style") !== null || text === "" || text === "本文") continue;
    const range = new Range();
    range.selectNodeContents(node);
    bottom = Math.max(bottom, range.getBoundingClientRect().bottom);
    texts.push(text);
    globalThis.blotted.push(range);
  }
  return { texts, heightPx: Math.min(bottom, document.documentElement.scrollHeight) };
})()`;

/** Resolves once it is painted: on a busy machine a screenshot might show the frame before. */
function blot(index: number): string {
  return `CSS.highlights.set("blot", new Highlight(globalThis.blotted[${index}])) && ${painted}`;
}

/** The second frame begins when the first is on its way to the screen. */
const painted =
  "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))";

/** Counts the pixels that differ to the eye; a strip less than three pixels wide or high is no letter. */
function countChanged(before: Picture, after: Picture): number {
  const { width, channels, samples: a } = before;
  const { samples: b } = after;
  if (a.length !== b.length) throw new Error("the page changed its size when a text was blotted");
  const off = (index: number): number => Math.abs((a[index] ?? 0) - (b[index] ?? 0));
  let changed = 0;
  let [top, bottom, left, right] = [Infinity, 0, Infinity, 0];
  for (let index = 0, pixel = 0; index < a.length; index += channels, pixel += 1) {
    if (0.3 * off(index) + 0.59 * off(index + 1) + 0.11 * off(index + 2) <= 20) continue;
    changed += 1;
    const x = pixel % width;
    const y = (pixel - x) / width;
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    left = Math.min(left, x);
    right = Math.max(right, x);
  }
  return bottom - top < 2 || right - left < 2 ? 0 : changed;
}

const heightMaxPx = 4000;

async function look({ page, session }: Tab, html: string): Promise<readonly SeenText[]> {
  await page.setContent(html, { waitUntil: "domcontentloaded" });
  const { texts, heightPx } = await page.evaluate<{ texts: string[]; heightPx: number }>(survey);
  const shoot = async (): Promise<string> => {
    // What lies to the right of the window is not seen; what lies below is scrolled to.
    const height = Math.max(120, Math.min(heightMaxPx, heightPx));
    const shot = await session.send("Page.captureScreenshot", {
      format: "png",
      optimizeForSpeed: true,
      captureBeyondViewport: height > viewport.height, // it lays the page out anew
      clip: { x: 0, y: 0, width: viewport.width, height, scale: 1 },
    });
    return shot.data;
  };
  await page.evaluate(painted);
  const before = await shoot();
  let picture: Picture | undefined;
  const seen: SeenText[] = [];
  for (const [index, text] of texts.entries()) {
    await page.evaluate(blot(index));
    const after = await shoot();
    let changed = 0;
    if (before !== after) {
      picture ??= readPng(Buffer.from(before, "base64"));
      changed = countChanged(picture, readPng(Buffer.from(after, "base64")));
    }
    seen.push({ text, inkPerCharacter: changed / text.replace(/\s/g, "").length });
  }
  return seen;
}
