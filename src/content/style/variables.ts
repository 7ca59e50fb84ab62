// var() with fallbacks (CSS Custom Properties 1), bounded against cycles and against values that multiply.
import { closingBracket } from "./split.ts";

const depthMax = 16;
const charactersMax = 20_000; // of one value when all is substituted
const callsMax = 200;

/** `text` with every var() replaced; undefined where one has neither value nor fallback, or a limit is met. */
export function substituteVariables(
  text: string,
  custom: ReadonlyMap<string, string>,
): string | undefined {
  const budget = { calls: callsMax };
  return substitute(text, custom, budget, []);
}

function substitute(
  text: string,
  custom: ReadonlyMap<string, string>,
  budget: { calls: number },
  open: readonly string[],
): string | undefined {
  let out = "";
  let rest = text;
  for (let at = rest.search(/var\(/i); at !== -1; at = rest.search(/var\(/i)) {
    budget.calls -= 1;
    if (budget.calls < 0 || open.length > depthMax) return undefined;
    const end = closingBracket(rest, at + 3);
    if (end === -1) return undefined;
    const inner = rest.slice(at + 4, end);
    const comma = inner.indexOf(",");
    const name = (comma === -1 ? inner : inner.slice(0, comma)).trim();
    const value = open.includes(name) ? undefined : custom.get(name);
    const known =
      value === undefined ? undefined : substitute(value, custom, budget, [...open, name]);
    const replacement =
      known ??
      (comma === -1
        ? undefined
        : substitute(inner.slice(comma + 1), custom, budget, [...open, ""]));
    if (replacement === undefined) return undefined;
    out += rest.slice(0, at) + replacement;
    rest = rest.slice(end + 1);
    if (out.length + rest.length > charactersMax) return undefined;
  }
  return out + rest;
}
