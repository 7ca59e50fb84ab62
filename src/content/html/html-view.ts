// text/html as its reader sees it in a desktop client about 800 px wide (docs: design.md, the HTML view).
import { exceeds, limits } from "../limits.ts";
import { createCascade } from "../style/cascade.ts";
import { matchesMedia } from "../style/media.ts";
import type { Block, Hidden, Image } from "../view.ts";
import { layDocument } from "./layout.ts";
import type { ElementNode } from "./node.ts";
import { parseHtml } from "./parse-html.ts";

export interface HtmlView {
  readonly blocks: readonly Block[];
  readonly hidden: readonly Hidden[];
  readonly images: readonly Image[];
}

/** Throws LimitExceeded beyond the limits. */
export function viewHtml(source: string): HtmlView {
  const { root, quirks } = parseHtml(source);
  const cascade = createCascade(styleTexts(root), root, quirks);
  return layDocument(root, cascade, quirks);
}

function styleTexts(root: ElementNode): readonly string[] {
  const texts: string[] = [];
  let characters = 0;
  const stack: ElementNode[] = [root];
  for (let element = stack.pop(); element !== undefined; element = stack.pop()) {
    if (element.tag === "style" && isCss(element)) {
      const text = element.children
        .map((child) => (child.kind === "text" ? child.text : ""))
        .join("");
      characters += text.length;
      if (characters > limits.cssCharacters)
        exceeds(`has style sheets of more than ${limits.cssCharacters} characters`);
      texts.push(text);
    }
    if (element.tag === "template") continue;
    for (const child of element.children.toReversed())
      if (child.kind === "element") stack.push(child);
  }
  return texts;
}

function isCss(element: ElementNode): boolean {
  const type = element.attributes.get("type")?.trim().toLowerCase() ?? "";
  return (
    (type === "" || type === "text/css") && matchesMedia(element.attributes.get("media") ?? "")
  );
}
