// Custom properties that a sheet registers (CSS Properties and Values 1): initial values, inheritance, and what fits their type.
import { parseColor, black } from "./color.ts";
import { parseLength } from "./length.ts";

export interface Registered {
  readonly inherits: boolean;
  /** Undefined: none, which only the syntax `*` allows. */
  readonly initial: string | undefined;
  readonly syntax: string;
}

export type Registry = ReadonlyMap<string, Registered>;

/** undefined where a browser drops the rule. */
export function readRegistered(
  declarations: readonly { readonly property: string; readonly value: string }[],
): Registered | undefined {
  const said = new Map(declarations.map(({ property, value }) => [property.toLowerCase(), value]));
  const syntax = /^["']([\s\S]*)["']$/.exec(said.get("syntax") ?? "")?.[1]?.trim();
  const inherits = said.get("inherits")?.toLowerCase();
  const initial = said.get("initial-value");
  if (syntax === undefined || (inherits !== "true" && inherits !== "false")) return undefined;
  if (syntax !== "*" && (initial === undefined || !fits(initial, syntax))) return undefined;
  return { inherits: inherits === "true", initial, syntax };
}

/**
 * The properties of one element: its own where they fit, else those it inherits, else the initial values. `own` holds what
 * the cascade decided, `parent` what the parent has.
 */
export function withRegistered(
  own: ReadonlyMap<string, string>,
  parent: ReadonlyMap<string, string>,
  declared: (name: string) => boolean,
  registry: Registry,
): ReadonlyMap<string, string> {
  const custom = new Map(own);
  for (const [name, { inherits, initial, syntax }] of registry) {
    const value = declared(name) ? custom.get(name) : undefined;
    if (value !== undefined && (value.includes("var(") || fits(value, syntax))) continue;
    const next = inherits ? (parent.get(name) ?? initial) : initial;
    if (next === undefined) custom.delete(name);
    else custom.set(name, next);
  }
  return custom;
}

/** Types whose misuse hides text; of others everything fits. */
function fits(value: string, syntax: string): boolean {
  const text = value.trim().toLowerCase();
  switch (syntax) {
    case "<number>":
    case "<integer>":
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(text) || text.startsWith("calc(");
    case "<percentage>":
      return /^[+-]?[\d.]+%$/.test(text) || text.startsWith("calc(");
    case "<length>":
    case "<length-percentage>":
      return parseLength(text) !== undefined;
    case "<color>":
      return text === "currentcolor" || parseColor(text, black) !== undefined;
    default:
      return true;
  }
}
