// MTA-STS policies that were fetched, in memory and in a file: a policy must outlast restarts and failed look-ups.
//
// The file is a journal, a line for each policy as it was fetched; of a domain's lines the last one counts. So a policy is
// on the disk before it is first used, at the cost of one line, and a crash right behind it opens no gap to an attacker.
import { readFileSync } from "node:fs";
import { mkdir, open, rename, writeFile } from "node:fs/promises";
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
  /** Resolves once it is on the disk, or cannot be put there; never rejects. */
  readonly set: (domain: string, cached: CachedPolicy) => Promise<void>;
}

const entriesMax = 20_000; // the one fetched longest ago goes first
const linesMax = 2 * entriesMax; // a journal of more is written anew: it holds twice what counts

/** `file` undefined: memory only. A file that cannot be read is an empty cache; one that cannot be written is told to `warn`. */
export function createStsCache(
  file: string | undefined,
  warn: (error: unknown) => void = () => undefined,
): StsCache {
  const { entries, lines } = file === undefined ? nothing() : load(file);
  let written = lines;
  let writing = Promise.resolve();
  const write = async (domain: string, cached: CachedPolicy): Promise<void> => {
    if (file === undefined) return;
    try {
      if (written >= linesMax) {
        const lines = entries.size;
        await rewrite(file, entries); // this one is among them
        written = lines;
      } else {
        await append(file, lineOf(domain, cached));
        written += 1;
      }
    } catch (error) {
      written = linesMax; // half a line may stand there: behind it nothing may be appended
      warn(error);
    }
  };
  return {
    get: (domain) => entries.get(domain),
    set: (domain, cached) => {
      entries.delete(domain);
      entries.set(domain, cached);
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax) break;
        entries.delete(oldest);
      }
      writing = writing.then(() => write(domain, cached));
      return writing;
    },
  };
}

async function append(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, "a", 0o600);
  try {
    await handle.appendFile(line);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function rewrite(file: string, entries: ReadonlyMap<string, CachedPolicy>): Promise<void> {
  const text = [...entries].map(([domain, cached]) => lineOf(domain, cached)).join("");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
}

/** The policy's own text is kept and read again: a changed file cannot hold what a web server could not say. */
function lineOf(domain: string, { policy, id, fetchedAt }: CachedPolicy): string {
  return `${JSON.stringify([domain, id, fetchedAt.getTime(), policy.lines.join("\n")])}\n`;
}

interface Loaded {
  readonly entries: Map<string, CachedPolicy>;
  /** `linesMax` where the last one was cut by a crash: behind it nothing may be appended. */
  readonly lines: number;
}

function nothing(): Loaded {
  return { entries: new Map(), lines: 0 };
}

function load(file: string): Loaded {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return nothing();
  }
  const { entries } = nothing();
  const lines = text.split("\n");
  for (const line of lines) {
    const read = readLine(line);
    if (read === undefined) continue;
    entries.delete(read.domain);
    entries.set(read.domain, read.cached);
  }
  return { entries, lines: text.endsWith("\n") ? lines.length : linesMax };
}

function readLine(
  line: string,
): { readonly domain: string; readonly cached: CachedPolicy } | undefined {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(row)) return undefined;
  const [domain, id, at, text] = row as readonly unknown[];
  if (typeof domain !== "string" || typeof id !== "string" || typeof text !== "string")
    return undefined;
  const policy = parseStsPolicy(text);
  const fetchedAt = new Date(typeof at === "number" ? at : Number.NaN);
  return policy.kind === "ok" && !Number.isNaN(fetchedAt.getTime())
    ? { domain, cached: { policy: policy.value, id, fetchedAt } }
    : undefined;
}
