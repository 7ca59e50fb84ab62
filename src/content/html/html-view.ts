// text/html as its reader sees it.
import { findLinks } from "../link-scan.ts";
import type { Block, Hidden, Image, Link, Run } from "../view.ts";
import type { ElementNode } from "./node.ts";
import { parseHtml } from "./parse-html.ts";
import { blockTags, tableTags } from "./tag-sets.ts";

export interface HtmlView {
  readonly blocks: readonly Block[];
  readonly hidden: readonly Hidden[];
  readonly images: readonly Image[];
}

const unseen = new Set(["head", "style", "script", "template", "noscript", "title", "select", "textarea", "iframe", "object"]);

export function viewHtml(source: string): HtmlView {
  const blocks: Block[] = [];
  const hidden: Hidden[] = [];
  const images: Image[] = [];
  let runs: Run[] = [];
  const close = (): void => {
    const text = runs.map((run) => run.text).join("").replace(/[ \t\n\f]+/g, " ").trim();
    if (text !== "") blocks.push({ text, runs, blankLinesBefore: 0 });
    runs = [];
  };
  const walk = (element: ElementNode, link: Link | undefined, why: string | undefined): void => {
    const style = (element.attributes.get("style") ?? "").replace(/\s+/g, "").toLowerCase();
    const reason = why ?? (unseen.has(element.tag) ? element.tag : element.attributes.has("hidden") || style.includes("display:none") ? "display:none" : undefined);
    const isBlock = blockTags.has(element.tag) || tableTags.has(element.tag) || element.tag === "br" || element.tag === "li";
    if (isBlock) close();
    const target = element.tag === "a" ? element.attributes.get("href") : undefined;
    const inner = target === undefined ? link : { text: textOf(element), target };
    if (element.tag === "img") images.push({ alt: element.attributes.get("alt") ?? "", source: element.attributes.get("src") ?? "", ...(link === undefined ? {} : { link }), beforeBlock: blocks.length });
    for (const child of element.children) {
      if (child.kind === "element") walk(child, inner, reason);
      else if (child.kind === "text" && child.text.trim() !== "" && reason !== undefined) hidden.push({ text: child.text.trim(), why: reason, beforeBlock: blocks.length, ...(inner === undefined ? {} : { link: inner }) });
      else if (child.kind === "text") pushRuns(runs, child.text, inner);
    }
    if (isBlock) close();
  };
  walk(parseHtml(source).root, undefined, undefined);
  close();
  return { blocks, hidden, images };
}

function pushRuns(runs: Run[], text: string, link: Link | undefined): void {
  const collapsed = text.replace(/[ \t\n\f]+/g, " ");
  const look = { fontSizePx: 16, contrast: 21 };
  if (link !== undefined) {
    runs.push({ text: collapsed, link, ...look });
    return;
  }
  let last = 0;
  for (const found of findLinks(collapsed)) {
    if (found.start > last) runs.push({ text: collapsed.slice(last, found.start), ...look });
    runs.push({ text: collapsed.slice(found.start, found.end), link: found.link, ...look });
    last = found.end;
  }
  if (last < collapsed.length) runs.push({ text: collapsed.slice(last), ...look });
}

function textOf(element: ElementNode): string {
  let text = "";
  for (const child of element.children) text += child.kind === "text" ? child.text : child.kind === "element" ? textOf(child) : "";
  return text.replace(/\s+/g, " ").trim();
}
