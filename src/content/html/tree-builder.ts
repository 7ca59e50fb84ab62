// Builds the tree from tags and text by the rules of HTML tree construction (HTML Living Standard §13.2.6), script left out.
import { exceeds, limits } from "../limits.ts";
import { closeFormatting } from "./adoption.ts";
import { createElement, type ElementNode, type HtmlNode, insertNode } from "./node.ts";
import { boundDepth, createOpenElements, type OpenElements } from "./open-elements.ts";
import { createTableRules, type TableRules } from "./table-rules.ts";
import {
  blockTags,
  foreignBreakouts,
  formattingTags,
  headings,
  headTags,
  integrationTags,
  markerTags,
  specialTags,
  tableTags,
  voidTags,
} from "./tag-sets.ts";

export interface TreeBuilder {
  start(tag: string, attributes: Map<string, string>, selfClosing: boolean): void;
  end(tag: string): void;
  text(text: string): void;
  comment(text: string): void;
  inForeignContent(): boolean;
  finish(): ElementNode;
}

/** What the rules for one kind of tag work on. */
export interface Building {
  readonly root: ElementNode;
  readonly open: OpenElements;
  readonly quirks: () => boolean;
  head: ElementNode | undefined;
  body: ElementNode | undefined;
  /** Misplaced content of a table goes before the table. */
  fostering: boolean;
  nodes: number;
  insert(element: ElementNode, isVoid?: boolean): void;
  append(node: HtmlNode): void;
  reconstruct(): void;
  closeParagraph(): void;
}

export function createTreeBuilder(quirks: () => boolean): TreeBuilder {
  const building = createBuilding(quirks);
  const { open } = building;
  const tables = createTableRules(building, (tag, attributes) => {
    startInBody(building, tag, attributes);
  });
  let pending = "";
  let skipping = ""; // inside <noscript>: a client that runs scripts sees it as text that is not shown
  let skipNewline = false;
  const flush = (): void => {
    if (pending === "") return;
    const text = skipNewline && pending.startsWith("\n") ? pending.slice(1) : pending;
    pending = "";
    skipNewline = false;
    if (text !== "") addText(building, tables, text);
  };
  return {
    inForeignContent: () => isForeign(open.current()),
    start(tag, attributes, selfClosing) {
      if (skipping !== "") return;
      flush();
      skipNewline = tag === "pre" || tag === "listing" || tag === "textarea";
      if (startForeign(building, tag, attributes, selfClosing)) return;
      if (startHead(building, tag, attributes)) {
        if (tag === "noscript") skipping = tag;
        return;
      }
      if (!tables.start(tag, attributes)) startInBody(building, tag, attributes);
      if (tag === "noscript") skipping = tag;
    },
    end(tag) {
      if (skipping !== "" && tag !== skipping) return;
      flush();
      skipping = "";
      if (tag === "p" && !open.inScope("p", "button") && !isForeign(open.current())) {
        ensureBody(building);
        building.insert(createElement("p", new Map()));
      }
      if (tag === "br") this.start("br", new Map(), false);
      else if (!tables.end(tag)) endInBody(building, tag);
    },
    text(text) {
      pending += text;
    },
    comment(text) {
      if (skipping !== "") return;
      flush();
      building.append({ kind: "comment", text });
    },
    finish() {
      flush();
      ensureBody(building);
      return building.root;
    },
  };
}

function createBuilding(quirks: () => boolean): Building {
  const root = createElement("html", new Map());
  const open = createOpenElements(root);
  const building: Building = {
    root,
    open,
    quirks,
    head: undefined,
    body: undefined,
    fostering: false,
    nodes: 0,
    append(node) {
      building.nodes += 1;
      if (building.nodes > limits.htmlNodes)
        exceeds(`has an HTML part of more than ${limits.htmlNodes} elements and texts`);
      const parent = open.current();
      if (!(building.fostering && isTableStructure(parent.tag))) {
        insertNode(boundDepth(open, parent), node);
        return;
      }
      placeFostered(open, node);
    },
    insert(element, isVoid = false) {
      building.append(element);
      if (!isVoid) open.push(element);
    },
    reconstruct() {
      open.reconstruct((element) => {
        building.insert(element);
      });
    },
    closeParagraph() {
      if (!open.inScope("p", "button")) return;
      open.closeImplied("p");
      open.popUntil("p");
    },
  };
  return building;
}

export function isTableStructure(tag: string): boolean {
  return tag === "table" || tag === "tbody" || tag === "thead" || tag === "tfoot" || tag === "tr";
}

/** "Foster parenting": before the table, in the table's parent. */
function placeFostered(open: OpenElements, node: HtmlNode): void {
  const at = open.stack.findLastIndex((element) => element.tag === "table");
  const table = open.stack[at];
  const above = open.stack[at - 1] ?? open.current();
  if (table?.parent === undefined) insertNode(above, node);
  else insertNode(table.parent, node, table);
}

export function ensureBody(building: Building, attributes = new Map<string, string>()): void {
  if (building.body !== undefined) return;
  while (building.open.stack.length > 1) building.open.pop();
  building.body = createElement("body", attributes);
  building.insert(building.body);
}

function addText(building: Building, tables: TableRules, text: string): void {
  const { open } = building;
  const isBlank = /^[\t\n\f\r ]*$/.test(text);
  const parent = open.current();
  if (parent === building.root || parent === building.head) {
    if (isBlank && building.body === undefined) return;
    ensureBody(building);
  }
  const node: HtmlNode = { kind: "text", text };
  if (isForeign(parent)) {
    building.append(node);
    return;
  }
  const misplaced = !isBlank && tables.inTable();
  if (!isRaw(open.current().tag) && !(isBlank && isTableStructure(open.current().tag))) {
    building.fostering = misplaced;
    building.reconstruct();
  }
  building.fostering = misplaced;
  building.append(node);
  building.fostering = false;
}

function isRaw(tag: string): boolean {
  return /^(?:style|script|title|textarea|template|iframe|noembed|noframes|noscript|select|option|optgroup)$/.test(tag);
}

function startHead(building: Building, tag: string, attributes: Map<string, string>): boolean {
  const { open } = building;
  if (tag === "html" || tag === "body") {
    const element = tag === "html" ? building.root : building.body;
    if (element === undefined) ensureBody(building, attributes);
    else for (const [name, value] of attributes) if (!element.attributes.has(name)) element.attributes.set(name, value);
    return true;
  }
  if (tag === "head") {
    if (building.head === undefined && building.body === undefined) openHead(building, attributes);
    return true;
  }
  if (building.body !== undefined || !headTags.has(tag)) return tag === "frame" || tag === "frameset";
  if (open.current() === building.root) openHead(building);
  building.insert(createElement(tag, attributes), voidTags.has(tag));
  return true;
}

function openHead(building: Building, attributes = new Map<string, string>()): void {
  if (building.head === undefined) {
    building.head = createElement("head", attributes);
    building.insert(building.head);
  } else building.open.push(building.head);
}

function startInBody(building: Building, tag: string, attributes: Map<string, string>): void {
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

function endInBody(building: Building, tag: string): void {
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
  if (blockTags.has(tag) || tag === "li" || tag === "dd" || tag === "dt" || tag === "button" || markerTags.has(tag)) {
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

function placer(building: Building): (node: ElementNode, target: ElementNode) => void {
  return (node, target) => {
    if (isTableStructure(target.tag)) placeFostered(building.open, node);
    else insertNode(target, node);
  };
}

function isForeign(element: ElementNode): boolean {
  return element.foreign && !integrationTags.has(element.tag);
}

function startForeign(
  building: Building,
  tag: string,
  attributes: Map<string, string>,
  selfClosing: boolean,
): boolean {
  const { open } = building;
  if (!isForeign(open.current())) {
    if (selfClosing && (tag === "svg" || tag === "math")) {
      building.append(createElement(tag, attributes, true));
      return true;
    }
    return false;
  }
  const breaksOut =
    foreignBreakouts.has(tag) ||
    (tag === "font" && ["color", "face", "size"].some((name) => attributes.has(name)));
  if (breaksOut) {
    while (isForeign(open.current()) && open.stack.length > 1) open.pop();
    return false;
  }
  building.insert(createElement(tag, attributes, true), selfClosing);
  return true;
}
