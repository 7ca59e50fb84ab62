// What a token may do: `<route noun>:read|write`, or `*`.
import { bad, ok, type Parsed } from "../mail/parsed.ts";

/** The nouns of /v1, one scope pair each. */
export const routeNouns = [
  "suppressions",
  "consents",
  "keys",
  "messages",
  "held",
  "queue",
  "credentials",
  "senders",
  "streams",
  "explain",
  "audit",
  "users",
  "tokens",
] as const;
export type RouteNoun = (typeof routeNouns)[number];
export type Right = "read" | "write";

const nouns: readonly string[] = routeNouns;

export function isScope(text: string): boolean {
  const match = /^([a-z]+):(?:read|write)$/.exec(text);
  return text === "*" || (match?.[1] !== undefined && nouns.includes(match[1]));
}

/** Scopes separated by white space or commas, each once; at least one. */
export function parseScopes(text: string): Parsed<readonly string[]> {
  const scopes = [...new Set(text.split(/[\s,]+/).filter((scope) => scope !== ""))];
  const wrong = scopes.find((scope) => !isScope(scope));
  if (wrong !== undefined)
    return bad(`has the scope ${wrong}; use * or noun:read|write with one of ${nouns.join(", ")}`);
  return scopes.length === 0 ? bad("names no scope") : ok(scopes);
}

/** Whether a holder of `held` may do all that `wanted` allows: nobody hands on more than they have. */
export function covers(held: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every(
    (scope) =>
      held.includes("*") ||
      held.includes(scope) ||
      (scope.endsWith(":read") && held.includes(scope.replace(/:read$/, ":write"))),
  );
}
