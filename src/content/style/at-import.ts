// @import of a data: URL, which needs no network and so shows its rules; every other import is remote and not loaded.
import { parseSheet, type RawRule } from "./css-parse.ts";

const depthMax = 3; // sheets inside sheets
const charactersMax = 64 * 1024;

/** The rules with each import in its place; imports stand before all other rules, or count for nothing (CSS Cascade 5 §2). */
export function withImports(rules: readonly RawRule[], depth = 0): readonly RawRule[] {
  const first = rules.findIndex((rule) => !mayPrecede(rule));
  const head = first === -1 ? rules : rules.slice(0, first);
  if (!head.some((rule) => rule.kind === "at" && rule.name === "import")) return rules;
  const imported = head.map((rule) =>
    rule.kind === "at" && rule.name === "import" ? readImport(rule.prelude, depth) : rule,
  );
  return [...imported.filter((rule) => rule !== undefined), ...rules.slice(head.length)];
}

function mayPrecede(rule: RawRule): boolean {
  if (rule.kind !== "at") return false;
  return (
    rule.name === "import" ||
    rule.name === "charset" ||
    (rule.name === "layer" && rule.body === undefined)
  );
}

/** `url("data:…") layer(a) supports(…) screen`, as the conditional rules that say the same. */
function readImport(prelude: string, depth: number): RawRule | undefined {
  const match =
    /^(?:url\(\s*)?(?:"(data:[^"]*)"|'(data:[^']*)'|(data:[^\s)]*))\s*\)?\s*([\s\S]*)$/i.exec(
      prelude,
    );
  const text = readDataUrl(match?.[1] ?? match?.[2] ?? match?.[3] ?? "");
  if (match === null || text === undefined || depth >= depthMax) return undefined;
  let conditions = match[4] ?? "";
  const layer = /^layer(?:\(([^)]*)\))?(?=\s|$)\s*/i.exec(conditions);
  conditions = conditions.slice(layer?.[0].length ?? 0);
  const supports = /^supports\(([\s\S]*?)\)(?=\s|$)\s*/i.exec(conditions);
  conditions = conditions.slice(supports?.[0].length ?? 0).trim();
  let rule = at("media", conditions, withImports(parseSheet(text), depth + 1));
  if (layer !== null) rule = at("layer", layer[1]?.trim() ?? "", [rule]);
  return supports === null ? rule : at("supports", `(${supports[1] ?? ""})`, [rule]);
}

function at(name: string, prelude: string, rules: readonly RawRule[]): RawRule {
  return { kind: "at", name, prelude, body: { declarations: [], rules: [...rules] } };
}

/** The text of `data:text/css[;charset=…][;base64],…`. */
function readDataUrl(url: string): string | undefined {
  const match = /^data:text\/css((?:;[\w=-]*)*?)(;base64)?,([\s\S]*)$/i.exec(url);
  if (match === null || url.length > charactersMax) return undefined;
  const body = (match[3] ?? "").replace(/\\(?:\r\n|[\n\r])/g, "");
  if (match[2] !== undefined) return Buffer.from(decode(body), "base64").toString("utf8");
  return decode(body);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
