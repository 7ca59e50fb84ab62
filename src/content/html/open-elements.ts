// The stack of open elements and the list of active formatting elements (HTML Living Standard §13.2.4).
import { createElement, type ElementNode } from "./node.ts";
import { impliedEndTags, scopeTags, tableScopeTags } from "./tag-sets.ts";

/** Chromium attaches deeper elements beside their parents; so do we, which bounds every later walk. */
export const treeDepthMax = 512;
const sameFormattingMax = 3; // "Noah's Ark clause"

export type Formatting = ElementNode | "marker";
export type Scope = "default" | "button" | "list" | "table";

export interface OpenElements {
  readonly stack: ElementNode[];
  readonly formatting: Formatting[];
  current(): ElementNode;
  push(element: ElementNode): void;
  pop(): ElementNode | undefined;
  isOpen(tag: string): boolean;
  /** Nearest open element of that tag not shut off by a scope boundary. */
  inScope(tag: string, scope?: Scope): boolean;
  popUntil(tag: string): void;
  closeImplied(except?: string): void;
  removeFromStack(element: ElementNode): void;
  addFormatting(element: ElementNode): void;
  clearFormattingToMarker(): void;
  /** Opens again what was closed by a block's end but not by its own (calls `insert` for each). */
  reconstruct(insert: (element: ElementNode) => void): void;
  /** To be called after the stack was changed from outside. */
  recount(): void;
}

export function createOpenElements(root: ElementNode): OpenElements {
  const stack: ElementNode[] = [root];
  const formatting: Formatting[] = [];
  // How many of each tag are open: most questions are answered without a walk.
  const counts = new Map<string, number>([[root.tag, 1]]);
  const count = (tag: string, by: number): void => {
    counts.set(tag, (counts.get(tag) ?? 0) + by);
  };
  const current = (): ElementNode => stack.at(-1) ?? root;
  const pop = (): ElementNode | undefined => {
    if (stack.length <= 1) return undefined;
    const element = stack.pop();
    if (element !== undefined) count(element.tag, -1);
    return element;
  };
  const isOpen = (tag: string): boolean => (counts.get(tag) ?? 0) > 0;
  return {
    stack,
    formatting,
    current,
    pop,
    isOpen,
    push(element) {
      stack.push(element);
      count(element.tag, 1);
    },
    inScope: (tag, scope = "default") => isOpen(tag) && isInScope(stack, tag, scope),
    popUntil(tag) {
      while (stack.length > 1) if (pop()?.tag === tag) return;
    },
    closeImplied(except) {
      while (impliedEndTags.has(current().tag) && current().tag !== except) pop();
    },
    removeFromStack(element) {
      const index = stack.lastIndexOf(element);
      if (index <= 0) return;
      stack.splice(index, 1);
      count(element.tag, -1);
    },
    addFormatting(element) {
      dropFourth(formatting, element);
      formatting.push(element);
    },
    clearFormattingToMarker() {
      while (formatting.length > 0) if (formatting.pop() === "marker") return;
    },
    reconstruct(insert) {
      reconstruct(stack, formatting, insert);
    },
    recount() {
      counts.clear();
      for (const element of stack) count(element.tag, 1);
    },
  };
}

function isInScope(stack: readonly ElementNode[], tag: string, scope: Scope): boolean {
  const ends = scope === "table" ? tableScopeTags : scopeTags;
  for (let index = stack.length - 1; index >= 0; index -= 1) {
    const element = stack[index];
    if (element === undefined) return false;
    if (element.tag === tag && !element.foreign) return true;
    if (ends.has(element.tag)) return false;
    if (scope === "button" && element.tag === "button") return false;
    if (scope === "list" && (element.tag === "ol" || element.tag === "ul")) return false;
  }
  return false;
}

/** Of equal formatting elements behind the last marker no more than three are kept. */
function dropFourth(formatting: Formatting[], element: ElementNode): void {
  let same = 0;
  for (let index = formatting.length - 1; index >= 0; index -= 1) {
    const entry = formatting[index];
    if (entry === undefined || entry === "marker") return;
    if (sameElement(entry, element)) same += 1;
    if (same === sameFormattingMax) {
      formatting.splice(index, 1);
      return;
    }
  }
}

function reconstruct(
  stack: readonly ElementNode[],
  formatting: Formatting[],
  insert: (element: ElementNode) => void,
): void {
  let index = formatting.length - 1;
  const last = formatting[index];
  if (last === undefined || last === "marker" || stack.includes(last)) return;
  while (index > 0) {
    const entry = formatting[index - 1];
    if (entry === undefined || entry === "marker" || stack.includes(entry)) break;
    index -= 1;
  }
  for (; index < formatting.length; index += 1) {
    const entry = formatting[index];
    if (entry === undefined || entry === "marker") continue;
    const copy = createElement(entry.tag, new Map(entry.attributes));
    insert(copy);
    formatting[index] = copy;
  }
}

function sameElement(a: ElementNode, b: ElementNode): boolean {
  if (a.tag !== b.tag || a.attributes.size !== b.attributes.size) return false;
  for (const [name, value] of a.attributes) if (b.attributes.get(name) !== value) return false;
  return true;
}

/** The parent that a node gets when the tree is as deep as it may be. */
export function boundDepth(open: OpenElements, parent: ElementNode): ElementNode {
  return open.stack.length > treeDepthMax ? (parent.parent ?? parent) : parent;
}
