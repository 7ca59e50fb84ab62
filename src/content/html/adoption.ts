// The adoption agency algorithm (HTML Living Standard §13.2.6.4.7): what happens to <b><p></b> and its like.
import { createElement, detach, type ElementNode, insertNode } from "./node.ts";
import type { OpenElements } from "./open-elements.ts";
import { specialTags } from "./tag-sets.ts";

const outerLoopMax = 8; // the standard's number
const innerLoopMax = 3; // the standard's number

/** Closes `tag`. False where it is no formatting element that is open: then it is an end tag like any other. */
export function closeFormatting(
  open: OpenElements,
  tag: string,
  place: (node: ElementNode, target: ElementNode) => void,
): boolean {
  const { stack, formatting } = open;
  if (open.current().tag === tag && !formatting.includes(open.current())) {
    open.pop();
    return true;
  }
  for (let round = 0; round < outerLoopMax; round += 1) {
    const element = findFormatting(open, tag);
    if (element === undefined) return round > 0;
    if (!stack.includes(element)) {
      remove(formatting, element);
      return true;
    }
    if (!open.inScope(tag)) return true;
    const at = stack.lastIndexOf(element);
    const furthest = stack.slice(at + 1).find((node) => specialTags.has(node.tag));
    if (furthest === undefined) {
      while (stack.length > at) open.pop();
      remove(formatting, element);
      return true;
    }
    adopt(open, element, furthest, place);
  }
  return true;
}

function adopt(
  open: OpenElements,
  element: ElementNode,
  furthest: ElementNode,
  place: (node: ElementNode, target: ElementNode) => void,
): void {
  const { stack, formatting } = open;
  const ancestor = stack[stack.lastIndexOf(element) - 1] ?? element;
  let bookmark = formatting.lastIndexOf(element);
  let last = furthest;
  let nodeAt = stack.lastIndexOf(furthest);
  for (let round = 1; ; round += 1) {
    nodeAt -= 1;
    let node = stack[nodeAt];
    if (node === undefined || node === element) break;
    const listed = formatting.lastIndexOf(node);
    if (round > innerLoopMax && listed !== -1) {
      formatting.splice(listed, 1);
      if (listed < bookmark) bookmark -= 1;
    }
    if (formatting.lastIndexOf(node) === -1) {
      stack.splice(nodeAt, 1);
      continue;
    }
    const copy = createElement(node.tag, new Map(node.attributes));
    formatting[formatting.lastIndexOf(node)] = copy;
    stack[nodeAt] = copy;
    node = copy;
    if (last === furthest) bookmark = formatting.lastIndexOf(node) + 1;
    detach(last);
    insertNode(node, last);
    last = node;
  }
  detach(last);
  place(last, ancestor);
  const copy = createElement(element.tag, new Map(element.attributes));
  copy.children = furthest.children;
  for (const child of copy.children) if (child.kind === "element") child.parent = copy;
  furthest.children = [];
  insertNode(furthest, copy);
  const listed = formatting.lastIndexOf(element);
  formatting.splice(listed, 1);
  formatting.splice(listed < bookmark ? bookmark - 1 : bookmark, 0, copy);
  stack.splice(stack.lastIndexOf(element), 1);
  stack.splice(stack.lastIndexOf(furthest) + 1, 0, copy);
  open.recount();
}

function findFormatting(open: OpenElements, tag: string): ElementNode | undefined {
  for (let index = open.formatting.length - 1; index >= 0; index -= 1) {
    const entry = open.formatting[index];
    if (entry === undefined || entry === "marker") return undefined;
    if (entry.tag === tag) return entry;
  }
  return undefined;
}

function remove(list: OpenElements["formatting"], element: ElementNode): void {
  const index = list.lastIndexOf(element);
  if (index !== -1) list.splice(index, 1);
}
