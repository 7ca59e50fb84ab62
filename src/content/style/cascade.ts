// Which declaration wins for each property of one element (CSS Cascade 5).
import type { ElementNode } from "../html/node.ts";
import { exceeds, limits } from "../limits.ts";
import type { Setting } from "./declaration.ts";
import { presentationalHints } from "./hints.ts";
import { animated, type Timing } from "./keyframes.ts";
import type { Screen } from "./media.ts";
import type { Registry } from "./registered.ts";
import { type MatchContext, matchesSelector } from "./selector.ts";
import {
  loadStyleAttribute,
  loadStyleSheet,
  type StyleRule,
  type StyleSheet,
} from "./stylesheet.ts";
import { quirksSheet, userAgentSheet } from "./user-agent-sheet.ts";
import type { CssValue } from "./value.ts";

/** Winning values by longhand or custom property. */
export type Winners = ReadonlyMap<string, CssValue>;

export interface Cascade {
  /** The steps of matching are counted anew: the document is laid again. */
  restart(): void;
  winners(element: ElementNode): Winners;
  /** Custom properties with a type; empty as a rule. */
  readonly registered: Registry;
  /** Generated text of ::before and ::after, which no reader can copy; undefined where there is none. */
  generated(element: ElementNode): string | undefined;
  /** Winning values of ::before and ::after, where they make boxes. */
  generatedBoxes(element: ElementNode): readonly Winners[];
}

interface Match {
  readonly rule: StyleRule;
  readonly sheet: number;
}

/** `texts`: the part's style sheets in document order. */
export function createCascade(
  texts: readonly string[],
  root: ElementNode,
  quirks: boolean,
  screen: Screen = "desktop",
): Cascade {
  const context: MatchContext = { quirks, root, steps: 0, siblings: new Map() };
  const userAgent = loadUserAgent(quirks);
  const author = texts.map((text) => loadStyleSheet(text, quirks, screen));
  const rules = author.reduce((sum, sheet) => sum + sheet.ruleCount, 0);
  if (rules > limits.cssRules) exceeds(`has more than ${limits.cssRules} style rules`);
  const generates = author.some((sheet) => sheet.generates);
  const shared = new Map<string, Winners>();
  const registered: Registry = author.some((sheet) => sheet.registered.size > 0)
    ? new Map(author.flatMap((sheet) => [...sheet.registered]))
    : noRegistry;
  return {
    registered,
    restart() {
      context.steps = 0;
    },
    winners: (element) => cascade(element, { userAgent, author, context, shared }),
    generatedBoxes: (element) => (generates ? generatedBoxes(element, author, context) : []),
    generated: (element) => (generates ? generatedText(element, author, context) : undefined),
  };
}

interface Sources {
  readonly userAgent: UserAgent;
  readonly author: readonly StyleSheet[];
  readonly context: MatchContext;
  /** By what went into them: elements alike get the same map, and with it the same computed style. */
  readonly shared: Map<string, Winners>;
}

function cascade(element: ElementNode, sources: Sources): Winners {
  const { userAgent, author, context, shared } = sources;
  const byTag = userAgent.simple.get(element.tag) ?? noWinners;
  const own = collect(element, userAgent.contextual, context, undefined);
  const hints = presentationalHints(element);
  const matches = author.length === 0 ? [] : collect(element, author, context, undefined);
  const style = element.attributes.get("style");
  const inline = style === undefined ? noSettings : loadStyleAttribute(style, context.quirks);
  if (own.length + hints.length + matches.length + inline.length === 0) return byTag;
  let key = `${element.tag} ${numberOf(hints)} ${numberOf(inline)}`;
  for (const { rule } of own) key += ` ${numberOf(rule.settings)}`;
  key += " |";
  for (const { rule } of matches) key += ` ${numberOf(rule.settings)}`;
  let winners = shared.get(key);
  if (winners === undefined) {
    winners = decide(byTag, own, hints, matches, inline, author);
    shared.set(key, winners);
  }
  return winners;
}

const numbers = new WeakMap<readonly Setting[], number>();
let lastNumber = 0;

/** The same number for the same list, for as long as it lives. */
function numberOf(settings: readonly Setting[]): number {
  let number = numbers.get(settings);
  if (number === undefined) {
    lastNumber += 1;
    number = lastNumber;
    numbers.set(settings, number);
  }
  return number;
}

function decide(
  byTag: Winners,
  own: readonly Match[],
  hints: readonly Setting[],
  matches: readonly Match[],
  inline: readonly Setting[],
  author: readonly StyleSheet[],
): Winners {
  const winners = new Map(byTag);
  for (const { rule } of own) apply(rule.settings, false, winners, undefined);
  const base = own.length === 0 ? byTag : new Map(winners);
  apply(hints, false, winners, base);
  for (const { rule } of matches) apply(rule.settings, false, winners, base);
  apply(inline, false, winners, base);
  for (const settings of animations(winners, author)) apply(settings, false, winners, base);
  // Among important declarations the layers count the other way round.
  for (const { rule } of reverseLayers(matches)) apply(rule.settings, true, winners, base);
  apply(inline, true, winners, base);
  for (const { rule } of own) apply(rule.settings, true, winners, undefined);
  return winners;
}

/** What animations set (CSS Cascade 5 §6.1: above normal declarations). */
function animations(
  winners: Winners,
  author: readonly StyleSheet[],
): readonly (readonly Setting[])[] {
  const names = winners.get("animation-name");
  if (names?.kind !== "list") return [];
  const settings: (readonly Setting[])[] = [];
  for (const [index, name] of names.items.entries()) {
    const frames = author.findLast((sheet) => sheet.keyframes.has(name))?.keyframes.get(name);
    if (frames === undefined) continue;
    settings.push(animated(frames, timingOf(winners, index)));
  }
  return settings;
}

/** Lists that are shorter than the names begin again (CSS Animations 1 §4.2). */
function timingOf(winners: Winners, index: number): Timing {
  const item = (property: string): string => {
    const list = winners.get(property);
    return list?.kind === "list" ? (list.items[index % list.items.length] ?? "") : "";
  };
  const iterations = item("animation-iteration-count");
  return {
    durationSeconds: secondsOf(item("animation-duration")),
    delaySeconds: secondsOf(item("animation-delay")),
    iterations: iterations === "infinite" ? Number.POSITIVE_INFINITY : Number(iterations || "1"),
    fill: item("animation-fill-mode"),
    paused: item("animation-play-state") === "paused",
  };
}

function secondsOf(text: string): number {
  const value = Number.parseFloat(text);
  return Number.isNaN(value) ? 0 : text.endsWith("ms") ? value / 1000 : value;
}

const noRegistry: Registry = new Map();
const noWinners: Winners = new Map();
const noSettings: readonly Setting[] = [];

/** The browser's sheet: what a tag alone decides, worked out once, and the rules that look at more. */
interface UserAgent {
  readonly simple: ReadonlyMap<string, Winners>;
  readonly contextual: readonly StyleSheet[];
}

const userAgents = new Map<boolean, UserAgent>();

function loadUserAgent(quirks: boolean): UserAgent {
  let known = userAgents.get(quirks);
  if (known === undefined) {
    const simple = new Map<string, Map<string, CssValue>>();
    const text = quirks ? userAgentSheet + quirksSheet : userAgentSheet;
    const contextual = loadStyleSheet(text, quirks, "desktop", ({ selector, settings }) => {
      const [compound] = selector.compounds;
      const tag = compound?.tag;
      if (selector.compounds.length > 1 || tag === undefined || compound?.tests.length !== 0)
        return true;
      const winners = simple.get(tag) ?? new Map<string, CssValue>();
      for (const setting of settings) winners.set(setting.property, setting.value);
      simple.set(tag, winners);
      return false;
    });
    known = { simple, contextual: [contextual] };
    userAgents.set(quirks, known);
  }
  return known;
}

function reverseLayers(matches: readonly Match[]): readonly Match[] {
  const layered = matches.some(({ rule }) => rule.layer !== Number.POSITIVE_INFINITY);
  return layered ? matches.toSorted((a, b) => compareLayers(b, a)) : matches;
}

function apply(
  settings: readonly Setting[],
  important: boolean,
  winners: Map<string, CssValue>,
  base: Winners | undefined,
): void {
  for (const setting of settings) {
    if (setting.important !== important) continue;
    if (setting.value.kind === "wide" && setting.value.word === "revert") {
      const reverted = base?.get(setting.property);
      if (reverted === undefined) winners.delete(setting.property);
      else winners.set(setting.property, reverted);
    } else winners.set(setting.property, setting.value);
  }
}

/** Rules that match, weakest first. */
function collect(
  element: ElementNode,
  sheets: readonly StyleSheet[],
  context: MatchContext,
  pseudoElement: string | undefined,
): readonly Match[] {
  const found: Match[] = [];
  const fold = (word: string): string => (context.quirks ? word.toLowerCase() : word);
  const id = element.attributes.get("id");
  for (const [index, sheet] of sheets.entries()) {
    const add = (rules: readonly StyleRule[] | undefined): void => {
      if (rules === undefined) return;
      for (const rule of rules) {
        if (
          rule.selector.pseudoElement === pseudoElement &&
          matchesSelector(rule.selector, element, context)
        )
          found.push({ rule, sheet: index });
      }
    };
    if (id !== undefined) add(sheet.byId.get(fold(id)));
    for (const name of element.classes) add(sheet.byClass.get(fold(name)));
    add(sheet.byTag.get(element.tag));
    if (sheet.byAttribute.size > 0)
      for (const name of element.attributes.keys()) add(sheet.byAttribute.get(name));
    add(sheet.others);
  }
  return found.length < 2 ? found : found.sort(compareMatches);
}

function compareMatches(a: Match, b: Match): number {
  return (
    compareLayers(a, b) ||
    a.rule.selector.specificity - b.rule.selector.specificity ||
    a.sheet - b.sheet ||
    a.rule.order - b.rule.order
  );
}

function compareLayers(a: Match, b: Match): number {
  return a.rule.layer === b.rule.layer ? 0 : a.rule.layer < b.rule.layer ? -1 : 1;
}

function generatedText(
  element: ElementNode,
  author: readonly StyleSheet[],
  context: MatchContext,
): string | undefined {
  const texts: string[] = [];
  for (const name of ["before", "after"]) {
    let text: string | undefined;
    for (const { rule } of collect(element, author, context, name))
      for (const setting of rule.settings)
        if (setting.property === "content")
          text = setting.value.kind === "text" ? setting.value.text : undefined;
    if (text !== undefined && text.trim() !== "") texts.push(text);
  }
  return texts.length === 0 ? undefined : texts.join(" ");
}

function generatedBoxes(
  element: ElementNode,
  author: readonly StyleSheet[],
  context: MatchContext,
): readonly Winners[] {
  return ["before", "after"].flatMap((name) => {
    const winners = new Map<string, CssValue>();
    const matches = collect(element, author, context, name);
    for (const important of [false, true])
      for (const { rule } of matches) apply(rule.settings, important, winners, undefined);
    const content = winners.get("content");
    winners.delete("content");
    return content?.kind === "text" || (content?.kind === "word" && content.word === "picture")
      ? [winners]
      : [];
  });
}
