// Slowing logins: who waits, how long, and that nobody is shut out for good.
import { expect, test } from "vitest";

import { parseRanges } from "./address-range.ts";
import {
  createLoginGuard,
  createThrottle,
  httpLogins,
  smtpLogins,
  type Attempt,
} from "./throttle.ts";

const start = new Date("2026-11-25T00:00:00Z").getTime();
const at = (seconds: number, address = "192.0.2.1", username = "taro"): Attempt => ({
  address,
  username,
  now: new Date(start + seconds * 1000),
});

test("five failures from one address wait; time lets one more try", () => {
  const throttle = createThrottle(httpLogins);
  for (let count = 0; count < 5; count += 1) {
    expect(throttle.check(at(0)).kind).toBe("go");
    throttle.failed(at(0));
  }
  expect(throttle.check(at(0))).toEqual({ kind: "wait", seconds: 30 });
  expect(throttle.check(at(29)).kind).toBe("wait");
  expect(throttle.check(at(30)).kind).toBe("go");
});

test("a long attack never makes the wait longer than one step", () => {
  const throttle = createThrottle(httpLogins);
  for (let count = 0; count < 10_000; count += 1) throttle.failed(at(0));
  expect(throttle.check(at(30)).kind).toBe("go");
});

test("many addresses of one network wait together, another network does not", () => {
  const throttle = createThrottle(httpLogins);
  for (let count = 1; count <= 20; count += 1)
    throttle.failed(at(0, `192.0.2.${count}`, `user${count}`));
  expect(throttle.check(at(0, "192.0.2.200", "hanako")).kind).toBe("wait");
  expect(throttle.check(at(0, "198.51.100.1", "hanako")).kind).toBe("go");
});

test("an attack on one user from everywhere does not slow the address that user is known from", () => {
  const throttle = createThrottle(httpLogins);
  throttle.succeeded(at(0, "203.0.113.9"));
  for (let count = 0; count < 50; count += 1) throttle.failed(at(0, `10.${count}.0.1`));
  expect(throttle.check(at(0, "10.99.0.1")).kind).toBe("wait");
  expect(throttle.check(at(0, "203.0.113.9")).kind).toBe("go");
});

test("a neighbour's guesses do not slow an address that is known, its own do", () => {
  const throttle = createThrottle(httpLogins);
  throttle.succeeded(at(0, "192.0.2.9"));
  for (let count = 20; count < 60; count += 1) throttle.failed(at(0, `192.0.2.${count}`, "x"));
  expect(throttle.check(at(0, "192.0.2.9")).kind).toBe("go");
  for (let count = 0; count < 5; count += 1) throttle.failed(at(0, "192.0.2.9"));
  expect(throttle.check(at(0, "192.0.2.9")).kind).toBe("wait");
});

test("a clock that is put back keeps nobody waiting for longer", () => {
  const throttle = createThrottle(httpLogins);
  for (let count = 0; count < 5; count += 1) throttle.failed(at(86_400));
  expect(throttle.check(at(0))).toEqual({ kind: "wait", seconds: 30 });
  expect(throttle.check(at(30)).kind).toBe("go");
});

test("MA tools have the same throttle with wider buckets", () => {
  const guard = createLoginGuard(smtpLogins, () => new Date(start));
  for (let count = 0; count < 10; count += 1) {
    expect(guard.mayTry("tool", "192.0.2.1")).toBe(true);
    guard.failed("tool", "192.0.2.1");
  }
  expect(guard.mayTry("tool", "192.0.2.1")).toBe(false);
});

test("memory stays bounded under a spray of names and addresses", () => {
  const throttle = createThrottle(httpLogins);
  for (let count = 0; count < 60_000; count += 1)
    throttle.failed(
      at(0, `2001:db8:${(count >> 8).toString(16)}:${(count & 255).toString(16)}::1`, `u${count}`),
    );
  expect(throttle.size()).toBe(100_000);
});

test("ranges hold IPv4 in IPv6 clothes, and nothing that is no address", () => {
  const parsed = parseRanges(["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]);
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  const { contains } = parsed.value;
  for (const inside of ["192.0.2.9", "::ffff:192.0.2.9", "2001:db8:1::1", "198.51.100.7"])
    expect([inside, contains(inside)]).toEqual([inside, true]);
  for (const outside of [
    "192.0.3.9",
    "::ffff:192.0.3.9",
    "2001:db9::1",
    "198.51.100.8",
    "",
    "localhost",
  ])
    expect([outside, contains(outside)]).toEqual([outside, false]);
});

test.each(["192.0.2.0/33", "300.1.1.1", "example.jp", "", "2001:db8::/129"])(
  "%j is no range",
  (text) => {
    expect(parseRanges([text]).kind).toBe("bad");
  },
);
