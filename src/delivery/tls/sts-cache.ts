// MTA-STS policies that were fetched, in memory and in a file: a policy must outlast restarts and failed look-ups.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { parseStsPolicy, type StsPolicy } from "./sts-policy.ts";

export interface CachedPolicy {
  readonly policy: StsPolicy;
  /** The id of the record when it was fetched. */
  readonly id: string;
  readonly fetchedAt: Date;
}

export interface StsCache {
  /** Also one that has expired; the caller judges its age. */
  readonly get: (domain: string) => CachedPolicy | undefined;
  readonly set: (domain: string, cached: CachedPolicy) => void;
  /** Writes now what is not in the file yet. */
  readonly flush: () => void;
}

const writeAfterMs = 1000; // policies fetched in the same second are one write
const entriesMax = 20_000; // the one fetched longest ago goes first

/** `file` undefined: memory only. A file that cannot be read is an empty cache; one that cannot be written is told to `warn`. */
export function createStsCache(
  file: string | undefined,
  warn: (error: unknown) => void = () => undefined,
): StsCache {
  const entries = file === undefined ? new Map<string, CachedPolicy>() : load(file);
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    if (file === undefined || timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    try {
      save(file, entries);
    } catch (error) {
      warn(error);
    }
  };
  return {
    flush,
    get: (domain) => entries.get(domain),
    set: (domain, cached) => {
      entries.delete(domain);
      entries.set(domain, cached);
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax) break;
        entries.delete(oldest);
      }
      if (file !== undefined) timer ??= setTimeout(flush, writeAfterMs).unref();
    },
  };
}

/** The policies' own text is kept and read again: a changed file cannot hold what a web server could not say. */
function load(file: string): Map<string, CachedPolicy> {
  const entries = new Map<string, CachedPolicy>();
  let rows: unknown;
  try {
    rows = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return entries;
  }
  if (!Array.isArray(rows)) return entries;
  for (const row of rows as readonly unknown[]) {
    if (!Array.isArray(row)) continue;
    const [domain, id, at, text] = row as readonly unknown[];
    if (typeof domain !== "string" || typeof id !== "string" || typeof text !== "string") continue;
    const policy = parseStsPolicy(text);
    const fetchedAt = new Date(typeof at === "number" ? at : Number.NaN);
    if (policy.kind === "ok" && !Number.isNaN(fetchedAt.getTime()))
      entries.set(domain, { policy: policy.value, id, fetchedAt });
  }
  return entries;
}

function save(file: string, entries: ReadonlyMap<string, CachedPolicy>): void {
  mkdirSync(dirname(file), { recursive: true });
  const rows = [...entries].map(([domain, { policy, id, fetchedAt }]) => [
    domain,
    id,
    fetchedAt.getTime(),
    policy.lines.join("\n"),
  ]);
  writeFileSync(`${file}.new`, JSON.stringify(rows), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
