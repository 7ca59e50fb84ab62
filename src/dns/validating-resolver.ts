// Asks a validating resolver and keeps what it says of DNSSEC: the AD bit, believed since the way to it is trusted.
//
// Node's own resolver drops that bit, so these questions are written and read here (RFC 6840 §5.7, §5.8). The resolver
// runs on this machine: on any other path the bit could be forged, and the configuration refuses it.
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect } from "node:net";

import dnsPacket from "dns-packet";

import { createAnswerCache } from "./answer-cache.ts";
import { createGate } from "./gate.ts";
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

const tries = 2; // of each server: one lost datagram is forgiven
const questionsMax = 200;
const waitingMax = 10_000;
const recordsMax = 100;
const negativeTtlSeconds = 60;
const ttlMaxSeconds = 3600;
const datagramMaxOctets = 1232; // DNS flag day 2020: fits every path without fragments
const messageMaxOctets = 65_535;

type Kept<T> = { readonly value: Validated<T>; readonly ttlSeconds: number };
type Type = "MX" | "A" | "AAAA" | "TLSA";

export function createValidatingResolver(options: ValidatingResolverOptions): ValidatingResolver {
  const cache = createAnswerCache(options.monotonic ?? (() => performance.now()));
  const gate = createGate(questionsMax, waitingMax);
  const ask = <T>(
    key: string,
    name: string,
    type: Type,
    pick: (packet: dnsPacket.DecodedPacket) => readonly T[],
  ): Promise<Validated<T>> =>
    cache.through(`${key} ${name.toLowerCase()}`, async (): Promise<Kept<T>> => {
      const outcome = await gate.run(() => exchange(options, name, type));
      if (outcome.kind === "full") return unavailable("too many questions");
      return outcome.value.kind === "none"
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

type Exchanged =
  | { readonly kind: "packet"; readonly packet: dnsPacket.DecodedPacket }
  | { readonly kind: "none"; readonly problem: string };

async function exchange(
  options: ValidatingResolverOptions,
  name: string,
  type: Type,
): Promise<Exchanged> {
  let problem = "no validating resolver is set up";
  for (let attempt = 0; attempt < tries; attempt += 1)
    for (const server of options.servers) {
      const id = randomInt(65_536);
      const question = encodeQuestion(id, name, type);
      if (question === undefined) return { kind: "none", problem: "is no name that DNS can carry" };
      const check = (octets: Buffer): dnsPacket.DecodedPacket | undefined =>
        readReply(octets, { id, name, type });
      const place = placeOf(server);
      const short = await overUdp(place, question, options.timeoutMs, check);
      const whole =
        short?.flag_tc === true ? await overTcp(place, question, options.timeoutMs, check) : short;
      if (whole !== undefined) return { kind: "packet", packet: whole };
      problem = `no answer from ${server}`;
    }
  return { kind: "none", problem };
}

interface Place {
  readonly host: string;
  readonly port: number;
}

function placeOf(server: string): Place {
  const match = /^\[?([0-9a-fA-F.:]+?)\]?(?::(\d+))?$/.exec(server);
  return { host: match?.[1] ?? server, port: Number(match?.[2] ?? 53) };
}

/** undefined where the name cannot be written: a label of more than 63 octets. */
function encodeQuestion(id: number, name: string, type: Type): Buffer | undefined {
  try {
    return dnsPacket.encode({
      type: "query",
      id,
      flags: dnsPacket.RECURSION_DESIRED | dnsPacket.AUTHENTIC_DATA,
      questions: [{ type, name }],
      additionals: [
        {
          type: "OPT",
          name: ".",
          udpPayloadSize: datagramMaxOctets,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: dnsPacket.DNSSEC_OK,
          flag_do: true,
          options: [],
        },
      ],
    });
  } catch {
    return undefined;
  }
}

/** undefined: not the answer to this question. */
function readReply(
  octets: Buffer,
  asked: { readonly id: number; readonly name: string; readonly type: Type },
): dnsPacket.DecodedPacket | undefined {
  try {
    const packet = dnsPacket.decode(octets);
    const question = packet.questions?.[0];
    return packet.type === "response" &&
      packet.id === asked.id &&
      question?.type === asked.type &&
      question.name.toLowerCase() === asked.name.toLowerCase()
      ? packet
      : undefined;
  } catch {
    return undefined;
  }
}

type Check = (octets: Buffer) => dnsPacket.DecodedPacket | undefined;

function overUdp(
  { host, port }: Place,
  question: Buffer,
  timeoutMs: number,
  check: Check,
): Promise<dnsPacket.DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const finish = (packet: dnsPacket.DecodedPacket | undefined): void => {
      clearTimeout(timer);
      socket.removeAllListeners("message");
      socket.close();
      resolve(packet);
    };
    const timer = setTimeout(finish, timeoutMs, undefined);
    socket.once("error", () => {
      finish(undefined);
    });
    socket.on("message", (octets) => {
      const packet = check(octets);
      if (packet !== undefined) finish(packet);
    });
    // A connected socket takes datagrams of its peer only.
    socket.connect(port, host, () => {
      socket.send(question);
    });
  });
}

function overTcp(
  { host, port }: Place,
  question: Buffer,
  timeoutMs: number,
  check: Check,
): Promise<dnsPacket.DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let input = Buffer.alloc(0);
    const finish = (packet: dnsPacket.DecodedPacket | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(packet);
    };
    const timer = setTimeout(finish, timeoutMs, undefined);
    socket.on("error", () => {
      finish(undefined);
    });
    socket.on("close", () => {
      finish(undefined);
    });
    socket.once("connect", () => {
      const head = Buffer.alloc(2);
      head.writeUInt16BE(question.length);
      socket.write(Buffer.concat([head, question]));
    });
    socket.on("data", (chunk) => {
      input = Buffer.concat([input, chunk]);
      if (input.length > messageMaxOctets + 2) finish(undefined);
      else if (input.length >= 2 && input.length >= input.readUInt16BE(0) + 2)
        finish(check(input.subarray(2, input.readUInt16BE(0) + 2)));
    });
  });
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
