// Asks a validating resolver and keeps what it says of DNSSEC: the AD bit, believed since the way to it is trusted.
//
// Node's own resolver drops that bit, so these questions are asked by ourselves (question.ts; RFC 6840 §5.7, §5.8). The
// resolver runs on this machine: on any other path the bit could be forged, and the configuration refuses it.
import type dnsPacket from "dns-packet";

import { createAnswerCache } from "./answer-cache.ts";
import { createGate } from "./gate.ts";
import { askServers, type QuestionType } from "./question.ts";
import type { Answer, MxRecord } from "./resolver.ts";

/** `authenticated`: the whole answer, aliases included, was validated. A bogus answer is `unavailable` (SERVFAIL). */
export type Validated<T> = Answer<T> & { readonly authenticated: boolean };

/** RFC 6698 §2.1. */
export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Buffer;
}

/** Names are given as ASCII without a final dot. No method throws. */
export interface ValidatingResolver {
  readonly mx: (name: string) => Promise<Validated<MxRecord>>;
  readonly a: (name: string) => Promise<Validated<string>>;
  readonly aaaa: (name: string) => Promise<Validated<string>>;
  readonly tlsa: (name: string) => Promise<Validated<TlsaRecord>>;
  /** The name that `name` is an alias of, through the whole chain; itself where it is none. */
  readonly canonical: (name: string) => Promise<Validated<string>>;
}

export interface ValidatingResolverOptions {
  /** `address:port`, asked in this order; at least one. */
  readonly servers: readonly string[];
  /** For one question to one server, in milliseconds. */
  readonly timeoutMs: number;
  /** Monotonic milliseconds; the cache's clock. */
  readonly monotonic?: () => number;
}

const questionsMax = 200;
const waitingMax = 10_000;
const recordsMax = 100;
const negativeTtlSeconds = 60;
const ttlMaxSeconds = 3600;

type Kept<T> = { readonly value: Validated<T>; readonly ttlSeconds: number };

export function createValidatingResolver(options: ValidatingResolverOptions): ValidatingResolver {
  const cache = createAnswerCache(options.monotonic ?? (() => performance.now()));
  const gate = createGate(questionsMax, waitingMax);
  const ask = <T>(
    key: string,
    name: string,
    type: QuestionType,
    pick: (packet: dnsPacket.DecodedPacket) => readonly T[],
  ): Promise<Validated<T>> =>
    cache.through(`${key} ${name.toLowerCase()}`, async (): Promise<Kept<T>> => {
      const outcome = await gate.run(() => askServers(options, name, type));
      if (outcome.kind === "full") return unavailable("too many questions");
      return outcome.value.kind === "unanswered"
        ? unavailable(outcome.value.problem)
        : read(outcome.value.packet, pick);
    });
  return {
    mx: (name) =>
      ask("MX", name, "MX", (packet) =>
        ofType(packet, "MX").map(({ data }) => ({
          preference: data.preference ?? 0,
          exchange: withoutDot(data.exchange),
        })),
      ),
    a: (name) => ask("A", name, "A", (packet) => texts(packet, "A").map(({ data }) => data)),
    aaaa: (name) =>
      ask("AAAA", name, "AAAA", (packet) => texts(packet, "AAAA").map(({ data }) => data)),
    tlsa: (name) =>
      ask("TLSA", name, "TLSA", (packet) =>
        ofType(packet, "TLSA").map(({ data }) => ({
          usage: data.usage,
          selector: data.selector,
          matchingType: data.matchingType,
          data: data.certificate,
        })),
      ),
    canonical: (name) => ask("alias", name, "A", (packet) => [lastName(packet, name)]),
  };
}

function unavailable<T>(problem: string): Kept<T> {
  return { value: { kind: "unavailable", problem, authenticated: false }, ttlSeconds: 0 };
}

function read<T>(
  packet: dnsPacket.DecodedPacket,
  pick: (packet: dnsPacket.DecodedPacket) => readonly T[],
): Kept<T> {
  const authenticated = packet.flag_ad;
  const code: unknown = "rcode" in packet ? packet.rcode : undefined; // missing in the library's types
  if (code === "NXDOMAIN")
    return { value: { kind: "nxdomain", authenticated }, ttlSeconds: negativeTtlSeconds };
  if (code !== "NOERROR") return unavailable(String(code));
  const records = pick(packet).slice(0, recordsMax);
  if (records.length === 0)
    return { value: { kind: "nodata", authenticated }, ttlSeconds: negativeTtlSeconds };
  const ttls = (packet.answers ?? []).flatMap((answer) =>
    "ttl" in answer && typeof answer.ttl === "number" ? [answer.ttl] : [],
  );
  return {
    value: { kind: "records", records, authenticated },
    ttlSeconds: Math.min(ttlMaxSeconds, ...ttls),
  };
}

function ofType<T extends "MX" | "TLSA">(
  packet: dnsPacket.DecodedPacket,
  type: T,
): readonly Extract<dnsPacket.Answer, { type: T }>[] {
  return (packet.answers ?? []).filter(
    (answer): answer is Extract<dnsPacket.Answer, { type: T }> => answer.type === type,
  );
}

function texts(
  packet: dnsPacket.DecodedPacket,
  type: "A" | "AAAA" | "CNAME",
): readonly { readonly name: string; readonly data: string }[] {
  return (packet.answers ?? []).flatMap((answer) =>
    answer.type === type && typeof answer.data === "string"
      ? [{ name: answer.name, data: answer.data }]
      : [],
  );
}

function lastName(packet: dnsPacket.DecodedPacket, name: string): string {
  const aliases = new Map(
    texts(packet, "CNAME").map(({ name: alias, data }) => [
      alias.toLowerCase(),
      data.toLowerCase(),
    ]),
  );
  let last = name.toLowerCase();
  for (let steps = 0; steps <= aliases.size; steps += 1) last = aliases.get(last) ?? last;
  return withoutDot(last);
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
