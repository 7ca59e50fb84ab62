// Reads selectors (Selectors 4, CSS Nesting 1) as a browser does: what it does not know makes the whole rule void.
import { readPseudoClass } from "./pseudo-class.ts";
import {
  ancestorBitsOf,
  type Combinator,
  type Compound,
  matchesSelector,
  type PseudoTest,
  type Selector,
} from "./selector.ts";
import { closingBracket, splitTop, stringEnd, unescapeCss } from "./split.ts";

const compoundsMax = 30; // in one selector; real ones have up to 6
const selectorsMax = 500; // in one list

/** undefined: one part is no selector, so that a browser drops the whole rule. `parents` stands for `&`. */
export function parseSelectorList(
  text: string,
  parents?: readonly Selector[],
  depth = 0,
): readonly Selector[] | undefined {
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
      if (current.empty || pseudoElement !== undefined || compounds.length > compoundsMax)
        return undefined;
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
        current.tests.push((element, context) =>
          list.some((parent) => matchesSelector(parent, element, context)),
        );
        specificity += Math.max(...list.map((parent) => parent.specificity));
      }
      usesParent = true;
      current.empty = false;
      rest = rest.slice(1);
      continue;
    }
    const step = readSimple(rest, current, depth, parents);
    if (step === undefined || (pseudoElement !== undefined && step.specificity < 0))
      return undefined;
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
      tests: [
        (element, context) => parents.some((parent) => matchesSelector(parent, element, context)),
      ],
    };
    compounds.unshift(parentTest);
    combinators.unshift(lead ?? " ");
    specificity += Math.max(...parents.map((parent) => parent.specificity));
  }
  const ancestorBits = ancestorBitsOf(compounds, combinators);
  const base = { compounds, combinators, specificity, pseudoElement, ancestorBits };
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

function readSimple(
  rest: string,
  current: Draft,
  depth: number,
  parents: readonly Selector[] | undefined,
): Step | undefined {
  const first = rest.charAt(0);
  if (first === "*")
    return current.empty ? { length: rest.startsWith("*|*") ? 3 : 1, specificity: 0 } : undefined;
  if (first === "#" || first === ".") {
    const name = namePattern.exec(rest.slice(1))?.[0];
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
    return (
      operator === undefined || compare(ignoreCase ? found.toLowerCase() : found, operator, wanted)
    );
  });
  return { length: end + 1, specificity: 1000 };
}

/** Attributes whose values HTML compares without case in selectors. */
const caselessAttributes = new Set(
  "align bgcolor charset color dir disabled face hidden lang media method rel shape type valign".split(
    " ",
  ),
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

function readPseudo(
  rest: string,
  current: Draft,
  depth: number,
  parents: readonly Selector[] | undefined,
): Step | undefined {
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
  const read = readPseudoClass(name, argument, (text, relative) =>
    parseInner(text, relative, depth + 1, parents),
  );
  if (read === undefined) return undefined;
  current.tests.push(read.test);
  return { length, specificity: read.specificity };
}

function parseInner(
  text: string,
  relative: boolean,
  depth: number,
  parents: readonly Selector[] | undefined,
): readonly (Selector | undefined)[] {
  if (depth > 8) return [undefined];
  return splitTop(text, ",").map((piece) =>
    parseSelector(piece, piece.includes("&") ? parents : undefined, depth, relative),
  );
}

function isPseudoElement(name: string): boolean {
  return (
    /^(?:before|after|first-line|first-letter|marker|selection|placeholder|backdrop|file-selector-button|target-text|cue|slotted|part|details-content|highlight|spelling-error|grammar-error|view-transition.*)$/.test(
      name,
    ) || name.startsWith("-webkit-")
  );
}
