// Builds the tree from tags and text by the rules of HTML tree construction (HTML Living Standard §13.2.6), script left out.
import { endInBody, startInBody } from "./body-rules.ts";
import {
  type Building,
  createBuilding,
  ensureBody,
  isForeign,
  isTableStructure,
} from "./building.ts";
import { startHead } from "./head-rules.ts";
import { createElement, type ElementNode, type HtmlNode } from "./node.ts";
import { createTableRules, type TableRules } from "./table-rules.ts";
import { foreignBreakouts } from "./tag-sets.ts";

export interface TreeBuilder {
  start(tag: string, attributes: Map<string, string>, selfClosing: boolean): void;
  end(tag: string): void;
  text(text: string): void;
  comment(text: string): void;
  inForeignContent(): boolean;
  finish(): ElementNode;
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
  return /^(?:style|script|title|textarea|template|iframe|noembed|noframes|noscript|select|option|optgroup)$/.test(
    tag,
  );
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
