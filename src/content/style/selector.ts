// Selectors (Selectors 4), matched from the right, with a budget of steps for each message.
import type { ElementNode } from "../html/node.ts";
import { exceeds, limits } from "../limits.ts";
import { ancestryOf, bitOf } from "./ancestry.ts";

/** Whether an element is what a pseudo-class or attribute selector asks for. */
export type PseudoTest = (element: ElementNode, context: MatchContext) => boolean;

export type Combinator = " " | ">" | "+" | "~";

export interface Compound {
  readonly tag: string | undefined;
  readonly ids: readonly string[];
  readonly classes: readonly string[];
  /** An attribute that the element must have; its value is among the tests. */
  readonly attribute?: string;
  readonly tests: readonly PseudoTest[];
}

export interface Selector {
  /** From left to right; `combinators[i]` stands between compounds i and i+1. */
  readonly compounds: readonly Compound[];
  readonly combinators: readonly Combinator[];
  /** Ids · 10⁶ + classes · 10³ + tags. */
  readonly specificity: number;
  readonly pseudoElement: string | undefined;
  /** Bits of names that the element's ancestors must have (see ancestry.ts). */
  readonly ancestorBits: number;
  /** For :has(): how the first compound stands to the element. */
  readonly lead?: Combinator;
}

export interface MatchContext {
  readonly quirks: boolean;
  readonly root: ElementNode;
  steps: number;
  readonly siblings: Map<ElementNode, readonly ElementNode[]>;
}

export function matchesSelector(
  selector: Selector,
  element: ElementNode,
  context: MatchContext,
): boolean {
  const { ancestorBits } = selector;
  if (ancestorBits !== 0 && (ancestryOf(element) & ancestorBits) !== ancestorBits) return false;
  return matchFrom(selector, selector.compounds.length - 1, element, context);
}

/** A compound left of a space or > is an ancestor, also of what stands behind it in a row of siblings. */
export function ancestorBitsOf(
  compounds: readonly Compound[],
  combinators: readonly Combinator[],
): number {
  let bits = 0;
  for (const [index, combinator] of combinators.entries()) {
    const compound = compounds[index];
    if (compound === undefined || combinator === "+" || combinator === "~") continue;
    if (compound.tag !== undefined) bits |= bitOf(compound.tag);
    for (const name of [...compound.classes, ...compound.ids]) bits |= bitOf(name);
  }
  return bits;
}

function matchFrom(
  selector: Selector,
  at: number,
  element: ElementNode,
  context: MatchContext,
): boolean {
  const compound = selector.compounds[at];
  if (compound === undefined || !matchesCompound(compound, element, context)) return false;
  if (at === 0) return true;
  switch (selector.combinators[at - 1] ?? "none") {
    case " ": {
      for (let up = element.parent; up !== undefined; up = up.parent)
        if (matchFrom(selector, at - 1, up, context)) return true;
      return false;
    }
    case ">":
      return element.parent !== undefined && matchFrom(selector, at - 1, element.parent, context);
    case "+": {
      const before = siblingsOf(element, context);
      const previous = before[before.indexOf(element) - 1];
      return previous !== undefined && matchFrom(selector, at - 1, previous, context);
    }
    case "~": {
      const all = siblingsOf(element, context);
      for (let index = all.indexOf(element) - 1; index >= 0; index -= 1) {
        const previous = all[index];
        if (previous !== undefined && matchFrom(selector, at - 1, previous, context)) return true;
      }
      return false;
    }
    case "none":
      return false;
  }
}

export function matchesCompound(
  compound: Compound,
  element: ElementNode,
  context: MatchContext,
): boolean {
  context.steps += 1;
  if (context.steps > limits.selectorSteps) exceeds("has style rules that take too long to apply");
  if (compound.tag !== undefined && compound.tag !== element.tag) return false;
  for (const id of compound.ids) {
    const own = element.attributes.get("id");
    if (own === undefined || (context.quirks ? own.toLowerCase() !== id.toLowerCase() : own !== id))
      return false;
  }
  for (const name of compound.classes) {
    const has = context.quirks
      ? element.classes.some((own) => own.toLowerCase() === name.toLowerCase())
      : element.classes.includes(name);
    if (!has) return false;
  }
  for (const test of compound.tests) if (!test(element, context)) return false;
  return true;
}

export function siblingsOf(element: ElementNode, context: MatchContext): readonly ElementNode[] {
  const { parent } = element;
  if (parent === undefined) return [element];
  let list = context.siblings.get(parent);
  if (list === undefined) {
    list = parent.children.filter((child) => child.kind === "element");
    context.siblings.set(parent, list);
  }
  return list;
}
