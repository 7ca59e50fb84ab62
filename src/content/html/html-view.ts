// text/html as its reader sees it in a desktop client about 800 px wide (docs/decisions/0009).
import { exceeds, limits } from "../limits.ts";
import { createCascade } from "../style/cascade.ts";
import { matchesMedia, type Screen } from "../style/media.ts";
import type { Block, Hidden, Image } from "../view.ts";
import { createLayout } from "./layout.ts";
import { createLayoutMemo } from "./layout-memo.ts";
import type { ElementNode } from "./node.ts";
import { parseHtml, prepareHtml } from "./parse-html.ts";
import { createHoleFinder } from "./source-hole.ts";
import { createTemplate, type Template } from "./template.ts";
import { watchedWords } from "./watched-words.ts";

export interface HtmlView {
  readonly blocks: readonly Block[];
  readonly hidden: readonly Hidden[];
  readonly images: readonly Image[];
}

// What one thread keeps of the campaigns that pass; a template takes about 50 octets for each character.
const templatesMax = 16;
const templateCharactersMax = 200_000;
const allCharactersMax = 800_000;

/** The latest used first. */
const templates: Template[] = [];

/**
 * Throws LimitExceeded beyond the limits. A part that has the tags and styles of an earlier one is not taken apart again
 * (docs/decisions/0016): the view is the same as {@link viewAnew} gives.
 */
export function viewHtml(source: string): HtmlView {
  const html = prepareHtml(source);
  for (const [index, template] of templates.entries()) {
    const view = template.view(html);
    if (view === undefined) continue;
    if (index > 0) templates.unshift(...templates.splice(index, 1));
    return view;
  }
  if (html.length > templateCharactersMax) return viewPrepared(html);
  const { view, template } = takeApart(html, hasComeBefore);
  if (template !== undefined) keep(template);
  return view;
}

/**
 * Reads a part and makes a template of it, where it can be one and `isWanted` says so of its shape. `html` is prepared
 * (parse-html.ts).
 */
export function takeApart(
  html: string,
  isWanted: (shape: string) => boolean,
): { readonly view: HtmlView; readonly template?: Template } {
  const finder = createHoleFinder();
  const { root, quirks, shape } = parseHtml(html, finder.marks);
  const styles = styleTexts(root);
  const cascade = createCascade(styles, root, quirks);
  if (!isWanted(`${shape} ${styles[0]?.slice(0, sheetBeginning) ?? ""}`))
    return { view: createLayout(root, cascade, quirks).lay() };
  const memo = createLayoutMemo();
  const layout = createLayout(root, cascade, quirks, memo);
  const view = layout.lay();
  const watched = watchedWords(styles);
  const holes = watched === undefined ? undefined : finder.finish(root, html);
  if (holes === undefined || watched === undefined) return { view };
  return { view, template: createTemplate({ html, holes, layout, memo, watched }) };
}

const shapesMax = 1000;
const sheetBeginning = 500; // characters that tell one campaign from another of the same tool
const shapes = new Set<string>();

/** A template costs as much memory as twenty messages: one is made for what comes a second time. */
function hasComeBefore(shape: string): boolean {
  if (shapes.has(shape)) return true;
  if (shapes.size >= shapesMax) shapes.clear();
  shapes.add(shape);
  return false;
}

/** Without what earlier parts have left. */
export function viewAnew(source: string, screen: Screen = "desktop"): HtmlView {
  return viewPrepared(prepareHtml(source), screen);
}

function viewPrepared(html: string, screen: Screen = "desktop"): HtmlView {
  const { root, quirks } = parseHtml(html);
  const styles = styleTexts(root, screen);
  const isDark =
    screen === "dark" && /(?<!prefers-)color-scheme["']?\s*[:c][^;>}]{0,60}\bdark\b/i.test(html);
  const texts = isDark ? [darkCanvas, ...styles] : styles;
  return createLayout(root, createCascade(texts, root, quirks, screen), quirks).lay();
}

/** What a message that says it knows dark mode (`color-scheme: light dark`) stands on there, unless it paints something else. */
const darkCanvas = ":where(html){background-color:#121212;color:#fff}:where(a){color:#9e9eff}";

function keep(template: Template): void {
  templates.unshift(template);
  let characters = 0;
  const fitting = templates.findIndex((one) => (characters += one.size) > allCharactersMax);
  templates.length = Math.min(templatesMax, fitting === -1 ? templates.length : fitting);
}

function styleTexts(root: ElementNode, screen: Screen = "desktop"): readonly string[] {
  const texts: string[] = [];
  let characters = 0;
  const visit = (element: ElementNode): void => {
    if (element.tag === "style" && isCss(element, screen)) {
      const text = element.children
        .map((child) => (child.kind === "text" ? child.text : ""))
        .join("");
      characters += text.length;
      if (characters > limits.cssCharacters)
        exceeds(`has style sheets of more than ${limits.cssCharacters} characters`);
      texts.push(text);
    }
    if (element.tag === "template") return;
    for (const child of element.children) if (child.kind === "element") visit(child);
  };
  visit(root); // no deeper than open-elements.ts lets the tree become
  return texts;
}

function isCss(element: ElementNode, screen: Screen): boolean {
  const type = element.attributes.get("type")?.trim().toLowerCase() ?? "";
  return (
    (type === "" || type === "text/css") &&
    matchesMedia(element.attributes.get("media") ?? "", screen)
  );
}
