// What a person sees of an HTML page, asked of a real browser: each text is blotted out in turn and the pixels compared.
import { existsSync } from "node:fs";

import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";

export interface SeenText {
  /** Trimmed, white space runs as one space. */
  readonly text: string;
  /** Pixels that change when the text is painted transparent, for each character that is not white space. */
  readonly inkPerCharacter: number;
}

const executables = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** Below this a character is a dot or a shade: a 9 px letter has 15 or more. */
export const inkSeenMin = 5;

export function findBrowser(): string | undefined {
  return executables.find((path) => existsSync(path));
}

export interface Eyes extends AsyncDisposable {
  /** Every text node of the page but those that say 本文, in document order. */
  look(html: string): Promise<readonly SeenText[]>;
}

export async function openEyes(executablePath: string): Promise<Eyes> {
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  const viewport = { width: 800, height: 600 };
  const context = await browser.newContext({ viewport, offline: true });
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

async function look(page: Page, session: CDPSession, loupe: Page, html: string): Promise<readonly SeenText[]> {
  await page.setContent(html, { waitUntil: "domcontentloaded" });
  const texts = await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      "*::highlight(blot) { color: transparent !important; -webkit-text-fill-color: transparent !important; text-shadow: none !important; -webkit-text-stroke-color: transparent !important; text-decoration: none !important }",
    );
    document.adoptedStyleSheets = [sheet];
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    const found: string[] = [];
    const nodes: Node[] = [];
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const tag = node.parentElement?.closest("script, style")?.tagName;
      const text = (node.textContent ?? "").replace(/\s+/g, " ").trim();
      if (tag !== undefined || text === "" || text === "本文") continue;
      found.push(text);
      nodes.push(node);
    }
    Object.assign(globalThis, { blotted: nodes });
    return found;
  });
  const heightPx = await page.evaluate(() => {
    let bottom = document.documentElement.getBoundingClientRect().bottom;
    for (const element of document.querySelectorAll("*")) bottom = Math.max(bottom, element.getBoundingClientRect().bottom);
    return Math.min(bottom, document.documentElement.scrollHeight);
  });
  const shoot = async (): Promise<string> => {
    // What lies to the right of the window is not seen; what lies below is scrolled to.
    const clip = { x: 0, y: 0, width: 800, height: Math.max(120, Math.min(4000, heightPx)), scale: 1 };
    const shot = await session.send("Page.captureScreenshot", {
      format: "png",
      optimizeForSpeed: true,
      captureBeyondViewport: true,
      clip,
    });
    return shot.data;
  };
  const before = await shoot();
  const seen: SeenText[] = [];
  for (const [index, text] of texts.entries()) {
    await page.evaluate((at) => {
      const nodes = Reflect.get(globalThis, "blotted") as Node[];
      const range = new Range();
      const node = nodes[at];
      if (node !== undefined) range.selectNodeContents(node);
      CSS.highlights.set("blot", new Highlight(range));
    }, index);
    const after = await shoot();
    const changed = before === after ? 0 : await countChanged(loupe, before, after);
    seen.push({ text, inkPerCharacter: changed / text.replace(/\s/g, "").length });
  }
  return seen;
}

function countChanged(loupe: Page, before: string, after: string): Promise<number> {
  return loupe.evaluate(
    async ([one, two]) => {
      const read = async (data: string): Promise<ImageData> => {
        const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = canvas.getContext("2d");
        if (context === null) throw new Error("no canvas");
        context.drawImage(bitmap, 0, 0);
        return context.getImageData(0, 0, bitmap.width, bitmap.height);
      };
      const [a, b] = await Promise.all([read(one), read(two)]);
      let changed = 0;
      let top = Number.POSITIVE_INFINITY;
      let bottom = 0;
      let left = Number.POSITIVE_INFINITY;
      let right = 0;
      for (let index = 0; index < a.data.length; index += 4) {
        const difference =
          0.3 * Math.abs((a.data[index] ?? 0) - (b.data[index] ?? 0)) +
          0.59 * Math.abs((a.data[index + 1] ?? 0) - (b.data[index + 1] ?? 0)) +
          0.11 * Math.abs((a.data[index + 2] ?? 0) - (b.data[index + 2] ?? 0));
        if (difference <= 20) continue;
        changed += 1;
        const y = Math.floor(index / 4 / a.width);
        const x = (index / 4) % a.width;
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
        left = Math.min(left, x);
        right = Math.max(right, x);
      }
      return bottom - top < 2 || right - left < 2 ? 0 : changed; // a strip is no letter
    },
    [before, after] as const,
  );
}
