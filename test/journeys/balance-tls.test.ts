// Receivers whose TLS is stripped, refused or untrusted, under each policy: all that was accepted is accounted for.
import type { ServerResponse } from "node:http";

import { expect, test } from "vitest";

import { nothing, openBalanceWorld } from "../support/balance-world.ts";
import type { FakeMxScript } from "../support/fake-mx.ts";
import { stsPolicy } from "../support/policy-server.ts";
import { makeAuthority, makeSelfSigned } from "../support/tls-pair.ts";

const authority = makeAuthority();
const minute = 60_000;

/** What each receiver has come to be once it is mended. */
const mended = (domain: string): FakeMxScript => ({ tls: authority.issue([`mx.${domain}`]) });

test("row 36: balance with STARTTLS absent, refused, garbled and injected, under every policy", async () => {
  const attacks: Readonly<Record<string, FakeMxScript>> = {
    absent: { startTls: "absent" },
    refused: { on: { starttls: "454 4.7.0 TLS not available" } },
    garbage: { startTls: "garbage" },
    inject: { startTls: "inject" },
  };
  const policies = ["encrypt", "verify", "sts"] as const;
  const receivers = Object.fromEntries(
    policies.flatMap((policy) =>
      Object.entries(attacks).map(([attack, script]) => [`${attack}.${policy}.test`, script]),
    ),
  );
  const domains = Object.keys(receivers);
  await using world = await openBalanceWorld({
    authority,
    receivers: { "good.test": {}, ...receivers },
    policies: Object.fromEntries(
      domains
        .filter((domain) => domain.endsWith(".sts.test"))
        .map((domain) => [domain, stsPolicy("enforce", [`mx.${domain}`])]),
    ),
    settings: { tlsDomains: [{ domain: "*.verify.test", policy: "verify" }] },
  });
  await world.send(["a@good.test", ...domains.map((domain) => `a@${domain}`)]);
  await world.run();
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 13,
    delivered: 1,
    waiting: 12,
    taken: 1,
  });
  for (const domain of domains)
    expect(await world.lastReply(`a@${domain}`), domain).toMatch(/^451 4\.7\.[45] /);

  // Three are never mended: their mail ends, and its sender is told.
  for (const domain of domains.filter((each) => !each.startsWith("absent.")))
    world.receivers[domain]?.rescript(mended(domain));
  await world.runFor(90 * minute);
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 13,
    delivered: 10,
    failed: 3,
    taken: 10,
  });
});

test("row 37: balance with certificates that are good, expired, for another name, and signed by nobody", async () => {
  const pairs = {
    good: (name: string) => authority.issue([name]),
    expired: (name: string) => authority.issue([name], { expired: true }),
    other: () => authority.issue(["mx.elsewhere.test"]),
    nobody: (name: string) => makeSelfSigned([name]),
  };
  const policies = ["encrypt", "verify", "sts"] as const;
  const receivers = Object.fromEntries(
    policies.flatMap((policy) =>
      Object.entries(pairs).map(([kind, make]) => {
        const domain = `${kind}.${policy}.test`;
        return [domain, { tls: make(`mx.${domain}`) }];
      }),
    ),
  );
  const domains = Object.keys(receivers);
  await using world = await openBalanceWorld({
    authority,
    receivers,
    policies: Object.fromEntries(
      domains
        .filter((domain) => domain.endsWith(".sts.test"))
        .map((domain) => [domain, stsPolicy("enforce", [`mx.${domain}`])]),
    ),
    settings: { tlsDomains: [{ domain: "*.verify.test", policy: "verify" }] },
  });
  await world.send(domains.map((domain) => `a@${domain}`));
  await world.run();
  // encrypt takes all four; verify and MTA-STS the good one.
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 12,
    delivered: 6,
    waiting: 6,
    taken: 6,
  });
  for (const domain of domains.filter((each) => !/^good|encrypt/.test(each)))
    expect(await world.lastReply(`a@${domain}`), domain).toMatch(/^451 4\.7\.5 /);
  for (const domain of ["expired.sts.test", "nobody.verify.test"])
    world.receivers[domain]?.rescript(mended(domain));
  await world.runFor(90 * minute);
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 12,
    delivered: 8,
    failed: 4,
    taken: 8,
  });
});

test("row 38: balance with a policy whose record is blocked while an impostor stands in for the receiver", async () => {
  await using world = await openBalanceWorld({
    authority,
    receivers: { "x.test": mended("x.test"), "plain.test": {} },
    policies: { "x.test": stsPolicy("enforce", ["mx.x.test"], 7200) },
    settings: { maxAgeSeconds: 6 * 3600 },
  });
  await world.send(["a@x.test", "a@plain.test"]);
  await world.run();
  expect(await world.balance()).toEqual({ ...nothing, accepted: 2, delivered: 2, taken: 2 });

  world.receivers["x.test"]?.rescript({ tls: makeSelfSigned(["mx.x.test"]) });
  world.dns.zones["_mta-sts.x.test"] = "servfail";
  await world.restart();
  await world.send(["b@x.test"]);
  await world.runFor(45 * minute);
  delete world.dns.zones["_mta-sts.x.test"];
  await world.restart();
  await world.send(["c@x.test"]);
  await world.runFor(60 * minute);
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 4,
    delivered: 2,
    waiting: 2,
    taken: 2,
  });
  expect(world.web.asked).toHaveLength(1);
  // Two hours after it was fetched the policy ends: without another one, any certificate does.
  await world.runFor(60 * minute);
  expect(await world.balance()).toEqual({ ...nothing, accepted: 4, delivered: 4, taken: 4 });
});

test("row 39: balance with policy servers that redirect, lie about the type, and never end", async () => {
  const spoilt = {
    "redirect.test": (response: ServerResponse) => {
      response.writeHead(302, { Location: "https://evil.test/" }).end();
    },
    "html.test": (response: ServerResponse) => {
      response
        .writeHead(200, { "Content-Type": "text/html" })
        .end(stsPolicy("none", ["mx.html.test"]));
    },
    "endless.test": (response: ServerResponse) => {
      response.writeHead(200, { "Content-Type": "text/plain" });
      const more = (): void => {
        while (response.writable && response.write("x".repeat(65_536)));
        if (response.writable) response.once("drain", more);
      };
      more();
    },
  };
  const domains = Object.keys(spoilt);
  await using world = await openBalanceWorld({
    authority,
    receivers: Object.fromEntries(domains.map((domain) => [domain, mended(domain)])),
    policies: Object.fromEntries(
      domains.map((domain) => [domain, stsPolicy("enforce", [`mx.${domain}`])]),
    ),
  });
  await world.send(domains.map((domain) => `a@${domain}`));
  await world.run();
  expect(await world.balance()).toEqual({ ...nothing, accepted: 3, delivered: 3, taken: 3 });

  const answer = world.web.answer;
  world.web.answer = (response) => {
    const host = (response.req.headers.host ?? "").replace(/^mta-sts\.|:\d+$/g, "");
    spoilt[host as keyof typeof spoilt](response);
  };
  for (const domain of domains) {
    world.dns.zones[`_mta-sts.${domain}`] = { TXT: ["v=STSv1; id=2;"] };
    world.receivers[domain]?.rescript({ tls: makeSelfSigned([`mx.${domain}`]) });
  }
  await world.restart();
  await world.send(domains.map((domain) => `b@${domain}`));
  await world.run();
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 6,
    delivered: 3,
    waiting: 3,
    taken: 3,
  });
  expect(world.web.asked).toHaveLength(6);
  // The receivers have good certificates again, and the web server its policies.
  for (const domain of domains) world.receivers[domain]?.rescript(mended(domain));
  world.web.answer = answer;
  await world.runFor(30 * minute);
  expect(await world.balance()).toEqual({ ...nothing, accepted: 6, delivered: 6, taken: 6 });
});
