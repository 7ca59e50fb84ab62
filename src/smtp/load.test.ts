import { expect, test } from "vitest";

import { createLoad } from "./load.ts";

const limits = { connectionsMax: 6, connectionsPerAddressMax: 2, bytesInFlightMax: 1000 };

test("row 65: addresses of one IPv6 network are one client, those of an IPv4 network are not", () => {
  const load = createLoad(limits);
  expect(load.enter("2001:db8:0:1::1")).toBeDefined();
  expect(load.enter("2001:db8:0:1:ffff::9")).toBeDefined();
  expect(load.enter("2001:db8:0:1::2")).toBeUndefined();
  expect(load.enter("2001:db8:0:2::1")).toBeDefined();
  expect(load.enter("192.0.2.1")).toBeDefined();
  expect(load.enter("::ffff:192.0.2.1")).toBeDefined();
  expect(load.enter("192.0.2.1")).toBeUndefined();
  expect(load.enter("192.0.2.2")).toBeDefined();
});

test("row 65: who leaves makes room for the same client, once for each connection", () => {
  const load = createLoad(limits);
  for (let round = 0; round < 5; round += 1) {
    const first = load.enter("192.0.2.1");
    const second = load.enter("192.0.2.1");
    expect(load.enter("192.0.2.1")).toBeUndefined();
    first?.();
    first?.();
    const third = load.enter("192.0.2.1");
    expect(third).toBeDefined();
    expect(load.enter("192.0.2.1")).toBeUndefined();
    second?.();
    third?.();
    expect(load.counts().connections).toBe(0);
  }
});

test("row 65: a text that is no address is a client by itself", () => {
  const load = createLoad({ ...limits, connectionsPerAddressMax: 1 });
  expect(load.enter("unknown")).toBeDefined();
  expect(load.enter("unknown")).toBeUndefined();
  expect(load.enter("")).toBeDefined();
});

test("row 65: addresses of IPv4 are told apart by each octet", () => {
  const load = createLoad({ ...limits, connectionsPerAddressMax: 1 });
  for (const address of ["192.0.2.1", "193.0.2.1", "192.0.2.2", "192.1.2.1"])
    expect([address, load.enter(address) === undefined]).toEqual([address, false]);
});

test("row 65: whoever does not log in leaves half of the connections to those who do", () => {
  const load = createLoad(limits);
  const leave = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map((each) => load.strangers.enter(each));
  expect(leave.every((each) => each !== undefined)).toBe(true);
  expect(load.strangers.enter("192.0.2.4")).toBeUndefined();
  expect(load.enter("192.0.2.4")).toBeDefined();
  expect(load.counts().connections).toBe(4);
  for (const each of leave) {
    each?.();
    each?.();
  }
  expect(load.counts().connections).toBe(1);
  expect(load.strangers.counts().connections).toBe(0);
});

test("row 65: strangers find no room where all is taken, and hold nothing then", () => {
  const load = createLoad(limits);
  for (let client = 1; client <= 6; client += 1) load.enter(`192.0.2.${client}`);
  expect(load.strangers.enter("192.0.2.7")).toBeUndefined();
  expect(load.strangers.counts().connections).toBe(0);
  expect(load.reserve(900)).toBe(true);
  expect(load.strangers.reserve(101)).toBe(false);
  expect(load.strangers.reserve(100)).toBe(true);
  load.strangers.release(100);
  expect(load.counts().bytesInFlight).toBe(900);
  expect(load.strangers.counts().bytesInFlight).toBe(0);
});

test("row 64: mail of strangers fills half of the memory at most", () => {
  const load = createLoad(limits);
  expect(load.strangers.reserve(500)).toBe(true);
  expect(load.strangers.reserve(1)).toBe(false);
  expect(load.reserve(500)).toBe(true);
});
