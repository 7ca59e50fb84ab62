// A name server on 127.0.0.1 (UDP and TCP) that answers from a table, for tests.
//
//   await using dns = await startDnsStub({
//     "example.test": { MX: [{ preference: 10, exchange: "mx.example.test" }], TXT: ["v=spf1 -all"] },
//     "mx.example.test": { A: ["127.0.0.1"] },
//     "broken.test": "servfail",       // also "timeout" (no answer) and "refused"
//   });
//   const resolver = createResolver({ servers: [dns.server], timeoutMs: 500 });
//
// A zone with `secure: true` is signed: its answers carry the AD bit, as a validating resolver gives it, where every name
// on the way through its CNAMEs is secure too. TLSA records stand under their own names ("_25._tcp.mx.example.test").
//
// A name that is not in the table does not exist (NXDOMAIN); a type that its entry lacks is NODATA. Give a type
// "servfail", "refused" or "timeout" in place of records to fail it alone. `dns.zones` may be changed while it runs,
// `dns.questions` lists what was asked ("MX example.test").
import { createSocket } from "node:dgram";
import { createServer, type AddressInfo } from "node:net";

import dnsPacket from "dns-packet";

export type Failure = "servfail" | "refused" | "timeout";

export interface Zone {
  readonly A?: readonly string[] | Failure;
  readonly AAAA?: readonly string[] | Failure;
  readonly MX?: readonly { readonly preference: number; readonly exchange: string }[] | Failure;
  readonly TXT?: readonly (string | readonly string[])[] | Failure;
  readonly PTR?: readonly string[] | Failure;
  readonly NS?: readonly string[] | Failure;
  readonly CNAME?: readonly string[] | Failure;
  readonly TLSA?:
    | readonly {
        readonly usage: number;
        readonly selector: number;
        readonly matchingType: number;
        readonly certificate: Buffer;
      }[]
    | Failure;
  readonly secure?: boolean;
  readonly SOA?:
    | readonly { readonly mname: string; readonly rname: string; readonly serial: number }[]
    | Failure;
}

export type Zones = Record<string, Zone | Failure>;

export interface DnsStub extends AsyncDisposable {
  /** `127.0.0.1:port`, as a resolver takes it. */
  readonly server: string;
  readonly port: number;
  readonly zones: Zones;
  readonly questions: readonly string[];
}

/** `ttlSeconds`: of every record. */
export async function startDnsStub(
  zones: Zones,
  options: { readonly ttlSeconds?: number } = {},
): Promise<DnsStub> {
  const table: Zones = { ...zones };
  const questions: string[] = [];
  const ttl = options.ttlSeconds ?? 60;
  const answer = (query: Buffer, overTcp: boolean): Buffer | undefined => {
    const packet = dnsPacket.decode(query);
    const question = packet.questions?.[0];
    if (question === undefined) return undefined;
    questions.push(`${question.type} ${question.name}`);
    const found = lookUp(table, question.name.toLowerCase(), question.type);
    if (found === "timeout") return undefined;
    const aliases = aliasesOf(table, question.name.toLowerCase(), question.type);
    const path = [question.name.toLowerCase(), ...aliases.map(({ to }) => to)];
    const secure = path.every((name) => {
      const zone = table[name];
      return typeof zone === "object" && zone.secure === true;
    });
    const code = { servfail: 2, nxdomain: 3, refused: 5 };
    const response = {
      type: "response" as const,
      ...(packet.id === undefined ? {} : { id: packet.id }),
      flags:
        dnsPacket.RECURSION_DESIRED |
        dnsPacket.RECURSION_AVAILABLE |
        (secure ? dnsPacket.AUTHENTIC_DATA : 0) |
        (typeof found === "string" ? code[found] : 0),
      questions: [question],
      answers:
        typeof found === "string"
          ? []
          : [
              ...aliases.map(({ from, to }) => toAnswer("CNAME", from, ttl, to)),
              ...found.map((data) => toAnswer(question.type, path.at(-1) ?? "", ttl, data)),
            ],
    };
    const encoded = dnsPacket.encode(response as dnsPacket.Packet);
    // RFC 1035 §4.2.1: what does not fit a datagram is asked for again over TCP.
    return overTcp || encoded.length <= 512
      ? encoded
      : dnsPacket.encode({
          ...response,
          flags: response.flags | dnsPacket.TRUNCATED_RESPONSE,
          answers: [],
        } as dnsPacket.Packet);
  };

  const udp = createSocket("udp4");
  const tcp = createServer((socket) => {
    let input = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      input = Buffer.concat([input, chunk]);
      while (input.length >= 2 && input.length >= 2 + input.readUInt16BE(0)) {
        const length = input.readUInt16BE(0);
        const reply = answer(input.subarray(2, 2 + length), true);
        input = input.subarray(2 + length);
        if (reply === undefined) continue;
        const head = Buffer.alloc(2);
        head.writeUInt16BE(reply.length);
        socket.write(Buffer.concat([head, reply]));
      }
    });
  });
  await new Promise<void>((resolve) => {
    tcp.listen(0, "127.0.0.1", resolve);
  });
  const { port } = tcp.address() as AddressInfo;
  await new Promise<void>((resolve, reject) => {
    udp.once("error", reject);
    udp.bind(port, "127.0.0.1", resolve);
  });
  udp.on("message", (message, from) => {
    const reply = answer(message, false);
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
  return {
    server: `127.0.0.1:${port}`,
    port,
    zones: table,
    questions,
    [Symbol.asyncDispose]: async () => {
      udp.close();
      await new Promise<void>((resolve) => {
        tcp.close(() => {
          resolve();
        });
      });
    },
  };
}

function lookUp(
  table: Zones,
  name: string,
  type: string,
): readonly unknown[] | Failure | "nxdomain" {
  const last = aliasesOf(table, name, type).at(-1)?.to ?? name;
  const zone = table[last];
  if (zone === undefined) return "nxdomain";
  if (typeof zone === "string") return zone;
  const found = zone[type as keyof Zone] ?? [];
  return typeof found === "boolean" ? [] : found;
}

/** The steps from a name to the one that has the records, as a resolver follows them. */
function aliasesOf(
  table: Zones,
  name: string,
  type: string,
): readonly { readonly from: string; readonly to: string }[] {
  const zone = table[name];
  if (type === "CNAME" || typeof zone !== "object" || !Array.isArray(zone.CNAME)) return [];
  const to = String(zone.CNAME[0]).toLowerCase();
  return [{ from: name, to }, ...aliasesOf(table, to, type)];
}

function toAnswer(type: string, name: string, ttl: number, data: unknown): object {
  return { type, name, ttl, class: "IN", data };
}
