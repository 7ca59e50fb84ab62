import { expect, test } from "vitest";

import { clientOf, networkOf } from "./party.ts";

test("a network is a /24 or a /64", () => {
  expect(networkOf("192.0.2.9")).toBe(networkOf("::ffff:192.0.2.200"));
  expect(networkOf("2001:db8::1")).toBe(networkOf("2001:db8:0:0:ffff::1"));
  expect(networkOf("2001:db8::1")).not.toBe(networkOf("2001:db8:0:1::1"));
});

test("of IPv6 the /64 is one client, of IPv4 the address; what is none stands for itself", () => {
  expect(clientOf("2001:db8::1")).toBe(clientOf("2001:db8:0:0:ffff::1"));
  expect(clientOf("2001:db8::1")).not.toBe(clientOf("2001:db8:0:1::1"));
  expect(clientOf("192.0.2.9")).toBe(clientOf("::ffff:192.0.2.9"));
  expect(clientOf("192.0.2.9")).not.toBe(clientOf("192.0.2.10"));
  expect(clientOf("unix socket")).toBe("unix socket");
});
