// The tree in the making: where the next node goes (HTML Living Standard §13.2.6.1).
import { exceeds, limits } from "../limits.ts";
import { createElement, type ElementNode, type HtmlNode, insertNode } from "./node.ts";
import { boundDepth, createOpenElements, type OpenElements } from "./open-elements.ts";
import { integrationTags } from "./tag-sets.ts";

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

export function createBuilding(quirks: () => boolean): Building {
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

/** For the adoption agency: what cannot stand in a table goes before it. */
export function placer(building: Building): (node: ElementNode, target: ElementNode) => void {
  return (node, target) => {
    if (isTableStructure(target.tag)) placeFostered(building.open, node);
    else insertNode(target, node);
  };
}

/** In SVG or MathML, where other rules hold. */
export function isForeign(element: ElementNode): boolean {
  return element.foreign && !integrationTags.has(element.tag);
}
