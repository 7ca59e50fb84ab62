import { expect, test } from "vitest";

import { createRouter, type Route } from "../../src/delivery/route.ts";
import { createTlsPolicies } from "../../src/delivery/tls/policies.ts";
import { createResolver } from "../../src/dns/resolver.ts";
import { parseDomain } from "../../src/mail/domain.ts";
import { startDnsStub, type Zones } from "../support/dns-stub.ts";

const mx = (exchange: string, preference = 10): { preference: number; exchange: string } => ({
  preference,
  exchange,
});
const zones: Zones = {
  "null.test": { MX: [mx(".", 0)] },
  "plain.test": { A: ["127.0.0.9"] },
  "mail.test": { MX: [mx("b.mail.test", 20), mx("a.mail.test", 10)] },
  "a.mail.test": { A: ["127.0.0.1"] },
  "b.mail.test": { A: ["127.0.0.2"] },
  "servfail.test": "servfail",
  "refused.test": "refused",
  "silent.test": "timeout",
  "empty.test": { TXT: ["nothing else"] },
  "half.test": { MX: [mx("gone.half.test", 5), mx("a.mail.test", 10)] },
  "gone.test": { MX: [mx("gone.gone.test")] },
  "shaky.test": { MX: [mx("broken.shaky.test")] },
  "broken.shaky.test": { A: "servfail", AAAA: "servfail" },
  "self.test": { MX: [mx("gw.example.jp")] },
  "inner.test": { MX: [mx("in.inner.test")] },
  "in.inner.test": { A: ["10.1.2.3"] },
  "under.test": { MX: [mx("Mail_1.under.test")] },
  "mail_1.under.test": { A: ["127.0.0.5"] },
  "number.test": { MX: [mx("127.0.0.1")] },
  "many.test": { MX: Array.from({ length: 120 }, (_, index) => mx(`h${index}.many.test`, index)) },
  ...Object.fromEntries(
    Array.from({ length: 120 }, (_, index) => [`h${index}.many.test`, { A: [`127.0.1.${index}`] }]),
  ),
  "long.test": { TXT: [["v=x;", "y".repeat(250), "z".repeat(250)]] },
};

async function route(name: string, random = 0.5): Promise<Route> {
  await using dns = await startDnsStub(zones);
  const resolver = createResolver({ servers: [dns.server], timeoutMs: 150 });
  const router = createRouter({
    settings: {
      hostname: "gw.example.jp",
      routes: [{ domain: "*.test", via: { kind: "mx" } }],
      allowPrivate: ["127.0.0.0/8"],
      mxPort: 25,
    },
    resolver,
    policies: createTlsPolicies({ standard: "encrypt", domains: [], port: 25 }),
    random: () => random,
  });
  const domain = parseDomain(name);
  if (domain.kind === "bad") throw new Error(name);
  return await router.route(domain.value);
}

test.each([
  ["null.test", true, "5.1.10"],
  ["missing.test", true, "5.1.2"],
  ["empty.test", true, "5.1.2"],
  ["gone.test", true, "5.4.4"],
  ["number.test", true, "5.4.4"],
  ["servfail.test", false, "4.4.3"],
  ["refused.test", false, "4.4.3"],
  ["silent.test", false, "4.4.3"],
  ["shaky.test", false, "4.4.3"],
])("row 42: mail for %s fails for good: %s, with %s", async (name, permanent, enhanced) => {
  expect(await route(name)).toMatchObject({
    kind: "no-route",
    permanent,
    ofDomain: permanent,
    reply: { enhanced },
  });
});

test.each([
  ["self.test", "5.4.6"],
  ["inner.test", "5.4.6"],
  ["unrouted.example", "5.4.4"],
])(
  "row 42: that mail for %s finds no way says nothing of its domain: %s",
  async (name, enhanced) => {
    expect(await route(name)).toMatchObject({
      kind: "no-route",
      permanent: true,
      ofDomain: false,
      reply: { enhanced },
    });
  },
);

test("row 42: a smarthost without an address is told as that, not as name servers that are silent", async () => {
  const router = createRouter({
    settings: {
      hostname: "gw.example.jp",
      routes: [{ domain: "*", via: { kind: "host", host: "relay.invalid", port: 25 } }],
      allowPrivate: [],
      mxPort: 25,
    },
    resolver: {
      ...createResolver({ servers: ["127.0.0.1:1"], timeoutMs: 50 }),
      host: () => Promise.resolve({ kind: "nxdomain" }),
    },
    policies: createTlsPolicies({ standard: "encrypt", domains: [], port: 25 }),
    random: () => 0,
  });
  const domain = parseDomain("x.test");
  if (domain.kind === "bad") throw new Error(domain.problem);
  expect(await router.route(domain.value)).toMatchObject({
    permanent: false,
    reply: { code: 451, text: "the smarthost relay.invalid (delivery.routes) has no address now" },
  });
});

test("row 42: hosts come in the order of preference, those without an address are passed over", async () => {
  expect(await route("mail.test")).toMatchObject({
    hosts: [{ name: "a.mail.test", addresses: ["127.0.0.1"] }, { name: "b.mail.test" }],
  });
  expect(await route("half.test")).toMatchObject({ hosts: [{ name: "a.mail.test" }] });
});

test("row 42: an exchanger may have an underscore in its name", async () => {
  expect(await route("under.test")).toMatchObject({
    hosts: [{ name: "mail_1.under.test", addresses: ["127.0.0.5"] }],
  });
});

test("row 42: a domain without MX takes mail at its own address", async () => {
  expect(await route("plain.test")).toMatchObject({
    hosts: [{ name: "plain.test", addresses: ["127.0.0.9"], port: 25 }],
  });
});

test("row 42: of a hundred mail exchangers five are tried", async () => {
  const found = await route("many.test");
  expect(found.kind === "hosts" && found.hosts.map(({ name }) => name)).toEqual(
    [0, 1, 2, 3, 4].map((index) => `h${index}.many.test`),
  );
});

test("row 42: an answer is asked for once while it lives, also a negative one; a failure is asked for again", async () => {
  await using dns = await startDnsStub(zones, { ttlSeconds: 10 });
  let now = 0;
  const resolver = createResolver({ servers: [dns.server], timeoutMs: 150, monotonic: () => now });
  const asked = (): number => dns.questions.length;
  await Promise.all([resolver.a("a.mail.test"), resolver.a("A.mail.test")]);
  expect(asked()).toBe(1);
  now += 9_000;
  await resolver.a("a.mail.test");
  expect(asked()).toBe(1);
  now += 2_000;
  await resolver.a("a.mail.test");
  expect(asked()).toBe(2);
  expect(await resolver.mx("missing.test")).toEqual({ kind: "nxdomain" });
  const before = asked();
  await resolver.mx("missing.test");
  expect(asked()).toBe(before);
  expect((await resolver.mx("servfail.test")).kind).toBe("unavailable");
  dns.zones["servfail.test"] = { MX: [mx("a.mail.test")] };
  expect((await resolver.mx("servfail.test")).kind).toBe("records");
});

test("row 42: a record in pieces, longer than a datagram, arrives whole", async () => {
  await using dns = await startDnsStub(zones);
  const resolver = createResolver({ servers: [dns.server], timeoutMs: 500 });
  expect(await resolver.txt("long.test")).toEqual({
    kind: "records",
    records: [`v=x;${"y".repeat(250)}${"z".repeat(250)}`],
  });
});

test("row 42: a name that is nonsense is answered at once, and for good", async () => {
  const resolver = createResolver({ servers: ["127.0.0.1:1"], timeoutMs: 100 });
  expect((await resolver.mx(`${"x".repeat(70)}.test`)).kind).toBe("nxdomain");
});
