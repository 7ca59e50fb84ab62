// Asks name servers, with errors as values, a bounded cache and a cap on questions under way.
import { lookup } from "node:dns/promises";
import { Resolver as NodeResolver } from "node:dns/promises";

import { createAnswerCache } from "./answer-cache.ts";
import { createGate } from "./gate.ts";
import { reverseName } from "./reverse-name.ts";

/**
 * nxdomain: the name does not exist · nodata: it exists, without such records · unavailable: nobody could say (SERVFAIL,
 * refused, timeout): ask again later.
 */
export type Answer<T> =
  | { readonly kind: "records"; readonly records: readonly T[] }
  | { readonly kind: "nxdomain" }
  | { readonly kind: "nodata" }
  | { readonly kind: "unavailable"; readonly problem: string };

export interface MxRecord {
  readonly preference: number;
  /** As the record has it; empty for the root, which makes a null MX (RFC 7505). */
  readonly exchange: string;
}

export interface SoaRecord {
  readonly primary: string;
  readonly mailbox: string;
  readonly serial: number;
}

/** Names are given as ASCII without a final dot. No method throws. */
export interface Resolver {
  readonly mx: (name: string) => Promise<Answer<MxRecord>>;
  /** IPv4 addresses. */
  readonly a: (name: string) => Promise<Answer<string>>;
  /** IPv6 addresses. */
  readonly aaaa: (name: string) => Promise<Answer<string>>;
  /** One string a record, its pieces joined. */
  readonly txt: (name: string) => Promise<Answer<string>>;
  readonly ptr: (address: string) => Promise<Answer<string>>;
  readonly cname: (name: string) => Promise<Answer<string>>;
  readonly ns: (name: string) => Promise<Answer<string>>;
  readonly soa: (name: string) => Promise<Answer<SoaRecord>>;
  /** As the machine itself reads the name (hosts file included): for hosts that the operator named, never for mail's. */
  readonly host: (name: string) => Promise<Answer<string>>;
  /** Forgets what was learnt; for `dns check`, which must see the zone as it is now. */
  readonly forget: () => void;
  /** Ends questions under way and asks no more: every answer is "unavailable". */
  readonly close: () => void;
}

export interface ResolverOptions {
  /** `address` or `address:port`; empty: the system's. */
  readonly servers: readonly string[];
  /** For one question to one server, in milliseconds. */
  readonly timeoutMs: number;
  /** Monotonic milliseconds; the cache's clock. */
  readonly monotonic?: () => number;
}

const tries = 2; // one lost datagram is forgiven
const questionsMax = 200; // under way at once: sockets and memory; more wait in line
const waitingMax = 10_000; // in line; beyond it the answer is "unavailable"
const recordsMax = 100; // of one answer: 100 MX records are an attack or a mistake (threats.md row 42)
// node:dns tells a TTL for addresses only; the others are kept for this long.
const defaultTtlSeconds = 300;
const negativeTtlSeconds = 60; // RFC 2308 allows up to hours; a mistake in a zone should not hold mail that long
const ttlMaxSeconds = 3600;

export function createResolver(options: ResolverOptions): Resolver {
  const node = new NodeResolver({ timeout: options.timeoutMs, tries });
  if (options.servers.length > 0) node.setServers(options.servers);
  const cache = createAnswerCache(options.monotonic ?? (() => performance.now()));
  const gate = createGate(questionsMax, waitingMax);
  let closed = false;

  const ask = async <T>(
    type: string,
    name: string,
    question: () => Promise<{ readonly records: readonly T[]; readonly ttlSeconds?: number }>,
  ): Promise<Answer<T>> => {
    if (closed) return { kind: "unavailable", problem: "closed" };
    const key = `${type} ${name.toLowerCase()}`;
    return cache.through(key, async () => {
      const outcome = await gate.run(() => settle(question));
      if (outcome.kind === "full")
        return { value: { kind: "unavailable", problem: "too many questions" }, ttlSeconds: 0 };
      return outcome.value;
    });
  };
  const plain = async <T>(records: Promise<readonly T[]>): Promise<{ records: readonly T[] }> => ({
    records: await records,
  });

  return {
    mx: (name) =>
      ask("MX", name, async () => ({
        records: (await node.resolveMx(name)).map(({ priority, exchange }) => ({
          preference: priority,
          exchange: withoutDot(exchange),
        })),
      })),
    a: (name) => ask("A", name, async () => withTtl(await node.resolve4(name, { ttl: true }))),
    aaaa: (name) =>
      ask("AAAA", name, async () => withTtl(await node.resolve6(name, { ttl: true }))),
    txt: (name) =>
      ask("TXT", name, async () => ({
        records: (await node.resolveTxt(name)).map((pieces) => pieces.join("")),
      })),
    // Not node.reverse(): it asks the hosts file first, and says "not found" where a server has failed.
    ptr: (address) => ask("PTR", address, () => plain(node.resolvePtr(reverseName(address) ?? ""))),
    cname: (name) => ask("CNAME", name, () => plain(node.resolveCname(name))),
    ns: (name) => ask("NS", name, () => plain(node.resolveNs(name))),
    soa: (name) =>
      ask("SOA", name, async () => {
        const soa = await node.resolveSoa(name);
        return { records: [{ primary: soa.nsname, mailbox: soa.hostmaster, serial: soa.serial }] };
      }),
    host: (name) =>
      ask("host", name, async () => ({
        records: (await lookup(name, { all: true })).map(({ address }) => address),
        ttlSeconds: negativeTtlSeconds,
      })),
    forget: () => {
      cache.clear();
    },
    close: () => {
      closed = true;
      node.cancel();
    },
  };
}

type Kept<T> = { readonly value: Answer<T>; readonly ttlSeconds: number };

async function settle<T>(
  question: () => Promise<{ readonly records: readonly T[]; readonly ttlSeconds?: number }>,
): Promise<Kept<T>> {
  try {
    const { records, ttlSeconds = defaultTtlSeconds } = await question();
    if (records.length === 0) return { value: { kind: "nodata" }, ttlSeconds: negativeTtlSeconds };
    return {
      value: { kind: "records", records: records.slice(0, recordsMax) },
      ttlSeconds: Math.min(ttlSeconds, ttlMaxSeconds),
    };
  } catch (error) {
    return failure(codeOf(error));
  }
}

function failure<T>(code: string): Kept<T> {
  switch (code) {
    case "ENOTFOUND":
    case "EBADNAME": // No name server would know it: nonsense is not "try again" (libraries.md 1.3, 12).
    case "ERR_INVALID_ARG_VALUE":
    case "EINVAL":
      return { value: { kind: "nxdomain" }, ttlSeconds: negativeTtlSeconds };
    case "ENODATA":
      return { value: { kind: "nodata" }, ttlSeconds: negativeTtlSeconds };
    default:
      // Not kept: a name server that is back should be heard at once.
      return { value: { kind: "unavailable", problem: code }, ttlSeconds: 0 };
  }
}

function codeOf(error: unknown): string {
  const code: unknown =
    typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown error";
}

function withTtl(records: readonly { readonly address: string; readonly ttl: number }[]): {
  records: readonly string[];
  ttlSeconds: number;
} {
  return {
    records: records.map(({ address }) => address),
    ttlSeconds: Math.min(...records.map(({ ttl }) => ttl), ttlMaxSeconds),
  };
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
