// Pseudo-classes of selectors, for a page that nobody hovers, clicks or types in.
import type { ElementNode } from "../html/node.ts";
import { exceeds, limits } from "../limits.ts";
import {
  type MatchContext,
  matchesSelector,
  type PseudoTest,
  type Selector,
  siblingsOf,
} from "./selector.ts";

interface ReadPseudo {
  readonly test: PseudoTest;
  readonly specificity: number;
}

type ParseInner = (text: string, relative: boolean) => readonly (Selector | undefined)[];

const never: PseudoTest = () => false;
const isLink: PseudoTest = (element) =>
  (element.tag === "a" || element.tag === "area") && element.attributes.has("href");
const isForm = /^(?:input|select|textarea|button|option|optgroup|fieldset)$/;

const plain: Readonly<Record<string, PseudoTest>> = {
  root: (element) => element.parent === undefined,
  scope: (element) => element.parent === undefined,
  "first-child": (element, context) => siblingsOf(element, context)[0] === element,
  "last-child": (element, context) => siblingsOf(element, context).at(-1) === element,
  "only-child": (element, context) => siblingsOf(element, context).length === 1,
  "first-of-type": (element, context) => sameTag(element, context)[0] === element,
  "last-of-type": (element, context) => sameTag(element, context).at(-1) === element,
  "only-of-type": (element, context) => sameTag(element, context).length === 1,
  empty: (element) =>
    element.children.every(
      (child) => child.kind === "comment" || (child.kind === "text" && child.text === ""),
    ),
  link: isLink,
  "any-link": isLink,
  "-webkit-any-link": isLink,
  defined: () => true,
  checked: (element) =>
    (element.tag === "input" && element.attributes.has("checked")) ||
    (element.tag === "option" && element.attributes.has("selected")),
  disabled: (element) => isForm.test(element.tag) && element.attributes.has("disabled"),
  enabled: (element) => isForm.test(element.tag) && !element.attributes.has("disabled"),
  open: (element) =>
    (element.tag === "details" || element.tag === "dialog") && element.attributes.has("open"),
  required: (element) => isForm.test(element.tag) && element.attributes.has("required"),
  optional: (element) =>
    /^(?:input|select|textarea)$/.test(element.tag) && !element.attributes.has("required"),
  "read-only": (element) => !/^(?:input|textarea)$/.test(element.tag),
  "read-write": (element) => /^(?:input|textarea)$/.test(element.tag),
};
const neverTrue = new Set(
  "visited hover active focus focus-within focus-visible target target-within target-current indeterminate default valid invalid user-valid user-invalid in-range out-of-range placeholder-shown autofill -webkit-autofill fullscreen -webkit-full-screen modal popover-open picture-in-picture playing paused muted seeking stalled buffering host future past current local-link blank".split(
    " ",
  ),
);

/** undefined: no browser knows it, and the rule is dropped. */
export function readPseudoClass(
  name: string,
  argument: string | undefined,
  parseInner: ParseInner,
): ReadPseudo | undefined {
  if (argument === undefined) {
    const test = plain[name] ?? (neverTrue.has(name) ? never : undefined);
    return test === undefined ? undefined : { test, specificity: 1000 };
  }
  switch (name) {
    case "not":
    case "is":
    case "where":
    case "matches":
    case "-webkit-any":
    case "has":
      return readLogical(name, argument, parseInner);
    case "nth-child":
    case "nth-last-child":
    case "nth-of-type":
    case "nth-last-of-type":
      return readNth(name, argument, parseInner);
    case "lang":
      return { test: languageTest(argument), specificity: 1000 };
    case "dir":
      return {
        test: (element) => directionOf(element) === argument.toLowerCase(),
        specificity: 1000,
      };
    case "host":
    case "host-context":
    case "state":
    case "active-view-transition-type":
      return { test: never, specificity: 1000 };
    default:
      return undefined;
  }
}

function readLogical(
  name: string,
  argument: string,
  parseInner: ParseInner,
): ReadPseudo | undefined {
  const inner = parseInner(argument, name === "has");
  const selectors = inner.filter((selector) => selector !== undefined);
  const forgiving = name === "is" || name === "where";
  if (!forgiving && (selectors.length !== inner.length || selectors.length === 0)) return undefined;
  if (selectors.some((selector) => selector.pseudoElement !== undefined)) return undefined;
  const specificity =
    name === "where" ? 0 : Math.max(0, ...selectors.map((selector) => selector.specificity));
  const test: PseudoTest =
    name === "has"
      ? (element, context) => selectors.some((selector) => has(element, selector, context))
      : (element, context) =>
          selectors.some((selector) => matchesSelector(selector, element, context)) !==
          (name === "not");
  return { test, specificity };
}

/** The relative selector's last compound must be found below (or behind) the element, its first standing to it as asked. */
function has(element: ElementNode, selector: Selector, context: MatchContext): boolean {
  const lead = selector.lead ?? " ";
  const anchored: Selector = {
    ...selector,
    compounds: [
      { tag: undefined, ids: [], classes: [], tests: [(candidate) => candidate === element] },
      ...selector.compounds,
    ],
    combinators: [lead, ...selector.combinators],
    ancestorBits: 0,
  };
  const roots =
    lead === "+" || lead === "~"
      ? siblingsOf(element, context).slice(siblingsOf(element, context).indexOf(element) + 1)
      : [element];
  const stack: ElementNode[] = [...roots];
  while (stack.length > 0) {
    const candidate = stack.pop();
    if (candidate === undefined) break;
    context.steps += 1;
    if (context.steps > limits.selectorSteps)
      exceeds("has style rules that take too long to apply");
    if (candidate !== element && matchesSelector(anchored, candidate, context)) return true;
    for (const child of candidate.children) if (child.kind === "element") stack.push(child);
  }
  return false;
}

function readNth(name: string, argument: string, parseInner: ParseInner): ReadPseudo | undefined {
  const [formula = "", of] = argument.split(/\s+of\s+/i);
  const step = parseNth(formula.trim().toLowerCase());
  if (step === undefined) return undefined;
  const list = of === undefined ? undefined : parseInner(of, false);
  if (list?.some((selector) => selector === undefined) === true) return undefined;
  const filters = list?.filter((selector) => selector !== undefined);
  const extra =
    filters === undefined ? 0 : Math.max(0, ...filters.map((selector) => selector.specificity));
  const fromEnd = name.includes("last");
  const byType = name.endsWith("of-type");
  const test: PseudoTest = (element, context) => {
    let list = byType ? sameTag(element, context) : siblingsOf(element, context);
    if (filters !== undefined)
      list = list.filter((sibling) =>
        filters.some((filter) => matchesSelector(filter, sibling, context)),
      );
    const index = list.indexOf(element);
    if (index === -1) return false;
    context.steps += Math.ceil(list.length / 64);
    const position = fromEnd ? list.length - index : index + 1;
    const difference = position - step.b;
    return step.a === 0 ? difference === 0 : difference % step.a === 0 && difference / step.a >= 0;
  };
  return { test, specificity: 1000 + extra };
}

function parseNth(text: string): { a: number; b: number } | undefined {
  if (text === "odd") return { a: 2, b: 1 };
  if (text === "even") return { a: 2, b: 0 };
  if (/^[+-]?\d+$/.test(text)) return { a: 0, b: Number(text) };
  const match = /^([+-]?\d*)n(?:\s*([+-])\s*(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const sign = match[1] ?? "";
  const a = sign === "" || sign === "+" ? 1 : sign === "-" ? -1 : Number(sign);
  const b = match[3] === undefined ? 0 : Number(`${match[2] ?? ""}${match[3]}`);
  return { a, b };
}

function sameTag(element: ElementNode, context: MatchContext): readonly ElementNode[] {
  return siblingsOf(element, context).filter((sibling) => sibling.tag === element.tag);
}

function languageTest(argument: string): PseudoTest {
  const wanted = argument
    .toLowerCase()
    .split(",")
    .map((part) => part.trim().replace(/["']/g, ""));
  return (element) => {
    for (let up: ElementNode | undefined = element; up !== undefined; up = up.parent) {
      const own = up.attributes.get("lang")?.toLowerCase();
      if (own !== undefined)
        return wanted.some((language) => own === language || own.startsWith(`${language}-`));
    }
    return false;
  };
}

function directionOf(element: ElementNode): string {
  for (let up: ElementNode | undefined = element; up !== undefined; up = up.parent) {
    const own = up.attributes.get("dir")?.toLowerCase();
    if (own === "ltr" || own === "rtl") return own;
  }
  return "ltr";
}
