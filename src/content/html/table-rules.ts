// Tree construction inside tables (HTML Living Standard §13.2.6.4.9–15): implied rows and bodies, misplaced content.
import type { Building } from "./building.ts";
import { createElement } from "./node.ts";
import { tableTags } from "./tag-sets.ts";

type Mode = "none" | "table" | "section" | "row" | "cell" | "caption" | "colgroup";

type Attributes = Map<string, string>;

export interface TableRules {
  /** True where content here does not belong into the table's structure. */
  inTable(): boolean;
  /** True where the tag was dealt with. */
  start(tag: string, attributes: Attributes): boolean;
  end(tag: string): boolean;
}

const modes: Readonly<Record<string, Mode>> = {
  table: "table",
  tbody: "section",
  thead: "section",
  tfoot: "section",
  tr: "row",
  td: "cell",
  th: "cell",
  caption: "caption",
  colgroup: "colgroup",
  template: "none",
};

export function createTableRules(
  building: Building,
  startInBody: (tag: string, attributes: Attributes) => void,
): TableRules {
  return {
    inTable: () => isStructure(modeOf(building)),
    start: (tag, attributes) => start(building, tag, attributes, startInBody),
    end: (tag) => end(building, tag),
  };
}

function isStructure(mode: Mode): boolean {
  return mode === "table" || mode === "section" || mode === "row" || mode === "colgroup";
}

/** The insertion mode: the nearest part of a table that is open. */
function modeOf({ open }: Building): Mode {
  if (!open.isOpen("table")) return "none";
  for (let index = open.stack.length - 1; index > 0; index -= 1) {
    const found = modes[open.stack[index]?.tag ?? ""];
    if (found !== undefined) return found;
  }
  return "none";
}

function clearTo({ open }: Building, ...tags: string[]): void {
  while (open.stack.length > 1) {
    const { tag } = open.current();
    if (tags.includes(tag) || tag === "template") return;
    open.pop();
  }
}

function insert(building: Building, tag: string, attributes: Attributes, isVoid = false): void {
  building.insert(createElement(tag, attributes), isVoid);
}

function closeCell({ open }: Building): void {
  open.closeImplied();
  while (open.stack.length > 1) {
    const tag = open.pop()?.tag;
    if (tag === "td" || tag === "th" || tag === "caption") break;
  }
  open.clearFormattingToMarker();
}

function startStructure(building: Building, tag: string, attributes: Attributes): void {
  const { open } = building;
  const mode = modeOf(building);
  if (mode === "cell" || mode === "caption") closeCell(building);
  switch (tag) {
    case "col":
      if (modeOf(building) !== "colgroup") {
        clearTo(building, "table");
        insert(building, "colgroup", new Map());
      }
      insert(building, tag, attributes, true);
      return;
    case "caption":
      open.formatting.push("marker");
      break;
    case "tr":
      clearTo(building, "table", "tbody", "thead", "tfoot");
      if (open.current().tag === "table") insert(building, "tbody", new Map());
      insert(building, tag, attributes);
      return;
    case "td":
    case "th":
      openRow(building);
      insert(building, tag, attributes);
      open.formatting.push("marker");
      return;
  }
  clearTo(building, "table");
  insert(building, tag, attributes);
}

function openRow(building: Building): void {
  const { open } = building;
  clearTo(building, "table", "tbody", "thead", "tfoot", "tr");
  if (open.current().tag === "table") insert(building, "tbody", new Map());
  if (open.current().tag !== "tr") insert(building, "tr", new Map());
}

function start(
  building: Building,
  tag: string,
  attributes: Attributes,
  startInBody: (tag: string, attributes: Attributes) => void,
): boolean {
  const { open } = building;
  const mode = modeOf(building);
  if (mode === "none") return false;
  if (tableTags.has(tag)) {
    startStructure(building, tag, attributes);
    return true;
  }
  if (mode === "cell" || mode === "caption") return false;
  switch (tag) {
    case "table":
      open.popUntil("table");
      return false;
    case "style":
    case "script":
    case "template":
      insert(building, tag, attributes);
      return true;
    case "form":
      if (!open.isOpen("form")) insert(building, tag, attributes, true);
      return true;
    case "input":
      if (attributes.get("type")?.toLowerCase() !== "hidden") break;
      insert(building, tag, attributes, true);
      return true;
  }
  if (mode === "colgroup") clearTo(building, "table");
  building.fostering = true;
  startInBody(tag, attributes);
  building.fostering = false;
  return true;
}

function end(building: Building, tag: string): boolean {
  const { open } = building;
  const mode = modeOf(building);
  if (mode === "none") return tableTags.has(tag);
  if (tag !== "table" && !tableTags.has(tag)) return false;
  if (!open.inScope(tag, "table")) return true;
  if (mode !== "cell" && mode !== "caption") {
    open.popUntil(tag);
    return true;
  }
  const isOwn = tag === open.stack.findLast((element) => modes[element.tag] === mode)?.tag;
  if (!isOwn && (tag === "td" || tag === "th" || tag === "caption")) return true;
  closeCell(building);
  if (!isOwn) open.popUntil(tag);
  return true;
}
