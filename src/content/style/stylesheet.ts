// A style sheet made ready for matching: rules unfolded from media, layers and nesting, indexed by their rightmost compound.
import { exceeds, limits } from "../limits.ts";
import {
  parseDeclarations,
  parseSheet,
  type RawBlock,
  type RawDeclaration,
  type RawRule,
} from "./css-parse.ts";
import { readDeclaration, type Setting } from "./declaration.ts";
import { withImports } from "./at-import.ts";
import { type KeyFrame, readKeyFrames } from "./keyframes.ts";
import { joinLayer, ranksOf } from "./layers.ts";
import { matchesContainer, matchesMedia, matchesSupports, type Screen } from "./media.ts";
import { readRegistered, type Registered, type Registry } from "./registered.ts";
import type { Selector } from "./selector.ts";
import { parseSelectorList } from "./selector-parse.ts";

export interface StyleRule {
  readonly selector: Selector;
  readonly settings: readonly Setting[];
  /** Place in the sheet. */
  readonly order: number;
  /** Cascade layer by first mention; Infinity for none, which wins over all layers. */
  readonly layer: number;
}

export interface StyleSheet {
  readonly byId: ReadonlyMap<string, readonly StyleRule[]>;
  readonly byClass: ReadonlyMap<string, readonly StyleRule[]>;
  readonly byTag: ReadonlyMap<string, readonly StyleRule[]>;
  readonly byAttribute: ReadonlyMap<string, readonly StyleRule[]>;
  readonly others: readonly StyleRule[];
  /** The frames of each animation, by its name in lower case. */
  readonly keyframes: ReadonlyMap<string, readonly KeyFrame[]>;
  /** Custom properties with a type. */
  readonly registered: Registry;
  /** Some rule is for ::before or ::after. */
  readonly generates: boolean;
  readonly ruleCount: number;
}

const cachedSheetsMax = 60; // senders repeat a handful of templates
const cachedSheetCharactersMax = 64 * 1024;
const cachedAttributesMax = 4000;
const cachedAttributeCharactersMax = 1000;

const sheets = new Map<string, StyleSheet>();
const attributes = new Map<string, readonly Setting[]>();

/** Parsed once for each content: the cache holds the latest sheets used. Throws LimitExceeded on too many rules. */
export function loadStyleSheet(
  text: string,
  quirks: boolean,
  screen: Screen = "desktop",
  keep: (rule: StyleRule) => boolean = () => true,
): StyleSheet {
  const key = `${screen} ${quirks ? "q" : "s"}${text}`;
  const known = sheets.get(key);
  if (known !== undefined) {
    sheets.delete(key); // to the end: the least recently used goes first
    sheets.set(key, known);
    return known;
  }
  const sheet = buildSheet(text, quirks, screen, keep);
  if (text.length <= cachedSheetCharactersMax) {
    sheets.set(key, sheet);
    for (const oldest of sheets.keys()) {
      if (sheets.size <= cachedSheetsMax) break;
      sheets.delete(oldest);
    }
  }
  return sheet;
}

export function loadStyleAttribute(text: string, quirks: boolean): readonly Setting[] {
  const key = `${quirks ? "q" : "s"}${text}`;
  const known = attributes.get(key);
  if (known !== undefined) return known;
  const settings = readSettings(parseDeclarations(text), quirks);
  if (text.length <= cachedAttributeCharactersMax) {
    if (attributes.size >= cachedAttributesMax) attributes.clear();
    attributes.set(key, settings);
  }
  return settings;
}

function readSettings(
  declarations: readonly RawDeclaration[],
  quirks: boolean,
): readonly Setting[] {
  return declarations.flatMap((declaration) =>
    readDeclaration(declaration.property, declaration.value, declaration.important, quirks),
  );
}

interface Build {
  readonly quirks: boolean;
  readonly screen: Screen;
  readonly rules: StyleRule[];
  readonly layers: string[];
  readonly keyframes: Map<string, readonly KeyFrame[]>;
  readonly registered: Map<string, Registered>;
  /** Whether the sheet says such a declaration somewhere: what container queries ask. */
  readonly says: (pattern: RegExp) => boolean;
}

function buildSheet(
  text: string,
  quirks: boolean,
  screen: Screen,
  keep: (rule: StyleRule) => boolean,
): StyleSheet {
  const build: Build = {
    quirks,
    screen,
    rules: [],
    layers: [],
    keyframes: new Map(),
    registered: new Map(),
    says: (pattern) => pattern.test(text),
  };
  addRules(withImports(parseSheet(text)), undefined, "", build);
  const ranks = ranksOf(build.layers);
  const byId = new Map<string, StyleRule[]>();
  const byClass = new Map<string, StyleRule[]>();
  const byTag = new Map<string, StyleRule[]>();
  const byAttribute = new Map<string, StyleRule[]>();
  const others: StyleRule[] = [];
  for (const found of build.rules.filter(keep)) {
    const rule =
      ranks === undefined ? found : { ...found, layer: ranks[found.layer] ?? found.layer };
    const last = rule.selector.compounds.at(-1);
    const [id] = last?.ids ?? [];
    const [name] = last?.classes ?? [];
    const fold = (word: string): string => (quirks ? word.toLowerCase() : word);
    if (id !== undefined) append(byId, fold(id), rule);
    else if (name !== undefined) append(byClass, fold(name), rule);
    else if (last?.tag !== undefined) append(byTag, last.tag, rule);
    else if (last?.attribute !== undefined) append(byAttribute, last.attribute, rule);
    else others.push(rule);
  }
  const generates = build.rules.some(({ selector }) =>
    /^(?:before|after)$/.test(selector.pseudoElement ?? ""),
  );
  return {
    byId,
    byClass,
    byTag,
    byAttribute,
    others,
    keyframes: build.keyframes,
    registered: build.registered,
    generates,
    ruleCount: build.rules.length,
  };
}

function append(map: Map<string, StyleRule[]>, key: string, rule: StyleRule): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [rule]);
  else list.push(rule);
}

function addRules(
  rules: readonly RawRule[],
  parents: readonly Selector[] | undefined,
  layer: string,
  build: Build,
): void {
  for (const rule of rules) {
    if (rule.kind === "at") addAtRule(rule, parents, layer, build);
    else {
      const selectors = parseSelectorList(rule.prelude, parents);
      if (selectors !== undefined) addBlock(rule.body, selectors, layer, build);
    }
  }
}

function addBlock(
  body: RawBlock,
  selectors: readonly Selector[],
  layer: string,
  build: Build,
): void {
  const settings = readSettings(body.declarations, build.quirks);
  if (settings.length > 0) {
    for (const selector of selectors) {
      build.rules.push({
        selector,
        settings,
        order: build.rules.length,
        layer: layerIndex(layer, build),
      });
      if (build.rules.length > limits.cssRules)
        exceeds(`has more than ${limits.cssRules} style rules`);
    }
  }
  addRules(body.rules, selectors, layer, build);
}

type AtRule = Extract<RawRule, { kind: "at" }>;

function addAtRule(
  rule: AtRule,
  parents: readonly Selector[] | undefined,
  layer: string,
  build: Build,
): void {
  switch (rule.name) {
    case "media":
      if (matchesMedia(rule.prelude, build.screen)) addConditional(rule, parents, layer, build);
      return;
    case "supports":
      if (matchesSupports(rule.prelude)) addConditional(rule, parents, layer, build);
      return;
    case "keyframes":
    case "-webkit-keyframes":
      addKeyframes(rule, build);
      return;
    case "container":
      if (matchesContainer(rule.prelude, build.says)) addConditional(rule, parents, layer, build);
      return;
    case "property": {
      const registered = readRegistered(rule.body?.declarations ?? []);
      if (registered !== undefined) build.registered.set(rule.prelude.trim(), registered);
      return;
    }
    case "scope":
      addScope(rule, layer, build);
      return;
    case "layer": {
      const names = rule.prelude.split(",").map((name) => name.trim());
      for (const name of names) layerIndex(joinLayer(layer, name), build);
      if (rule.body !== undefined)
        addConditional(rule, parents, joinLayer(layer, names[0] ?? ""), build);
      return;
    }
    default:
      return; // @font-face, @page and the like hide nothing
  }
}

function addKeyframes(rule: AtRule, build: Build): void {
  const frames = readKeyFrames(rule.body?.rules ?? [], ({ body }) =>
    readSettings(body.declarations, build.quirks),
  );
  build.keyframes.set(rule.prelude.replace(/["']/g, "").toLowerCase(), frames);
}

/** `@scope (root) to (limit) { … }`: rules for elements at or below a root, and not at or below a limit. */
function addScope(rule: AtRule, layer: string, build: Build): void {
  const [, prelude, limit] =
    /^\(([\s\S]*?)\)(?:\s*to\s*\(([\s\S]*)\))?$/.exec(rule.prelude.trim()) ?? [];
  if (rule.body === undefined || prelude === undefined) return;
  const outside = limit === undefined ? "" : `:not(:where(${limit}, :is(${limit}) *))`;
  for (const inner of rule.body.rules) {
    if (inner.kind !== "style") continue;
    const selectors = parseSelectorList(
      `:where(${prelude}, :is(${prelude}) *)${outside}:is(${inner.prelude.replaceAll(":scope", `:where(${prelude})`)})`,
    );
    if (selectors !== undefined) addBlock(inner.body, selectors, layer, build);
  }
}

function addConditional(
  rule: AtRule,
  parents: readonly Selector[] | undefined,
  layer: string,
  build: Build,
): void {
  if (rule.body === undefined) return;
  if (parents !== undefined) addBlock(rule.body, parents, layer, build);
  else addRules(rule.body.rules, undefined, layer, build);
}

function layerIndex(layer: string, build: Build): number {
  if (layer === "") return Number.POSITIVE_INFINITY;
  const known = build.layers.indexOf(layer);
  return known === -1 ? build.layers.push(layer) - 1 : known;
}
