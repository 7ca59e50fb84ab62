import { expect, test } from "vitest";

import { createValidatingResolver } from "../../src/dns/validating-resolver.ts";
import { startDeliveryOffice } from "../support/delivery-office.ts";
import { startDnsStub, type Zone, type Zones } from "../support/dns-stub.ts";
import { startFakeMx, type FakeMx } from "../support/fake-mx.ts";
import { startPolicyServer, stsPolicy } from "../support/policy-server.ts";
import { makeAuthority, makeSelfSigned, type TlsPair } from "../support/tls-pair.ts";
import { tlsa, type TlsaRecord } from "../support/tlsa-record.ts";

const own = makeSelfSigned(["somebody.else"]); // under usage 3 the name does not count
const authority = makeAuthority();

interface Case {
  readonly pair?: TlsPair;
  readonly zones?: Zones;
  readonly tlsa?: Zone;
  readonly sts?: string;
}

interface Seen {
  readonly event: Record<string, unknown>;
  readonly mx: FakeMx;
  readonly balance: Readonly<Record<string, number>>;
}

/** One message to a@x.test, whose signed zone has mx.x.test. `use` sees what came of it. */
async function deliver(facts: Case, use: (seen: Seen) => void): Promise<void> {
  await using mx = await startFakeMx({ tls: facts.pair ?? own });
  await using web = await startPolicyServer(authority.issue(["mta-sts.x.test"]));
  web.answer = facts.sts ?? "";
  const secure = true;
  await using dns = await startDnsStub({
    "x.test": { MX: [{ preference: 1, exchange: "mx.x.test" }], secure },
    "mx.x.test": { A: ["127.0.0.1"], secure },
    [`_${mx.port}._tcp.mx.x.test`]: facts.tlsa ?? {},
    [`_${mx.port}._tcp.host.y.test`]: facts.tlsa ?? {},
    "_mta-sts.x.test": facts.sts === undefined ? {} : { TXT: ["v=STSv1; id=1"] },
    "mta-sts.x.test": { A: ["127.0.0.1"] },
    ...facts.zones,
  });
  const validating = createValidatingResolver({ servers: [dns.server], timeoutMs: 200 });
  const lookUps = { txt: facts.sts === undefined ? "nodata" : "v=STSv1; id=1" };
  await using office = startDeliveryOffice({
    validating,
    resolver: {
      ...validating,
      host: () => Promise.resolve({ kind: "nodata" }),
      txt: () =>
        Promise.resolve(
          lookUps.txt === "nodata"
            ? { kind: "nodata" }
            : { kind: "records", records: [lookUps.txt] },
        ),
    },
    allowPrivate: ["127.0.0.0/8"],
    mxPort: mx.port,
    httpsPort: web.port,
    mtaSts: true,
    authorities: [authority.cert],
  });
  await office.send({ to: ["a@x.test"] });
  await office.queue.waitFor(() => office.queue.events.length > 0);
  const event = office.queue.events[0];
  use({
    event: { type: event?.type, ...event?.detail, words: event?.reply?.text },
    mx,
    balance: office.queue.states(),
  });
}

const delivered = { type: "Delivery", tlsPolicy: "dane", tlsVerified: true };
const signed = (...records: readonly TlsaRecord[]): Zone => ({
  TLSA: records,
  secure: true,
});

test.each([
  ["3 1 1", own, signed(tlsa(own.cert, 3, 1, 1))],
  ["3 0 1", own, signed(tlsa(own.cert, 3, 0, 1))],
  ["3 1 2", own, signed(tlsa(own.cert, 3, 1, 2))],
  ["3 0 0", own, signed(tlsa(own.cert, 3, 0, 0))],
  [
    "3 1 1 of another key and of this one",
    own,
    signed(tlsa(authority.cert, 3, 1, 1), tlsa(own.cert, 3, 1, 1)),
  ],
  [
    "2 0 0 with the anchor in DNS alone",
    authority.issue(["mx.x.test"]),
    signed(tlsa(authority.cert, 2, 0, 0)),
  ],
] as const)(
  "row 40: a certificate that TLSA %s names takes the mail",
  async (_name, pair, zone) => {
    await deliver({ pair, tlsa: zone }, ({ event, mx, balance }) => {
      expect(event).toMatchObject(delivered);
      expect(mx.deliveries).toHaveLength(1);
      expect(balance).toEqual({ delivered: 1 });
    });
  },
);

test("row 40: usage 2 takes a chain whose authority is sent along, for the host's name", async () => {
  const issued = authority.issue(["mx.x.test"]);
  const pair = { key: issued.key, cert: `${issued.cert}${authority.cert}` };
  await deliver({ pair, tlsa: signed(tlsa(authority.cert, 2, 1, 1)) }, ({ event }) => {
    expect(event).toMatchObject(delivered);
  });
});

test.each([
  ["another key than the record's", own, signed(tlsa(authority.cert, 3, 1, 1)), "matches no TLSA"],
  [
    "an authority's certificate for another name",
    authority.issue(["mx.other.test"]),
    signed(tlsa(authority.cert, 2, 0, 0)),
    "wrong name",
  ],
  [
    "an authority's certificate that has expired",
    authority.issue(["mx.x.test"], { expired: true }),
    signed(tlsa(authority.cert, 2, 0, 0)),
    "no chain",
  ],
  [
    "a certificate that the anchor did not sign",
    own,
    signed(tlsa(authority.cert, 2, 0, 0)),
    "no chain",
  ],
] as const)("row 40: %s gets nothing, and the mail waits", async (_name, pair, zone, words) => {
  await deliver({ pair, tlsa: zone }, ({ event, mx, balance }) => {
    expect(event).toMatchObject({
      type: "TransientFailure",
      class: "tls",
      tlsPolicy: "dane",
      words: expect.stringContaining(words) as unknown,
    });
    expect(mx.commands.map(({ line }) => line.split(" ")[0])).not.toContain("MAIL");
    expect(balance).toEqual({ waiting: 1 });
  });
});

test.each([
  [
    "TLSA records that are not signed are ignored",
    { tlsa: { TLSA: [tlsa(authority.cert, 3, 1, 1)] } },
  ],
  [
    "signed records of usages that SMTP does not know ask for TLS alone",
    { tlsa: signed(tlsa(authority.cert, 1, 1, 1)) },
  ],
  [
    "an MX answer that is not signed makes TLSA records count for nothing",
    {
      tlsa: signed(tlsa(authority.cert, 3, 1, 1)),
      zones: { "x.test": { MX: [{ preference: 1, exchange: "mx.x.test" }] } },
    },
  ],
] as const)("row 40: %s", async (_name, facts) => {
  await deliver(facts, ({ event }) => {
    expect(event).toMatchObject({ type: "Delivery", tlsPolicy: "encrypt", tlsVerified: false });
  });
});

test.each([
  ["TLSA records that cannot be validated", { tlsa: { TLSA: "servfail" } }, "TLSA"],
  ["TLSA records that nobody answers for", { tlsa: { TLSA: "timeout" } }, "TLSA"],
  ["an address that cannot be validated", { zones: { "mx.x.test": "servfail" } }, "name servers"],
  ["exchangers that cannot be validated", { zones: { "x.test": "servfail" } }, "name servers"],
] as const)("row 40: %s let the mail wait", async (_name, facts, words) => {
  await deliver(facts as Case, ({ event, mx, balance }) => {
    expect(event).toMatchObject({
      type: "TransientFailure",
      words: expect.stringContaining(words) as unknown,
    });
    expect(mx.connections()).toBe(0);
    expect(balance).toEqual({ waiting: 1 });
  });
});

test("row 40: a host that is an alias is looked up under the name that it stands for", async () => {
  const secure = true;
  await deliver(
    {
      tlsa: signed(tlsa(own.cert, 3, 1, 1)),
      zones: {
        "mx.x.test": { CNAME: ["host.y.test"], secure },
        "host.y.test": { A: ["127.0.0.1"], secure },
      },
    },
    ({ event }) => {
      expect(event).toMatchObject(delivered);
    },
  );
});

test("row 40: DANE wins over MTA-STS, be it kinder or stricter", async () => {
  const sts = stsPolicy("enforce", ["mx.x.test"]);
  await deliver({ sts, tlsa: signed(tlsa(own.cert, 3, 1, 1)) }, ({ event }) => {
    expect(event).toMatchObject(delivered); // no authority signed it: MTA-STS alone would refuse
  });
  const pair = authority.issue(["mx.x.test"]);
  await deliver({ sts, pair, tlsa: signed(tlsa(own.cert, 3, 1, 1)) }, ({ event }) => {
    expect(event).toMatchObject({ type: "TransientFailure", class: "tls", tlsPolicy: "dane" });
  });
});

test("row 41: each new connection is verified by us before MAIL, from a full handshake", async () => {
  await using mx = await startFakeMx({ tls: own });
  const secure = true;
  await using dns = await startDnsStub({
    "x.test": { MX: [{ preference: 1, exchange: "mx.x.test" }], secure },
    "mx.x.test": { A: ["127.0.0.1"], secure },
    [`_${mx.port}._tcp.mx.x.test`]: signed(tlsa(own.cert, 3, 1, 1)),
  });
  const validating = createValidatingResolver({ servers: [dns.server], timeoutMs: 500 });
  await using office = startDeliveryOffice({
    validating,
    allowPrivate: ["127.0.0.0/8"],
    mxPort: mx.port,
    maxMessagesPerConnection: 1,
    maxConnectionsPerDestination: 1,
  });
  await office.send({ to: ["a@x.test", "b@x.test", "c@x.test"] });
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 3);
  expect(mx.connections()).toBe(3);
  for (const event of office.queue.events)
    expect(event.detail).toMatchObject({ tlsPolicy: "dane", tlsVerified: true, reused: false });
  // The key changes, the record does not: a session that could be resumed must not carry the old proof over.
  mx.rescript({ tls: makeSelfSigned(["mx.x.test"]) });
  await office.send({ to: ["d@x.test"] });
  await office.queue.waitFor(() => office.queue.events.length === 4);
  expect(office.queue.events[3]).toMatchObject({
    type: "TransientFailure",
    detail: { class: "tls" },
  });
});
