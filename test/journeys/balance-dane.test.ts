// Receivers with TLSA records of every kind: all that was accepted is accounted for, and nothing went where it must not.
import { expect, test } from "vitest";

import { addressOf, nothing, openBalanceWorld } from "../support/balance-world.ts";
import type { Zone } from "../support/dns-stub.ts";
import { makeAuthority, makeSelfSigned } from "../support/tls-pair.ts";
import { tlsa, type TlsaRecord } from "../support/tlsa-record.ts";

const authority = makeAuthority();
const own = makeSelfSigned(["somebody.else"]);
const minute = 60_000;
const secure = true;
const signed = (...records: readonly TlsaRecord[]): Zone => ({ TLSA: records, secure });

test("row 40: balance with TLSA records that match, do not, are not signed, cannot be had, and stand behind a CNAME", async () => {
  const issued = authority.issue(["mx.anchor.test"]);
  const wrong = signed(tlsa(authority.cert, 3, 1, 1));
  const cases: Readonly<Record<string, Zone>> = {
    "match.test": signed(tlsa(own.cert, 3, 1, 1)),
    "anchor.test": signed(tlsa(authority.cert, 2, 1, 1)),
    "alias.test": {},
    "unsigned.test": { TLSA: [tlsa(authority.cert, 3, 1, 1)] },
    "mismatch.test": wrong,
    "servfail.test": { TLSA: "servfail" },
  };
  const domains = Object.keys(cases);
  await using world = await openBalanceWorld({
    validating: true,
    receivers: {
      ...Object.fromEntries(domains.map((domain) => [domain, { tls: own }])),
      "anchor.test": { tls: { key: issued.key, cert: `${issued.cert}${authority.cert}` } },
    },
    zones: (port) => ({
      ...Object.fromEntries<Zone>(
        domains.flatMap((domain, index): [string, Zone][] => [
          [domain, { MX: [{ preference: 10, exchange: `mx.${domain}` }], secure }],
          [`mx.${domain}`, { A: [addressOf(index + 1)], secure }],
          [`_${port}._tcp.mx.${domain}`, cases[domain] ?? {}],
        ]),
      ),
      "mx.alias.test": { CNAME: ["host.y.test"], secure },
      "host.y.test": { A: [addressOf(domains.indexOf("alias.test") + 1)], secure },
      [`_${port}._tcp.host.y.test`]: signed(tlsa(own.cert, 3, 1, 1)),
    }),
  });
  const port = world.receivers["match.test"]?.port ?? 0;
  await world.send(domains.map((domain) => `a@${domain}`));
  await world.run();
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 6,
    delivered: 4,
    waiting: 2,
    taken: 4,
  });
  for (const domain of ["mismatch.test", "servfail.test"])
    expect(await world.lastReply(`a@${domain}`), domain).toMatch(/^451 4\.7\.5 .*TLSA/);
  // One mends its zone, the other one never does.
  world.dns.zones[`_${port}._tcp.mx.servfail.test`] = signed(tlsa(own.cert, 3, 1, 1));
  await world.runFor(90 * minute);
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 6,
    delivered: 5,
    failed: 1,
    taken: 5,
  });
});

test("row 41: balance with a key that changes in the middle of a campaign: each connection is verified anew", async () => {
  const next = makeSelfSigned(["mx.x.test"]);
  await using world = await openBalanceWorld({
    validating: true,
    receivers: { "x.test": { tls: own } },
    zones: (port) => ({
      "x.test": { MX: [{ preference: 10, exchange: "mx.x.test" }], secure },
      "mx.x.test": { A: [addressOf(1)], secure },
      [`_${port}._tcp.mx.x.test`]: signed(tlsa(own.cert, 3, 1, 1)),
    }),
    settings: { maxMessagesPerConnection: 1, maxConnectionsPerDestination: 2 },
  });
  const mx = world.receivers["x.test"];
  if (mx === undefined) throw new Error("no receiver");
  await world.send(Array.from({ length: 6 }, (_, index) => `before${index}@x.test`));
  await world.run();
  expect(mx.connections()).toBe(6);
  // The key changes and the record does not: a session that could be resumed must not carry the old proof over.
  mx.rescript({ tls: next });
  await world.send(Array.from({ length: 6 }, (_, index) => `after${index}@x.test`));
  await world.run();
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 12,
    delivered: 6,
    waiting: 6,
    taken: 6,
  });
  world.dns.zones[`_${mx.port}._tcp.mx.x.test`] = signed(tlsa(next.cert, 3, 1, 1));
  await world.restart(); // the old record may be remembered for as long as its TTL says
  await world.runFor(30 * minute);
  expect(await world.balance()).toEqual({ ...nothing, accepted: 12, delivered: 12, taken: 12 });
});
