// Name servers that fail, and records that lead inwards: all that was accepted is accounted for.
import { createServer } from "node:net";

import { expect, test } from "vitest";

import { addressOf, nothing, openBalanceWorld } from "../support/balance-world.ts";

const minute = 60_000;
const exchange = (name: string): { readonly MX: { preference: number; exchange: string }[] } => ({
  MX: [{ preference: 10, exchange: name }],
});

test("row 42: balance with names that do not exist, take no mail, cannot be looked up, or have a hundred exchangers", async () => {
  await using world = await openBalanceWorld({
    receivers: { "good.test": {} },
    settings: { maxAgeSeconds: 900 },
    zones: () => ({
      "null.test": exchange("."),
      "loop.test": exchange("gw.example.jp"),
      "gw.example.jp": { A: [addressOf(1)] },
      "lame.test": exchange("nowhere.test"),
      "implicit.test": { A: [addressOf(1)] },
      "servfail.test": "servfail",
      "silent.test": { MX: "timeout" },
      // Four that refuse the connection, then one that takes it; the answer comes over TCP.
      "hundred.test": {
        MX: Array.from({ length: 100 }, (_, index) => ({
          preference: index,
          exchange: `mx${index}.hundred.test`,
        })),
      },
      ...Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [
          `mx${index}.hundred.test`,
          { A: [index === 4 ? addressOf(1) : `127.0.9.${index + 1}`] },
        ]),
      ),
    }),
  });
  const names = "good nowhere null loop lame implicit servfail silent hundred".split(" ");
  await world.send(names.map((name) => `a@${name}.test`));
  await world.run();
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 9,
    delivered: 3, // good, implicit, hundred
    failed: 4, // nowhere, null, loop, lame
    waiting: 2,
    taken: 3,
  });
  for (const [name, reply] of [
    ["nowhere", /^550 5\.1\.2 /],
    ["null", /^556 5\.1\.10 /],
    ["loop", /^550 5\.4\.6 /],
    ["lame", /^550 5\.4\.4 /],
    ["servfail", /^451 4\.4\.3 /],
    ["silent", /^451 4\.4\.3 /],
  ] as const)
    expect(await world.lastReply(`a@${name}.test`)).toMatch(reply);
  // One name server comes back, the other one never does.
  world.dns.zones["servfail.test"] = exchange("mx.good.test");
  await world.runFor(20 * minute);
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 9,
    delivered: 4,
    failed: 5,
    taken: 4,
  });
});

test("row 43: balance with exchangers that lead inwards: nobody there is dialled", async () => {
  await using world = await openBalanceWorld({
    receivers: { "good.test": {} },
    settings: { allowPrivate: ["127.0.8.0/24"], ownAddresses: ["203.0.113.9"] },
    zones: () => ({
      "loopback.test": exchange("mx.loopback.test"),
      "mx.loopback.test": { A: ["127.0.0.1"] },
      "metadata.test": exchange("mx.metadata.test"),
      "mx.metadata.test": { A: ["169.254.169.254"] },
      "nat64.test": exchange("mx.nat64.test"),
      "mx.nat64.test": { AAAA: ["64:ff9b::7f00:1"] },
      "mapped.test": exchange("mx.mapped.test"),
      "mx.mapped.test": { AAAA: ["::ffff:127.0.0.1"] },
      "own.test": exchange("mx.own.test"),
      "mx.own.test": { A: ["203.0.113.9"] },
      "implicit.test": { A: ["127.0.0.1"] },
      // Of two addresses the one that may be dialled is.
      "mixed.test": exchange("mx.mixed.test"),
      "mx.mixed.test": { A: ["127.0.0.1", addressOf(1)] },
    }),
  });
  let dialled = 0;
  const trap = createServer((socket) => {
    dialled += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    trap.listen(world.receivers["good.test"]?.port, "127.0.0.1", resolve);
  });
  const inward = "loopback metadata nat64 mapped own implicit".split(" ");
  await world.send([...inward, "good", "mixed"].map((name) => `a@${name}.test`));
  await world.run();
  expect(await world.balance()).toEqual({
    ...nothing,
    accepted: 8,
    delivered: 2,
    failed: 6,
    taken: 2,
  });
  for (const name of inward)
    expect(await world.lastReply(`a@${name}.test`), name).toMatch(/^550 5\.4\.6 /);
  expect(dialled).toBe(0);
  await new Promise<void>((resolve) => {
    trap.close(() => {
      resolve();
    });
  });
});

test("row 42: a host of which one address is down, or has no TLS, gets its mail at the other; who refuses us is asked once", async () => {
  await using world = await openBalanceWorld({
    receivers: {
      "good.test": {},
      "down.test": {
        on: { connect: { send: "421 4.3.2 down for maintenance", afterwards: "close" } },
      },
      "bare.test": { startTls: "absent" },
      "closed.test": { on: { connect: { send: "554 5.7.1 no", afterwards: "close" } } },
      "full.test": { on: { connect: { send: "421 4.7.0 too many", afterwards: "close" } } },
    },
    zones: () => ({
      ...Object.fromEntries(
        [2, 3, 4].map((bad) => [
          ["", "", "pair-down.test", "pair-bare.test", "pair-closed.test"][bad] ?? "",
          { A: [addressOf(bad), addressOf(1)] },
        ]),
      ),
      "all-down.test": { A: [addressOf(2), addressOf(3)] },
      // Two say "not now": the third is left in peace.
      "busy.test": { A: [addressOf(2), addressOf(5), addressOf(1)] },
    }),
  });
  await world.send([
    "a@pair-down.test",
    "a@pair-bare.test",
    "a@pair-closed.test",
    "a@all-down.test",
    "a@busy.test",
  ]);
  await world.run();
  expect(await world.balance()).toMatchObject({ accepted: 5, delivered: 2, waiting: 3, taken: 2 });
  expect(await world.lastReply("a@pair-closed.test")).toMatch(/554 5\.7\.1 no/);
  expect(await world.lastReply("a@busy.test")).toMatch(/421 4\.7\.0 too many/);
  expect(await world.lastReply("a@all-down.test")).toMatch(/STARTTLS is not offered/);
});

test("row 42: what the first exchanger breaks off or puts off goes to the next one; what speaks of the message does not", async () => {
  const close = { afterwards: "close" } as const;
  const first = {
    "closes-mail.test": { on: { mail: close } },
    "closes-data.test": { on: { data: close }, extensions: ["8BITMIME"] },
    "full-disk.test": { on: { mail: "452 4.3.1 insufficient system storage" } },
    "stops.test": { on: { rcpt: { send: "421 4.3.2 shutting down", ...close } } },
    "too-fast.test": { on: { mail: "421 4.7.28 unusual rate of mail" } },
    "too-much.test": { on: { mail: "450 4.7.1 Error: too much mail from 192.0.2.1" } },
    "grey.test": { on: { rcpt: "451 4.7.1 greylisted" } },
    "unanswered.test": { on: { end: close } },
    "alone.test": { on: { mail: "452 4.3.1 insufficient system storage" } },
  };
  const names = Object.keys(first);
  await using world = await openBalanceWorld({
    receivers: { "second.test": {}, ...first },
    zones: () =>
      Object.fromEntries(
        names.map((name) => [
          name,
          {
            MX: [
              { preference: 10, exchange: `mx.${name}` },
              {
                preference: 20,
                exchange: name === "alone.test" ? "nobody.second.test" : "mx.second.test",
              },
            ],
          },
        ]),
      ),
  });
  world.dns.zones["nobody.second.test"] = { A: ["127.0.250.250"] };
  await world.send(names.map((name) => `a@${name}`));
  await world.run();
  expect(await world.balance()).toMatchObject({ accepted: 9, delivered: 4, waiting: 5 });
  expect(
    world.receivers["second.test"]?.deliveries.flatMap(({ recipients }) => recipients),
  ).toEqual(expect.arrayContaining(names.slice(0, 4).map((name) => `a@${name}`)));
  expect(await world.lastReply("a@too-fast.test")).toMatch(/421 4\.7\.28/);
  expect(await world.lastReply("a@too-much.test")).toMatch(/too much mail/);
  expect(await world.lastReply("a@grey.test")).toMatch(/451 4\.7\.1 greylisted/);
  expect(await world.lastReply("a@unanswered.test")).toMatch(/may have been delivered/);
  // Of those that were asked, the one that spoke is quoted.
  expect(await world.lastReply("a@alone.test")).toMatch(/452 4\.3\.1 insufficient/);
});

test("row 42: what is too large for the second exchanger waits for the first, which may take it when it is back", async () => {
  const down = { on: { connect: { send: "421 4.3.2 down", afterwards: "close" } } } as const;
  const small = { extensions: ["PIPELINING", "8BITMIME", "SIZE 100"] };
  await using world = await openBalanceWorld({
    receivers: { "down.test": down, "small.test": small },
  });
  world.dns.zones["down.test"] = {
    MX: [
      { preference: 10, exchange: "mx.down.test" },
      { preference: 20, exchange: "mx.small.test" },
    ],
  };
  await world.send(["a@down.test", "a@small.test"]);
  await world.run();
  expect(await world.balance()).toMatchObject({ accepted: 2, failed: 1, waiting: 1 });
  expect(await world.lastReply("a@down.test")).toMatch(/421 4\.3\.2 down/);
  world.receivers["down.test"]?.rescript({});
  await world.runFor(600_000);
  expect(await world.balance()).toMatchObject({ accepted: 2, delivered: 1, failed: 1 });
});

test("row 42: what is too large for the second exchanger waits for a place at the first, too", async () => {
  const small = { extensions: ["PIPELINING", "8BITMIME", "SIZE 100"] };
  const zone = {
    MX: [
      { preference: 10, exchange: "mx.first.test" },
      { preference: 20, exchange: "mx.small.test" },
    ],
  };
  await using world = await openBalanceWorld({
    receivers: { "first.test": {}, "small.test": small },
    zones: () => ({ "one.test": zone, "two.test": zone }),
    settings: { maxConnectionsPerDestination: 1 },
  });
  // Nobody knows yet that both are one receiver's.
  await world.send(["a@one.test", "a@two.test"]);
  await world.run();
  expect(await world.balance()).toMatchObject({ accepted: 2, delivered: 1, waiting: 1 });
  await world.runFor(60_000);
  expect(await world.balance()).toMatchObject({ accepted: 2, delivered: 2 });
});
