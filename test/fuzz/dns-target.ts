// What a name server answers, octet by octet: changed, cut, and pointing into itself.
import { createSocket } from "node:dgram";
import { once } from "node:events";

import dnsPacket from "dns-packet";
import fc from "fast-check";

import { createValidatingResolver } from "../../src/dns/validating-resolver.ts";
import { must } from "./must.ts";
import type { FuzzTarget } from "./targets.ts";

const name = "mx.example.test";
const answers: readonly dnsPacket.Answer[] = [
  { type: "CNAME", name, ttl: 60, data: "alias.example.test" },
  { type: "MX", name, ttl: 60, data: { preference: 10, exchange: "mx.example.net" } },
  { type: "A", name, ttl: 60, data: "192.0.2.1" },
  { type: "AAAA", name, ttl: 60, data: "2001:db8::1" },
  {
    type: "TLSA",
    name,
    ttl: 60,
    data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.alloc(32, 7) },
  },
];
const headOctets = 12; // RFC 1035 §4.1.1

const octet = fc.oneof(fc.constantFrom(0, 0xc0, 0xff, 12, headOctets + 1), fc.nat(255));
const damage = fc.record({
  records: fc.subarray([...answers], { minLength: 1 }),
  changes: fc.array(fc.tuple(fc.nat(2000), octet), { maxLength: 3 }),
  /** Octets that are missing at the end. */
  cut: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(200) }),
  /** What the second pair of octets says: that it is an answer, in full, authenticated, of which kind. */
  flags: fc.constantFrom(0x8180, 0x81a0, 0x8183, 0x8182),
});

/** Every question ends in a value, and what is told as a record has the form of one. */
export const dnsTarget: FuzzTarget = {
  name: "DNS answers",
  weight: 0.2,
  run: async ({ seed, runs }) => {
    const server = createSocket("udp4").bind(0, "127.0.0.1");
    await once(server, "listening");
    let answer: (question: Buffer) => Buffer = (question) => question;
    server.on("message", (question, { port, address }) => {
      server.send(answer(question), port, address);
    });
    try {
      await fc.assert(
        fc.asyncProperty(damage, async ({ records, changes, cut, flags }) => {
          answer = (question) => {
            const packet = dnsPacket.decode(question);
            const octets = dnsPacket.encode({
              type: "response",
              id: packet.id ?? 0,
              questions: packet.questions ?? [],
              answers: records,
            });
            octets.writeUInt16BE(flags, 2);
            const behind = headOctets + name.length + 6; // the question stays: else it is no answer to it
            for (const [at, value] of changes) {
              const place = behind + (at % Math.max(1, octets.length - behind));
              if (place < octets.length) octets[place] = value;
            }
            return octets.subarray(0, Math.max(behind, octets.length - cut));
          };
          const resolver = createValidatingResolver({
            servers: [`127.0.0.1:${server.address().port}`],
            timeoutMs: 5,
          });
          const [mx, a, aaaa, tlsa, canonical] = await Promise.all([
            resolver.mx(name),
            resolver.a(name),
            resolver.aaaa(name),
            resolver.tlsa(name),
            resolver.canonical(name),
          ]);
          for (const found of [a, aaaa, canonical])
            if (found.kind === "records")
              must(
                found.records.every((each) => typeof each === "string"),
                "an address that is no text",
              );
          if (mx.kind === "records")
            for (const { preference, exchange } of mx.records)
              must(Number.isInteger(preference) && typeof exchange === "string", "a broken MX");
          if (tlsa.kind === "records")
            for (const { usage, selector, matchingType, data } of tlsa.records)
              must(
                [usage, selector, matchingType].every(Number.isInteger) && Buffer.isBuffer(data),
                "a broken TLSA",
              );
        }),
        { seed, numRuns: runs },
      );
    } finally {
      server.close();
    }
  },
};
