import { expect, test } from "vitest";

import { reverseName } from "./reverse-name.ts";

test("addresses have the names of their PTR records", () => {
  expect(reverseName("192.0.2.1")).toBe("1.2.0.192.in-addr.arpa");
  // RFC 3596 §2.5
  expect(reverseName("4321:0:1:2:3:4:567:89ab")).toBe(
    "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",
  );
  expect(reverseName("2001:db8::1")).toMatch(/^1(?:\.0){23}\.8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa$/);
  expect(reverseName("::ffff:192.0.2.1")?.startsWith("1.0.2.0.0.0.0.c.f.f.f.f.0")).toBe(true);
  expect(reverseName("example.jp")).toBeUndefined();
});
