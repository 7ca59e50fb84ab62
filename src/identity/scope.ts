// What a caller of the HTTP API may do: `<route noun>:read|write`, or `*`.
import { bad, ok, type Parsed } from "../mail/parsed.ts";

/** The nouns of /v1, one scope pair each, and what they are about. */
export const nounSummaries = {
  suppressions: "addresses and domains that must not be sent to",
  consents: "the consent ledger",
  keys: "signing keys",
  dns: "what receivers look up about the senders",
  messages: "what became of mail",
  held: "mail that waits for a person",
  queue: "mail under way",
  credentials: "what MA tools authenticate with",
  senders: "senders, as configured",
  streams: "streams, as configured",
  explain: "judging a message without sending it",
  audit: "every event, and the proof that none was changed",
  users: "people, their roles, the access review",
  tokens: "what programs use this API with",
  approvals: "what waits for a second person",
  freezes: "the kill switch",
  exports: "bulk export: the operation log, who received what",
} as const satisfies Record<string, string>;

export type RouteNoun = keyof typeof nounSummaries;
export type Right = "read" | "write";

const nouns: readonly string[] = Object.keys(nounSummaries);
export const routeNouns: readonly RouteNoun[] = nouns as readonly RouteNoun[]; // Object.keys forgets the keys' type.

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
