// What a person sees of an HTML page, asked of a real browser: each text is blotted out in turn and the pixels compared.
import { existsSync } from "node:fs";

import { type CDPSession, chromium, type Page } from "playwright-core";

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
/** Below this a character is a dot or a shade: a 9 px letter has 15 or more. */
export const inkSeenMin = 5;

export function findBrowser(): string | undefined {
  return executables.find((path) => existsSync(path));
}

export async function openEyes(executablePath: string): Promise<Eyes> {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  const context = await browser.newContext({
    viewport: { width: 800, height: 600 },
    offline: true,
  });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const loupe = await (await browser.newContext()).newPage();
  return {
    look: (html) => look(page, session, loupe, html),
    async [Symbol.asyncDispose]() {
      await browser.close();
    },
  };
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

function blot(index: number): string {
  return `CSS.highlights.set("blot", new Highlight(globalThis.blotted[${index}])) && undefined`;
}

/** Counts the pixels that differ to the eye; a strip less than three pixels wide or high is no letter. */
function compare(before: string, after: string): string {
  return `(async () => {
    const read = async (data) => {
      const bitmap = await createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, bitmap.width, bitmap.height);
    };
    const [a, b] = await Promise.all([read("${before}"), read("${after}")]);
    let changed = 0, top = Infinity, bottom = 0, left = Infinity, right = 0;
    for (let index = 0; index < a.data.length; index += 4) {
      const difference = 0.3 * Math.abs(a.data[index] - b.data[index]) +
        0.59 * Math.abs(a.data[index + 1] - b.data[index + 1]) + 0.11 * Math.abs(a.data[index + 2] - b.data[index + 2]);
      if (difference <= 20) continue;
      changed += 1;
      const y = Math.floor(index / 4 / a.width), x = (index / 4) % a.width;
      top = Math.min(top, y); bottom = Math.max(bottom, y); left = Math.min(left, x); right = Math.max(right, x);
    }
    return bottom - top < 2 || right - left < 2 ? 0 : changed;
  })()`;
}

const heightMaxPx = 4000;

async function look(
  page: Page,
  session: CDPSession,
  loupe: Page,
  html: string,
): Promise<readonly SeenText[]> {
  await page.setContent(html, { waitUntil: "domcontentloaded" });
  const { texts, heightPx } = await page.evaluate<{ texts: string[]; heightPx: number }>(survey);
  const shoot = async (): Promise<string> => {
    // What lies to the right of the window is not seen; what lies below is scrolled to.
    const height = Math.max(120, Math.min(heightMaxPx, heightPx));
    const shot = await session.send("Page.captureScreenshot", {
      format: "png",
      optimizeForSpeed: true,
      captureBeyondViewport: true,
      clip: { x: 0, y: 0, width: 800, height, scale: 1 },
    });
    return shot.data;
  };
  const before = await shoot();
  const seen: SeenText[] = [];
  for (const [index, text] of texts.entries()) {
    await page.evaluate(blot(index));
    const after = await shoot();
    const changed = before === after ? 0 : await loupe.evaluate<number>(compare(before, after));
    seen.push({ text, inkPerCharacter: changed / text.replace(/\s/g, "").length });
  }
  return seen;
}
