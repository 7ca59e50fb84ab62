// Counts TLS sessions by day, recipient domain and policy, for the reports of RFC 8460; kept in a file over restarts.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { resultTypes, type ResultType } from "./tls-result.ts";

/** RFC 8460 §4.4, `policy-type`. */
export type PolicyType = "tlsa" | "sts" | "no-policy-found";

export interface Session {
  readonly domain: string;
  readonly policy: PolicyType;
  /** The policy as it was found: its lines, or its TLSA records. */
  readonly policyLines: readonly string[];
  readonly mxHosts: readonly string[];
  readonly at: Date;
  /** undefined: a success. */
  readonly failure?: ResultType;
  readonly host?: string;
  readonly address?: string;
}

export interface PolicyCounts {
  readonly policy: PolicyType;
  readonly policyLines: readonly string[];
  readonly mxHosts: readonly string[];
  successes: number;
  failures: number;
  readonly details: {
    readonly result: ResultType;
    readonly host?: string;
    readonly address?: string;
    count: number;
  }[];
}

export interface TlsCounts {
  readonly note: (session: Session) => void;
  /** Days (UTC, `2026-11-25`) before `now`'s, with the domains that have counts. */
  readonly finished: (now: Date) => readonly { readonly day: string; readonly domain: string }[];
  readonly of: (day: string, domain: string) => readonly PolicyCounts[];
  readonly forget: (day: string, domain: string) => void;
  readonly flush: () => void;
}

const domainsMax = 10_000; // of all days together: what comes beyond is not reported
const policiesMax = 20; // of one domain and day; a further one is counted with the latest
const detailsMax = 50; // kinds of failure told apart for one domain and day
const writeAfterMs = 60_000; // a crash loses the counts of a minute: reports are no ledger

type Days = Map<string, PolicyCounts[]>; // "day domain" → counts

/** `file` undefined: memory only. `warn` is told where it cannot be written. */
export function createTlsCounts(
  file: string | undefined,
  warn: (error: unknown) => void = () => undefined,
): TlsCounts {
  const days: Days = file === undefined ? new Map() : load(file);
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    if (file === undefined || timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify([...days]), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      warn(error);
    }
  };
  const changed = (): void => {
    if (file !== undefined) timer ??= setTimeout(flush, writeAfterMs).unref();
  };
  return {
    flush,
    note: (session) => {
      const key = keyOf(dayOf(session.at), session.domain);
      const list = days.get(key) ?? [];
      if (!days.has(key) && days.size >= domainsMax) return;
      days.set(key, list);
      count(list, session);
      changed();
    },
    finished: (now) =>
      [...days.keys()].flatMap((key) => {
        const [day = "", domain = ""] = key.split(" ");
        return day < dayOf(now) ? [{ day, domain }] : [];
      }),
    of: (day, domain) => days.get(keyOf(day, domain)) ?? [],
    forget: (day, domain) => {
      if (days.delete(keyOf(day, domain))) changed();
    },
  };
}

function count(list: PolicyCounts[], session: Session): void {
  let entry = list.find((known) => isSamePolicy(known, session));
  if (entry === undefined && list.length >= policiesMax)
    entry = list.findLast(({ policy }) => policy === session.policy) ?? list.at(-1);
  if (entry === undefined) {
    const { policy, policyLines, mxHosts } = session;
    entry = { policy, policyLines, mxHosts, successes: 0, failures: 0, details: [] };
    list.push(entry);
  }
  if (session.failure === undefined) {
    entry.successes += 1;
    return;
  }
  entry.failures += 1;
  const { failure, host, address } = session;
  const detail = entry.details.find(
    (known) => known.result === failure && known.host === host && known.address === address,
  );
  if (detail !== undefined) detail.count += 1;
  else if (entry.details.length < detailsMax)
    entry.details.push({
      result: failure,
      count: 1,
      ...(host === undefined ? {} : { host }),
      ...(address === undefined ? {} : { address }),
    });
}

/** DANE has a policy for each host, and MTA-STS another one behind a change. */
function isSamePolicy(known: PolicyCounts, session: Session): boolean {
  return (
    known.policy === session.policy &&
    known.policyLines.join("\n") === session.policyLines.join("\n") &&
    known.mxHosts.join(" ") === session.mxHosts.join(" ")
  );
}

function keyOf(day: string, domain: string): string {
  return `${day} ${domain}`;
}

export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** A file that is not ours, or damaged, counts for nothing. */
function load(file: string): Days {
  try {
    const rows: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!Array.isArray(rows)) return new Map();
    return new Map((rows as readonly unknown[]).filter(isRow).slice(0, domainsMax));
  } catch {
    return new Map();
  }
}

function isRow(row: unknown): row is [string, PolicyCounts[]] {
  if (!Array.isArray(row)) return false;
  const [key, list] = row as readonly unknown[];
  return (
    typeof key === "string" &&
    /^\d{4}-\d{2}-\d{2} \S+$/.test(key) &&
    Array.isArray(list) &&
    (list as readonly unknown[]).every(isCounts)
  );
}

function isCounts(value: unknown): value is PolicyCounts {
  if (typeof value !== "object" || value === null) return false;
  const counts = value as Partial<Record<keyof PolicyCounts, unknown>>;
  return (
    typeof counts.policy === "string" &&
    Array.isArray(counts.policyLines) &&
    Array.isArray(counts.mxHosts) &&
    typeof counts.successes === "number" &&
    typeof counts.failures === "number" &&
    Array.isArray(counts.details) &&
    (counts.details as readonly { result?: unknown }[]).every((detail) =>
      (resultTypes as readonly unknown[]).includes(detail.result),
    )
  );
}
