// Content that no style can show: templates, scripts, form fields, closed details, pictures.
import type { Style } from "../style/style.ts";
import type { Collector } from "./collector.ts";
import { type Frame, resolveSize } from "./frame.ts";
import type { ElementNode } from "./node.ts";

const unshownTags: Readonly<Record<string, string>> = {
  head: "in <head>",
  title: "in <title>",
  template: "in <template>",
  noscript: "in <noscript>",
  noembed: "in <noembed>",
  noframes: "in <noframes>",
  iframe: "in <iframe>",
  select: "form field",
  textarea: "form field",
  datalist: "form field",
  canvas: "in <canvas>",
  video: "in <video>",
  audio: "in <audio>",
  svg: "in a picture (SVG)",
  meter: "form field",
  progress: "form field",
  annotation: "in <annotation>",
  "annotation-xml": "in <annotation-xml>",
};

/** Why the element's content is never text on the screen; undefined where style decides. */
export function describeUnshown(element: ElementNode): string | undefined {
  const listed = unshownTags[element.tag];
  if (listed !== undefined) return listed;
  if (
    element.tag === "object" &&
    (element.attributes.has("data") || element.attributes.has("type"))
  )
    return "in <object>";
  const { parent } = element;
  if (parent?.tag === "details" && !parent.attributes.has("open")) {
    const summary = parent.children.find(
      (child) => child.kind === "element" && child.tag === "summary",
    );
    if (summary !== element) return "in a closed <details>";
  }
  return undefined;
}

/** Lists the text, links and pictures of a subtree that is not shown. */
export function hideTree(
  element: ElementNode,
  why: string,
  link: number,
  collector: Collector,
): void {
  if (element.tag === "script" || element.tag === "style") return;
  const stack: { readonly node: ElementNode; readonly link: number }[] = [{ node: element, link }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node } = next;
    const isLink = node.tag === "a" && node.attributes.has("href");
    const own = isLink ? collector.addLink(node) : next.link;
    const inner: { readonly node: ElementNode; readonly link: number }[] = [];
    let text = "";
    for (const child of node.children) {
      if (child.kind === "text") text += child.text;
      else if (child.kind === "element" && child.tag !== "script" && child.tag !== "style")
        inner.push({ node: child, link: own });
    }
    if (text.trim() !== "" || isLink) collector.hide(` ${text} `, why, own);
    stack.push(...inner.reverse());
  }
}

const spacerPx = 2;

/** A picture's alternative text is no visible text (law.md JP-25); buttons of forms count as fields. */
export function layImage(
  element: ElementNode,
  style: Style,
  frame: Frame,
  collector: Collector,
): void {
  const { attributes } = element;
  if (element.tag === "input") {
    const type = attributes.get("type")?.toLowerCase() ?? "text";
    const value = attributes.get("value") ?? "";
    if (type !== "image" && value !== "") collector.hide(value, "form field", frame.link);
    if (type !== "image") return;
  }
  const isLink = element.tag === "area" && attributes.has("href");
  const link = isLink ? collector.addLink(element) : frame.link;
  if (element.tag === "area" && !isLink) return;
  const width = resolveSize(style.width, frame.width);
  const height = resolveSize(style.height, frame.width);
  const isSpacer =
    (width !== undefined && width <= spacerPx) || (height !== undefined && height <= spacerPx);
  if (frame.why === undefined && style.visible) collector.image(element, link);
  const { flow } = frame;
  flow.lineHeight = Math.max(flow.lineHeight, height ?? 0);
  flow.x += Math.min(width ?? 0, frame.width);
  if (!isSpacer && width !== undefined && height !== undefined) collector.inkUntil(flow.y + height);
}
