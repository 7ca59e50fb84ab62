// What a finding in DNS does where nothing is said: public mail is held, trials are not.
import { expect, test } from "vitest";

import type { DnsConfig, DkimConfig } from "./dns.ts";
import { parseConfig } from "./load.ts";

function settled(text: string): { readonly dns: DnsConfig; readonly dkim: DkimConfig } {
  return parseConfig(`version: 1\nhostname: gw.example.jp\n${text}`, "/srv/gateway.yaml", {});
}

const loopback = `delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:2600" }] }`;
const named = `dns: { servers: ["127.0.0.1:5353"] }`;

test.each<[string, string, DnsConfig["onFailure"]]>([
  ["mail that goes out by MX", "", "hold"],
  [
    "a smarthost elsewhere",
    `delivery: { routes: [{ domain: "*", via: "smtp://relay.example.jp:587" }] }`,
    "hold",
  ],
  ["a smarthost on this machine", loopback, "warn"],
  ["a test network", `delivery: { allow_private: ["127.0.0.0/8"] }`, "warn"],
  ["a closed network", "dkim: { require_published: false }", "off"],
  ["a closed network with name servers", `dkim: { require_published: false }\n${named}`, "warn"],
  ["a wish", `${loopback}\ndns: { on_failure: hold }`, "hold"],
])("%s", (_what, text, expected) => {
  expect(settled(text).dns.onFailure).toBe(expected);
});

test("an hour between looks, a week for retiring keys, no rotation by itself", () => {
  const { dns, dkim } = settled("");
  expect(dns.checkEveryMs).toBe(3_600_000);
  expect(dkim.retireAfterMs).toBe(604_800_000);
  expect(dkim.rotateEveryMs).toBeUndefined();
  expect(settled("dkim: { rotate_every: 90d }").dkim.rotateEveryMs).toBe(7_776_000_000);
});
