// Tree construction in the body (HTML Living Standard §13.2.6.4.7).
import { closeFormatting } from "./adoption.ts";
import { type Building, ensureBody, placer } from "./building.ts";
import { createElement } from "./node.ts";
import {
  blockTags,
  formattingTags,
  headings,
  headTags,
  markerTags,
  specialTags,
  tableTags,
  voidTags,
} from "./tag-sets.ts";

export function startInBody(
  building: Building,
  tag: string,
  attributes: Map<string, string>,
): void {
  const { open } = building;
  if (!(building.body === undefined && open.isOpen("template"))) ensureBody(building);
  const element = createElement(tag, attributes, tag === "svg" || tag === "math");
  if (tableTags.has(tag)) return; // outside a table such a tag means nothing
  if (tag === "form" && open.isOpen("form")) return;
  if (blockTags.has(tag)) {
    building.closeParagraph();
    if (headings.has(tag) && headings.has(open.current().tag)) open.pop();
    if (tag === "xmp") building.reconstruct();
    building.insert(element, voidTags.has(tag));
    return;
  }
  switch (tag) {
    case "li":
    case "dd":
    case "dt":
      closeListItem(building, tag);
      building.insert(element);
      return;
    case "table":
      if (!building.quirks()) building.closeParagraph();
      building.insert(element);
      return;
    case "a":
    case "nobr":
      closeSameFormatting(building, tag);
      break;
    case "button":
      if (open.inScope("button")) {
        open.closeImplied();
        open.popUntil("button");
      }
      break;
    case "option":
    case "optgroup":
      if (open.current().tag === "option") open.pop();
      if (tag === "optgroup" && open.current().tag === "optgroup") open.pop();
      break;
    case "rb":
    case "rtc":
    case "rp":
    case "rt":
      if (open.inScope("ruby")) open.closeImplied(tag === "rp" || tag === "rt" ? "rtc" : undefined);
      break;
  }
  if (!headTags.has(tag)) building.reconstruct();
  building.insert(element, voidTags.has(tag));
  if (formattingTags.has(tag)) open.addFormatting(element);
  if (markerTags.has(tag)) open.formatting.push("marker");
}

function closeSameFormatting(building: Building, tag: string): void {
  const { open } = building;
  building.reconstruct();
  const marker = open.formatting.lastIndexOf("marker");
  const active = open.formatting.find(
    (entry, index) => index > marker && entry !== "marker" && entry.tag === tag,
  );
  if (active === undefined || active === "marker") return;
  if (tag === "nobr" && !open.inScope("nobr")) return;
  closeFormatting(open, tag, placer(building));
  const index = open.formatting.lastIndexOf(active);
  if (index !== -1) open.formatting.splice(index, 1);
  open.removeFromStack(active);
}

function closeListItem(building: Building, tag: string): void {
  const { open } = building;
  const ends = tag === "li" ? ["li"] : ["dd", "dt"];
  if (ends.some((end) => open.isOpen(end))) {
    for (let index = open.stack.length - 1; index > 0; index -= 1) {
      const element = open.stack[index];
      if (element === undefined) break;
      if (ends.includes(element.tag)) {
        open.closeImplied(element.tag);
        open.popUntil(element.tag);
        break;
      }
      if (specialTags.has(element.tag) && !/^(?:address|div|p)$/.test(element.tag)) break;
    }
  }
  building.closeParagraph();
}

export function endInBody(building: Building, tag: string): void {
  const { open } = building;
  if (tag === "body" || tag === "html") return; // what follows still belongs to the body
  if (tag === "head") {
    if (open.current() === building.head) open.pop();
    return;
  }
  if (formattingTags.has(tag) && closeFormatting(open, tag, placer(building))) return;
  if (headings.has(tag)) {
    const heading = [...headings].find((name) => open.inScope(name));
    if (heading === undefined) return;
    open.closeImplied();
    while (open.stack.length > 1) if (headings.has(open.pop()?.tag ?? "")) return;
    return;
  }
  if (
    blockTags.has(tag) ||
    tag === "li" ||
    tag === "dd" ||
    tag === "dt" ||
    tag === "button" ||
    markerTags.has(tag)
  ) {
    if (!open.inScope(tag, tag === "li" ? "list" : tag === "p" ? "button" : "default")) return;
    open.closeImplied(tag);
    open.popUntil(tag);
    if (markerTags.has(tag)) open.clearFormattingToMarker();
    return;
  }
  if (!open.isOpen(tag)) return;
  for (let index = open.stack.length - 1; index > 0; index -= 1) {
    const element = open.stack[index];
    if (element === undefined) return;
    if (element.tag === tag) {
      while (open.stack.length > index) open.pop();
      return;
    }
    if (specialTags.has(element.tag) && !element.foreign) return;
  }
}
