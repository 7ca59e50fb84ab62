import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Connection, Host } from "./connect.ts";
import { createIdleConnections, type IdleConnections } from "./idle-connections.ts";

const idleMs = 1000;
const ended: string[] = [];
let idle: IdleConnections;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  ended.length = 0;
  idle = createIdleConnections({
    max: 3,
    idleMs,
    onOld: ({ address }) => void ended.push(`old ${address}`),
    onBroken: ({ address }) => void ended.push(`broken ${address}`),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const host: Host = {
  name: "mx.test",
  addresses: [],
  port: 25,
  demand: { kind: "encrypt" },
  certainName: false,
};

/** As far as this part looks at one; `address` names it. */
function connection(address: string, to: Host = host): Connection {
  return { host: to, address, wire: { usable: () => true } } as unknown as Connection;
}

test("each connection ends when its own time is over, by one timer for all", () => {
  for (const name of ["a", "b", "c"]) {
    idle.put(connection(name));
    vi.advanceTimersByTime(300);
  }
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(99);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(["old a"]);
  vi.advanceTimersByTime(300);
  expect(ended).toEqual(["old a", "old b"]);
  vi.advanceTimersByTime(300);
  expect(ended).toEqual(["old a", "old b", "old c"]);
  expect([idle.count(), vi.getTimerCount()]).toEqual([0, 0]);
});

test("one that was used meanwhile has its whole time again", () => {
  const kept = connection("a");
  idle.put(kept);
  vi.advanceTimersByTime(900);
  expect(idle.pick({ ...host })).toBe(kept);
  idle.put(kept);
  vi.advanceTimersByTime(999);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(["old a"]);
});

test("gives the one of the host that was used last, and none of another host or another demand", () => {
  idle.put(connection("a"));
  idle.put(connection("b"));
  idle.put(connection("c", { ...host, name: "other.test" }));
  expect(idle.pick({ ...host, certainName: true })).toBeUndefined();
  expect(idle.pick({ ...host, demand: { kind: "verify", by: "operator" } })).toBeUndefined();
  expect([idle.pick(host), idle.pick(host), idle.pick(host)].map((one) => one?.address)).toEqual([
    "b",
    "a",
    undefined,
  ]);
});

test("of one too many the oldest ends; one that the peer has closed is broken, once, and not where it is in use", () => {
  const [c, d] = [connection("c"), connection("d")];
  for (const each of [connection("a"), connection("b"), c, d]) idle.put(each);
  expect(ended).toEqual(["old a"]);
  idle.lost(c);
  idle.lost(c);
  expect(ended).toEqual(["old a", "broken c"]);
  expect(idle.pick(host)).toBe(d);
  idle.lost(d);
  expect(ended).toEqual(["old a", "broken c"]);
});

test("taken all, none is left, and no timer", () => {
  idle.put(connection("a"));
  idle.put(connection("b"));
  expect(idle.takeAll().map(({ address }) => address)).toEqual(["a", "b"]);
  expect([idle.count(), vi.getTimerCount()]).toEqual([0, 0]);
});
