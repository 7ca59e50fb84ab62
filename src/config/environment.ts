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

export interface EnvironmentKey {
  readonly path: readonly string[];
  /** Taken as it is written. Everything else is given as YAML or JSON. */
  readonly isText: boolean;
}

/** Every key that the environment may set, by the variable's name. */
export function environmentKeys(): ReadonlyMap<string, EnvironmentKey> {
  const keys = new Map<string, EnvironmentKey>();
  const visit = (node: SchemaNode, path: readonly string[]): void => {
    if (node.properties === undefined) {
      keys.set(prefix + path.join("_").toUpperCase(), { path, isText: node.type === "string" });
      return;
    }
    for (const [name, child] of Object.entries(node.properties)) visit(child, [...path, name]);
  };
  visit(gatewaySchema as SchemaNode, []);
  return keys;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Gives `file` with the environment's values laid over it, and problems with variables that name no key. */
export function applyEnvironment(
  file: unknown,
  environment: Environment,
): { readonly value: unknown; readonly problems: readonly ConfigProblem[] } {
  const keys = environmentKeys();
  const problems: ConfigProblem[] = [];
  const value: unknown = structuredClone(file ?? {});
  for (const [name, raw] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || raw === undefined || reserved.has(name)) continue;
    const source = sourceOf(name, keys);
    if (source === undefined) {
      problems.push({
        path: name,
        problem: "is an environment variable that names no key",
        remedy: "Unset it, or see docs/reference/configuration.md for the names.",
      });
      continue;
    }
    if (source.isFile && environment[source.variable] !== undefined) {
      problems.push({
        path: name,
        problem: `is given beside ${source.variable}`,
        remedy: "Unset one of the two.",
      });
      continue;
    }
    try {
      const text = source.isFile ? readTextFile(raw) : textOf(raw);
      if (text.kind === "ok") set(value, source.key.path, read(text.value.trim(), source.key));
      else problems.push({ path: name, problem: text.problem, remedy: "Write it in UTF-8." });
    } catch (error) {
      problems.push({
        path: name,
        problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        remedy: source.isFile
          ? "Name a file that can be read; a value that is no text is YAML in it."
          : "Give the value as YAML.",
      });
    }
  }
  return { value, problems };
}

/** Read elsewhere: the master key never passes through the configuration, and the other says where the configuration is. */
const reserved = new Set(["SEKISHO_MASTER_KEY", "SEKISHO_CONFIG"]);

interface Source {
  readonly key: EnvironmentKey;
  /** The key's own name, without _FILE. */
  readonly variable: string;
  readonly isFile: boolean;
}

/** Some keys end with _file themselves. */
function sourceOf(name: string, keys: ReadonlyMap<string, EnvironmentKey>): Source | undefined {
  const direct = keys.get(name);
  if (direct !== undefined) return { key: direct, variable: name, isFile: false };
  const variable = name.replace(/_FILE$/, "");
  const key = variable === name ? undefined : keys.get(variable);
  return key === undefined ? undefined : { key, variable, isFile: true };
}

/** Octets that are no UTF-8 have become U+FFFD by the time a program sees them. */
function textOf(raw: string): Parsed<string> {
  return raw.includes("\u{FFFD}") ? bad("is not UTF-8") : ok(raw);
}

/** Text is no YAML: a # or : in it is its own. Quotes around all of it are taken off, as some tools leave them there. */
function read(text: string, { isText }: EnvironmentKey): unknown {
  if (!isText) return parse(text);
  return /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')$/s.test(text) ? parse(text) : text;
}

function set(root: unknown, path: readonly string[], value: unknown): void {
  let node = root as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    const next = node[step];
    if (typeof next !== "object" || next === null) node[step] = {};
    node = node[step] as Record<string, unknown>;
  }
  node[path.at(-1) ?? ""] = value;
}
