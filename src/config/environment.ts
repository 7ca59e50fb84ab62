// Overrides from the environment: SEKISHO_SECTION_KEY for every key, SEKISHO_SECTION_KEY_FILE for its content in a file.
import { parse } from "yaml";

import { bad, ok, type Parsed } from "../mail/parsed.ts";
import type { ConfigProblem } from "./config-error.ts";
import { gatewaySchema } from "./schema/gateway.ts";
import { readTextFile } from "./text-file.ts";

const prefix = "SEKISHO_";

interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** Every key that the environment may set: variable name → path. Lists are given as YAML or JSON in one variable. */
export function environmentKeys(): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  const visit = (node: SchemaNode, path: readonly string[]): void => {
    if (node.properties === undefined) {
      keys.set(prefix + path.join("_").toUpperCase(), path);
      return;
    }
    for (const [name, child] of Object.entries(node.properties)) visit(child, [...path, name]);
  };
  visit(gatewaySchema as SchemaNode, []);
  return keys;
}

/** Gives `file` with the environment's values laid over it, and problems with variables that name no key. */
export function applyEnvironment(
  file: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly value: unknown; readonly problems: readonly ConfigProblem[] } {
  const keys = environmentKeys();
  const problems: ConfigProblem[] = [];
  const value: unknown = structuredClone(file ?? {});
  for (const [name, raw] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || raw === undefined || reserved.has(name)) continue;
    const direct = keys.get(name);
    const path =
      direct ?? (name.endsWith("_FILE") ? keys.get(name.slice(0, -"_FILE".length)) : undefined);
    if (path === undefined) {
      problems.push({
        path: name,
        problem: "is an environment variable that names no key",
        remedy: "Unset it, or see docs/reference/configuration.md for the names.",
      });
      continue;
    }
    try {
      const text = direct === undefined ? readTextFile(raw) : textOf(raw);
      if (text.kind === "ok") set(value, path, parse(text.value.trimEnd()));
      else problems.push({ path: name, problem: text.problem, remedy: "Write it in UTF-8." });
    } catch (error) {
      problems.push({
        path: name,
        problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        remedy: "Give the value as YAML, or a file that can be read.",
      });
    }
  }
  return { value, problems };
}

/** Octets that are no UTF-8 have become U+FFFD by the time a program sees them. */
function textOf(raw: string): Parsed<string> {
  return raw.includes("\u{FFFD}") ? bad("is not UTF-8") : ok(raw);
}

/** Read elsewhere: the master key never passes through the configuration, and the other says where the configuration is. */
const reserved = new Set(["SEKISHO_MASTER_KEY", "SEKISHO_CONFIG"]);

function set(root: unknown, path: readonly string[], value: unknown): void {
  let node = root as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    const next = node[step];
    if (typeof next !== "object" || next === null) node[step] = {};
    node = node[step] as Record<string, unknown>;
  }
  node[path.at(-1) ?? ""] = value;
}
