// What of a new configuration takes effect while the gateway runs, and what waits for its next start. Pure.
import { dirname } from "node:path";

import type { ConfigProblem } from "./config-error.ts";
import type { Config } from "./config.ts";
import { settle } from "./settle.ts";

/** Keys that a running gateway takes up; everything below them counts. All others wait for a restart. */
export const reloadableKeys = [
  "log.level",
  "smtp.listeners",
  "smtp.tls",
  "smtp.timeouts",
  "smtp.max_recipients",
  "smtp.bare_lf",
  "smtp.deduplicate",
  "senders",
  "streams",
  "delivery.pace",
  "delivery.shaping_file",
] as const;

export type ReloadPlan =
  | {
      readonly kind: "ok";
      /** What is to run from now on: the old configuration with the new values of {@link reloadableKeys}. */
      readonly config: Config;
      /** Paths that change now, such as `streams[newsletter].topic`. */
      readonly changed: readonly string[];
      /** Paths that were changed in the file and wait for a restart. */
      readonly waiting: readonly string[];
    }
  /** The new values do not fit to the old ones that stay until a restart. */
  | { readonly kind: "bad"; readonly problems: readonly ConfigProblem[] };

/** Both configurations are valid by themselves; what comes of mixing them is judged as a whole again. */
export function planReload(running: Config, next: Config): ReloadPlan {
  const mixed = structuredClone(running.written);
  for (const key of reloadableKeys) {
    const [first = "", second] = key.split(".");
    const from = next.written as Tree;
    if (second === undefined) (mixed as Tree)[first] = from[first];
    else copyKey(from[first] as Tree, (mixed as Tree)[first] as Tree, second);
  }
  const changed = differences(running.written, mixed, "").toSorted();
  const waiting = differences(mixed, next.written, "").toSorted();
  const settled = settle(mixed, dirname(running.file), running.file);
  return settled.kind === "bad"
    ? { kind: "bad", problems: settled.problems.map((each) => explain(each, waiting)) }
    : { kind: "ok", config: settled.config, changed, waiting };
}

type Tree = Record<string, unknown>;

/** A key that is absent in `from` is absent in `to` afterwards. */
function copyKey(from: Tree, to: Tree, key: string): void {
  if (from[key] === undefined) delete to[key];
  else to[key] = from[key];
}

function explain(problem: ConfigProblem, waiting: readonly string[]): ConfigProblem {
  const remedy = `${problem.remedy} Changed, and waiting for a restart: ${waiting.join(", ")}.`;
  return waiting.length === 0 ? problem : { ...problem, remedy };
}

/** Paths at which two trees differ; items of a list that have an `id` are told apart by it. */
export function differences(before: unknown, after: unknown, path: string): readonly string[] {
  if (isTree(before) && isTree(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      differences(before[key], after[key], path === "" ? key : `${path}.${key}`),
    );
  const [old, young] = [byId(before), byId(after)];
  if (old !== undefined && young !== undefined)
    return [...new Set([...old.keys(), ...young.keys()])].flatMap((id) =>
      differences(old.get(id), young.get(id), `${path}[${id}]`),
    );
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** undefined: no list, or one whose items have no `id`. */
function byId(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  const entries = items.map((item): readonly [unknown, unknown] => [
    isTree(item) ? item["id"] : undefined,
    item,
  ]);
  return entries.every((entry): entry is readonly [string, unknown] => typeof entry[0] === "string")
    ? new Map(entries)
    : undefined;
}
