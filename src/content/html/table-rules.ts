// Tree construction inside tables (HTML Living Standard §13.2.6.4.9–15): implied rows and bodies, misplaced content.
import { createElement } from "./node.ts";
import type { Building } from "./tree-builder.ts";
import { tableTags } from "./tag-sets.ts";

type Mode = "none" | "table" | "section" | "row" | "cell" | "caption" | "colgroup";

export interface TableRules {
  /** True where content here does not belong into the table's structure. */
  inTable(): boolean;
  /** True where the tag was dealt with. */
  start(tag: string, attributes: Map<string, string>): boolean;
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
  startInBody: (tag: string, attributes: Map<string, string>) => void,
): TableRules {
  const { open } = building;
  const mode = (): Mode => {
    if (!open.isOpen("table")) return "none";
    for (let index = open.stack.length - 1; index > 0; index -= 1) {
      const found = modes[open.stack[index]?.tag ?? ""];
      if (found !== undefined) return found;
    }
    return "none";
  };
  const clearTo = (...tags: string[]): void => {
    while (open.stack.length > 1 && !tags.includes(open.current().tag) && open.current().tag !== "template") open.pop();
  };
  const insert = (tag: string, attributes = new Map<string, string>(), isVoid = false): void => {
    building.insert(createElement(tag, attributes), isVoid);
  };
  const closeCell = (): void => {
    open.closeImplied();
    while (open.stack.length > 1) {
      const tag = open.pop()?.tag;
      if (tag === "td" || tag === "th" || tag === "caption") break;
    }
    open.clearFormattingToMarker();
  };
  const openRow = (): void => {
    clearTo("table", "tbody", "thead", "tfoot", "tr");
    if (open.current().tag === "table") insert("tbody");
    if (open.current().tag !== "tr") insert("tr");
  };
  const startStructure = (tag: string, attributes: Map<string, string>): void => {
    const now = mode();
    if (now === "cell" || now === "caption") closeCell();
    if (mode() === "colgroup" && tag !== "col") clearTo("table");
    switch (tag) {
      case "caption":
      case "colgroup":
        clearTo("table");
        if (tag === "caption") open.formatting.push("marker");
        insert(tag, attributes);
        return;
      case "col":
        if (mode() !== "colgroup") {
          clearTo("table");
          insert("colgroup");
        }
        insert(tag, attributes, true);
        return;
      case "tbody":
      case "thead":
      case "tfoot":
        clearTo("table");
        insert(tag, attributes);
        return;
      case "tr":
        clearTo("table", "tbody", "thead", "tfoot");
        if (open.current().tag === "table") insert("tbody");
        insert(tag, attributes);
        return;
      default: // td, th
        openRow();
        insert(tag, attributes);
        open.formatting.push("marker");
    }
  };
  return {
    inTable: () => isStructure(mode()),
    start(tag, attributes) {
      const now = mode();
      if (now === "none") return false;
      if (tableTags.has(tag)) {
        startStructure(tag, attributes);
        return true;
      }
      if (now === "cell" || now === "caption") return false;
      if (tag === "table") {
        open.popUntil("table");
        return false;
      }
      if (tag === "style" || tag === "script" || tag === "template") {
        insert(tag, attributes);
        return true;
      }
      if (tag === "input" && attributes.get("type")?.toLowerCase() === "hidden") {
        insert(tag, attributes, true);
        return true;
      }
      if (tag === "form") {
        if (!open.isOpen("form")) insert(tag, attributes, true);
        return true;
      }
      if (now === "colgroup") clearTo("table");
      building.fostering = true;
      startInBody(tag, attributes);
      building.fostering = false;
      return true;
    },
    end(tag) {
      const now = mode();
      if (now === "none") return tableTags.has(tag);
      if (tag !== "table" && !tableTags.has(tag)) return false;
      if (!open.inScope(tag, "table")) return true;
      if (now === "cell" || now === "caption") {
        if (tag !== open.stack.findLast((element) => modes[element.tag] === now)?.tag) {
          if (tag === "td" || tag === "th" || tag === "caption") return true;
          closeCell();
          open.popUntil(tag);
          return true;
        }
        closeCell();
        return true;
      }
      open.popUntil(tag);
      return true;
    },
  };
}

function isStructure(mode: Mode): boolean {
  return mode === "table" || mode === "section" || mode === "row" || mode === "colgroup";
}
