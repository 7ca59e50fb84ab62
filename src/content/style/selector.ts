// Selectors (Selectors 4): parsed once, matched from the right, with a budget of steps for each message.
import type { ElementNode } from "../html/node.ts";
import { exceeds, limits } from "../limits.ts";
import { type PseudoTest, readPseudoClass } from "./pseudo-class.ts";
import { splitTop, stringEnd, unescapeCss } from "./split.ts";

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
  /** For :has(): how the first compound stands to the element. */
  readonly lead?: Combinator;
}

export interface MatchContext {
  readonly quirks: boolean;
  readonly root: ElementNode;
  steps: number;
  readonly siblings: Map<ElementNode, readonly ElementNode[]>;
}

const compoundsMax = 30; // in one selector; real ones have up to 6
const selectorsMax = 500; // in one list

/** undefined: one part is no selector, so that a browser drops the whole rule. `parents` stands for `&`. */
export function parseSelectorList(text: string, parents?: readonly Selector[], depth = 0): readonly Selector[] | undefined {
  const pieces = splitTop(normalizeComments(text), ",");
  if (pieces.length === 0 || pieces.length > selectorsMax || depth > 8) return undefined;
  const selectors: Selector[] = [];
  for (const piece of pieces) {
    const selector = parseSelector(piece, parents, depth);
    if (selector === undefined) return undefined;
    selectors.push(selector);
  }
  return selectors;
}

function normalizeComments(text: string): string {
  return text.includes("/*") ? text.replace(/\/\*[\s\S]*?\*\//g, "") : text;
}

interface Draft {
  tag: string | undefined;
  ids: string[];
  classes: string[];
  attribute?: string;
  tests: PseudoTest[];
  empty: boolean;
}

function draft(): Draft {
  return { tag: undefined, ids: [], classes: [], tests: [], empty: true };
}

const namePattern =
  /^(?:--|-?(?:[a-zA-Z_\u0080-\uffff]|\\[0-9a-fA-F]{1,6}\s?|\\[^\n]))(?:[-\w\u0080-\uffff]|\\[0-9a-fA-F]{1,6}\s?|\\[^\n])*|^--/;
const hashPattern = /^(?:[-\w\u0080-\uffff]|\\[0-9a-fA-F]{1,6}\s?|\\[^\n])+/;

export function parseSelector(
  text: string,
  parents: readonly Selector[] | undefined,
  depth: number,
  relative = false,
): Selector | undefined {
  let rest = text.trim();
  const compounds: Compound[] = [];
  const combinators: Combinator[] = [];
  let specificity = 0;
  let pseudoElement: string | undefined;
  let lead: Combinator | undefined;
  let usesParent = false;
  let current = draft();
  const leading = /^[>+~]/.exec(rest)?.[0];
  if (leading !== undefined) {
    if (!relative && parents === undefined) return undefined;
    lead = toCombinator(leading);
    rest = rest.slice(1).trimStart();
  }
  while (rest !== "") {
    const gap = /^\s*([>+~])\s*|^\s+/.exec(rest);
    if (gap !== null) {
      if (current.empty || pseudoElement !== undefined || compounds.length > compoundsMax) return undefined;
      compounds.push(current);
      combinators.push(toCombinator(gap[1] ?? " "));
      current = draft();
      rest = rest.slice(gap[0].length);
      if (rest === "") return undefined;
      continue;
    }
    if (rest.startsWith("&")) {
      if (parents !== undefined) {
        const list = parents;
        current.tests.push((element, context) => list.some((parent) => matchesSelector(parent, element, context)));
        specificity += Math.max(...list.map((parent) => parent.specificity));
      }
      usesParent = true;
      current.empty = false;
      rest = rest.slice(1);
      continue;
    }
    const step = readSimple(rest, current, depth, parents);
    if (step === undefined || (pseudoElement !== undefined && step.specificity < 0)) return undefined;
    if (step.pseudoElement !== undefined) pseudoElement = step.pseudoElement;
    specificity += step.specificity;
    current.empty = false;
    rest = rest.slice(step.length);
  }
  if (current.empty) return undefined;
  compounds.push(current);
  if (parents !== undefined && (!usesParent || lead !== undefined)) {
    const parentTest: Compound = {
      ...draft(),
      tests: [(element, context) => parents.some((parent) => matchesSelector(parent, element, context))],
    };
    compounds.unshift(parentTest);
    combinators.unshift(lead ?? " ");
    specificity += Math.max(...parents.map((parent) => parent.specificity));
  }
  const base = { compounds, combinators, specificity, pseudoElement };
  return lead !== undefined && parents === undefined ? { ...base, lead } : base;
}

function toCombinator(text: string): Combinator {
  return text === ">" || text === "+" || text === "~" ? text : " ";
}

interface Step {
  readonly length: number;
  readonly specificity: number;
  readonly pseudoElement?: string;
}

function readSimple(rest: string, current: Draft, depth: number, parents: readonly Selector[] | undefined): Step | undefined {
  const first = rest.charAt(0);
  if (first === "*") return current.empty ? { length: rest.startsWith("*|*") ? 3 : 1, specificity: 0 } : undefined;
  if (first === "#" || first === ".") {
    const name = first === "#" ? hashPattern.exec(rest.slice(1))?.[0] : namePattern.exec(rest.slice(1))?.[0];
    if (name === undefined) return undefined;
    (first === "#" ? current.ids : current.classes).push(unescapeCss(name));
    return { length: name.length + 1, specificity: first === "#" ? 1_000_000 : 1000 };
  }
  if (first === "[") return readAttribute(rest, current);
  if (first === ":") return readPseudo(rest, current, depth, parents);
  const tag = namePattern.exec(rest)?.[0];
  if (tag === undefined || !current.empty) return undefined;
  current.tag = unescapeCss(tag).toLowerCase();
  return { length: tag.length, specificity: 1 };
}

function readAttribute(rest: string, current: Draft): Step | undefined {
  const end = attributeEnd(rest);
  if (end === -1) return undefined;
  const match =
    /^\[\s*(?:\*?\|)?((?:[-\w\u0080-\uffff]|\\.)+)\s*(?:([~|^$*]?=)\s*("[\s\S]*"|'[\s\S]*'|(?:[-\w\u0080-\uffff]|\\.)+)\s*([iIsS])?\s*)?\]$/.exec(
      rest.slice(0, end + 1),
    );
  if (match === null) return undefined;
  const name = unescapeCss(match[1] ?? "").toLowerCase();
  const written = match[3] ?? "";
  const unquoted = /^["']/.test(written) ? written.slice(1, -1) : written;
  const ignoreCase = match[4]?.toLowerCase() === "i" || caselessAttributes.has(name);
  const wanted = ignoreCase ? unescapeCss(unquoted).toLowerCase() : unescapeCss(unquoted);
  const operator = match[2];
  current.attribute = name;
  current.tests.push((element) => {
    const found = element.attributes.get(name);
    if (found === undefined) return false;
    return operator === undefined || compare(ignoreCase ? found.toLowerCase() : found, operator, wanted);
  });
  return { length: end + 1, specificity: 1000 };
}

/** Attributes whose values HTML compares without case in selectors. */
const caselessAttributes = new Set(
  "align bgcolor charset color dir disabled face hidden lang media method rel shape type valign".split(" "),
);

function attributeEnd(text: string): number {
  for (let index = 1; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"' || character === "'") index = stringEnd(text, index);
    else if (character === "]") return index;
  }
  return -1;
}

function compare(found: string, operator: string, wanted: string): boolean {
  switch (operator) {
    case "=":
      return found === wanted;
    case "~=":
      return wanted !== "" && !/\s/.test(wanted) && found.split(/\s+/).includes(wanted);
    case "|=":
      return found === wanted || found.startsWith(`${wanted}-`);
    case "^=":
      return wanted !== "" && found.startsWith(wanted);
    case "$=":
      return wanted !== "" && found.endsWith(wanted);
    default:
      return wanted !== "" && found.includes(wanted);
  }
}

function readPseudo(rest: string, current: Draft, depth: number, parents: readonly Selector[] | undefined): Step | undefined {
  const match = /^(::?)((?:[-\w]|\\.)+)(\()?/.exec(rest);
  if (match === null) return undefined;
  const name = (match[2] ?? "").toLowerCase();
  let length = match[0].length;
  let argument: string | undefined;
  if (match[3] !== undefined) {
    const end = closingBracket(rest, length - 1);
    if (end === -1) return undefined;
    argument = rest.slice(length, end).trim();
    length = end + 1;
  }
  if (match[1] === "::" || /^(?:before|after|first-line|first-letter)$/.test(name)) {
    return isPseudoElement(name) ? { length, specificity: 1, pseudoElement: name } : undefined;
  }
  const read = readPseudoClass(name, argument, (text, relative) => parseInner(text, relative, depth + 1, parents));
  if (read === undefined) return undefined;
  current.tests.push(read.test);
  return { length, specificity: read.specificity };
}

function parseInner(text: string, relative: boolean, depth: number, parents: readonly Selector[] | undefined): readonly (Selector | undefined)[] {
  if (depth > 8) return [undefined];
  return splitTop(text, ",").map((piece) => parseSelector(piece, piece.includes("&") ? parents : undefined, depth, relative));
}

function isPseudoElement(name: string): boolean {
  return (
    /^(?:before|after|first-line|first-letter|marker|selection|placeholder|backdrop|file-selector-button|target-text|cue|slotted|part|details-content|highlight|spelling-error|grammar-error|view-transition.*)$/.test(
      name,
    ) || name.startsWith("-webkit-")
  );
}

export function closingBracket(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"' || character === "'") index = stringEnd(text, index);
    else if (character === "\\") index += 1;
    else if (character === "(" || character === "[") depth += 1;
    else if (character === ")" || character === "]") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

export function matchesSelector(selector: Selector, element: ElementNode, context: MatchContext): boolean {
  return matchFrom(selector, selector.compounds.length - 1, element, context);
}

function matchFrom(selector: Selector, at: number, element: ElementNode, context: MatchContext): boolean {
  const compound = selector.compounds[at];
  if (compound === undefined || !matchesCompound(compound, element, context)) return false;
  if (at === 0) return true;
  switch (selector.combinators[at - 1]) {
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
    default:
      return false;
  }
}

export function matchesCompound(compound: Compound, element: ElementNode, context: MatchContext): boolean {
  context.steps += 1;
  if (context.steps > limits.selectorSteps) exceeds("has style rules that take too long to apply");
  if (compound.tag !== undefined && compound.tag !== element.tag) return false;
  for (const id of compound.ids) {
    const own = element.attributes.get("id");
    if (own === undefined || (context.quirks ? own.toLowerCase() !== id.toLowerCase() : own !== id)) return false;
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
