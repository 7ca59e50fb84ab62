// Keys turn on by themselves: seen, active, forerunner retiring, retired, and anew by schedule.
import { expect, test } from "vitest";

import { createMemoryKeyStore, type MemoryKeyStore } from "../../test/support/memory-key-store.ts";
import { domainOf } from "../../test/support/signing-office.ts";
import { generateKey } from "./generate.ts";
import type { KeyAct } from "./key.ts";
import { beginRotation, turnKeys, type TurnParts } from "./turn.ts";

const domain = domainOf("example.jp");
const halves = await Promise.all(
  [1, 2].map(async () => generateKey({ algorithm: "rsa", bits: 2048 })),
);
const dayMs = 86_400_000;
const start = new Date("2026-11-25T00:00:00Z").getTime();

interface Bench {
  readonly keys: MemoryKeyStore;
  /** Selectors whose records stand in DNS. */
  readonly zone: Set<string>;
  readonly turn: (atMs: number, change?: Partial<TurnParts>) => Promise<readonly string[]>;
  readonly states: () => Promise<Readonly<Record<string, string>>>;
}

function open(): Bench {
  const keys = createMemoryKeyStore();
  const zone = new Set<string>();
  const parts: TurnParts = {
    keys,
    resolver: {
      txt: async (name) => {
        const key = (await keys.list()).find((each) => each.record.name === name);
        return key !== undefined && zone.has(key.selector)
          ? { kind: "records", records: [key.record.value] }
          : { kind: "nxdomain" };
      },
    },
    requirePublished: true,
    retireAfterMs: 7 * dayMs,
    domains: [domain],
  };
  return {
    keys,
    zone,
    turn: async (atMs, change = {}) =>
      (await turnKeys({ ...parts, ...change }, at(atMs))).map(
        ({ kind, key }) => `${kind} ${key.selector} ${key.state}`,
      ),
    states: async () =>
      Object.fromEntries((await keys.list()).map((key) => [key.selector, key.state])),
  };
}

function at(offsetMs: number): KeyAct {
  return { actor: "gateway", at: new Date(start + offsetMs) };
}

async function add(bench: Bench, selector: string, index: number, offsetMs: number): Promise<void> {
  const privateKey = halves[index];
  if (privateKey === undefined) throw new Error("no such half");
  await bench.keys.add({ domain, selector, privateKey }, at(offsetMs));
}

test("a domain's first key signs as soon as its record is seen, and not before", async () => {
  const bench = open();
  await add(bench, "a", 0, 0);
  expect(await bench.turn(1)).toEqual([]);
  bench.zone.add("a");
  expect(await bench.turn(2)).toEqual(["changed a active"]);
  expect(await bench.turn(3)).toEqual([]);
});

test("a successor takes over on its second sighting; the former key keeps its record for a week", async () => {
  const bench = open();
  await add(bench, "a", 0, 0);
  bench.zone.add("a");
  await bench.turn(1);
  await add(bench, "b", 1, 1000);
  expect(await bench.turn(2000)).toEqual([]);
  bench.zone.add("b");
  expect(await bench.turn(3000)).toEqual(["changed b published"]);
  bench.zone.delete("b");
  expect(await bench.turn(4000)).toEqual([]);
  bench.zone.add("b");
  expect(await bench.turn(5000)).toEqual(["changed b active", "changed a retiring"]);
  expect(await bench.turn(5000 + 7 * dayMs - 1)).toEqual([]);
  expect(await bench.turn(5000 + 7 * dayMs)).toEqual(["changed a retired"]);
  expect(await bench.states()).toEqual({ a: "retired", b: "active" });
});

test("the new key is active before the old one stops", async () => {
  const bench = open();
  await add(bench, "a", 0, 0);
  await add(bench, "b", 1, 1000);
  bench.zone.add("a").add("b");
  await bench.keys.setState(domain, "a", "active", at(0));
  await bench.turn(2000);
  await bench.turn(3000);
  expect(bench.keys.acts.slice(-2).map(({ change }) => change)).toEqual(["active", "retiring"]);
});

test("an older key that turns up in DNS does not take over from a newer one", async () => {
  const bench = open();
  await add(bench, "a", 0, 0);
  await add(bench, "b", 1, 1000);
  await bench.keys.setState(domain, "b", "active", at(1000));
  bench.zone.add("a").add("b");
  for (const time of [2000, 3000, 4000]) await bench.turn(time);
  expect(await bench.states()).toEqual({ a: "published", b: "active" });
});

test("by schedule a successor is made once, as strong as the key that signs", async () => {
  const bench = open();
  await add(bench, "a", 0, 0);
  bench.zone.add("a");
  await bench.turn(1);
  const change = { rotateEveryMs: 90 * dayMs };
  expect(await bench.turn(90 * dayMs - 1, change)).toEqual([]);
  expect(await bench.turn(90 * dayMs, change)).toEqual(["made s20270223a pending"]);
  expect(await bench.turn(91 * dayMs, change)).toEqual([]);
  expect(bench.keys.acts.at(-1)).toMatchObject({ actor: "gateway", reason: "scheduled rotation" });
  expect(await bench.turn(200 * dayMs, { ...change, domains: [] })).toEqual([]);
});

test("a rotation that is begun twice has one successor; in a closed network it takes over at once", async () => {
  const bench = open();
  await add(bench, "a", 0, 0);
  await bench.keys.setState(domain, "a", "active", at(0));
  const what = { domain, algorithm: "rsa" } as const;
  const first = await beginRotation({ keys: bench.keys, requirePublished: true }, what, at(1000));
  const second = await beginRotation({ keys: bench.keys, requirePublished: true }, what, at(2000));
  expect(second.selector).toBe(first.selector);

  const closed = open();
  await add(closed, "a", 0, 0);
  await closed.keys.setState(domain, "a", "active", at(0));
  const made = await beginRotation({ keys: closed.keys, requirePublished: false }, what, at(1000));
  expect(await closed.states()).toEqual({ a: "retiring", [made.selector]: "active" });
});
