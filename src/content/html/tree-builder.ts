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
import { type CommentNode, createElement, type ElementNode, type TextNode } from "./node.ts";
import { createTableRules, type TableRules } from "./table-rules.ts";
import { foreignBreakouts } from "./tag-sets.ts";

export interface TreeBuilder {
  start(tag: string, attributes: Map<string, string>, selfClosing: boolean): void;
  end(tag: string): void;
  text(text: string): void;
  /** False where the comment is left out. */
  comment(node: CommentNode): boolean;
  inForeignContent(): boolean;
  finish(): ElementNode;
}

/** `onText` hears of all text since the last tag: the node it became, or undefined where it is not one whole. */
export function createTreeBuilder(
  quirks: () => boolean,
  onText: (node: TextNode | undefined) => void = () => undefined,
): TreeBuilder {
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
    const mayCut = skipNewline;
    const text = mayCut && pending.startsWith("\n") ? pending.slice(1) : pending;
    pending = "";
    skipNewline = false;
    const node = text === "" ? undefined : addText(building, tables, text);
    onText(mayCut ? undefined : node);
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
    comment(node) {
      if (skipping !== "") return false;
      flush();
      building.append(node);
      return true;
    },
    finish() {
      flush();
      ensureBody(building);
      return building.root;
    },
  };
}

/** undefined where the text is left out. */
function addText(building: Building, tables: TableRules, text: string): TextNode | undefined {
  const { open } = building;
  const isBlank = /^[\t\n\f\r ]*$/.test(text);
  const parent = open.current();
  if (parent === building.root || parent === building.head) {
    if (isBlank && building.body === undefined) return undefined;
    ensureBody(building);
  }
  const node: TextNode = { kind: "text", text };
  if (isForeign(parent)) {
    building.append(node);
    return node;
  }
  const misplaced = !isBlank && tables.inTable();
  if (!isRaw(open.current().tag) && !(isBlank && isTableStructure(open.current().tag))) {
    building.fostering = misplaced;
    building.reconstruct();
  }
  building.fostering = misplaced;
  building.append(node);
  building.fostering = false;
  return node;
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
