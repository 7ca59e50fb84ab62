// The tree walk of RFC 9989 beside the old way, on zones as small as possible.
import { expect, test } from "vitest";

import { discoverDmarc, type DmarcReading } from "./dmarc.ts";
import type { Resolver } from "./resolver.ts";

interface Asked extends Pick<Resolver, "txt"> {
  readonly asked: string[];
}

function zone(records: Readonly<Record<string, string | readonly string[]>>): Asked {
  const asked: string[] = [];
  return {
    asked,
    txt: (name) => {
      asked.push(name);
      const found = records[name.replace(/^_dmarc\./, "")];
      if (found === "silent")
        return Promise.resolve({ kind: "unavailable" as const, problem: "SERVFAIL" });
      return Promise.resolve(
        found === undefined
          ? { kind: "nxdomain" as const }
          : { kind: "records" as const, records: typeof found === "string" ? [found] : found },
      );
    },
  };
}

function say(reading: DmarcReading): string {
  return reading.kind === "policy"
    ? `${reading.record.policy} at ${reading.record.at}`
    : reading.kind;
}

test.each([
  [
    "its own record",
    { "a.example.jp": "v=DMARC1; p=reject" },
    "reject at a.example.jp",
    "a.example.jp",
  ],
  [
    "the one above it",
    { "example.jp": "v=DMARC1; p=reject" },
    "reject at example.jp",
    "example.jp",
  ],
  [
    "sp of the one above it",
    { "example.jp": "v=DMARC1; p=reject; sp=none" },
    "none at example.jp",
    "example.jp",
  ],
  [
    "the highest of several above it, as the organization",
    { "example.jp": "v=DMARC1; p=reject", "a.example.jp": "v=DMARC1; p=none" },
    "none at a.example.jp",
    "example.jp",
  ],
  [
    "one that says it is no suffix",
    { "a.example.jp": "v=DMARC1; p=none; psd=n", "example.jp": "v=DMARC1; p=reject" },
    "none at a.example.jp",
    "a.example.jp",
  ],
  ["a suffix's own", { jp: "v=DMARC1; p=reject; psd=y" }, "reject at jp", "example.jp"],
  ["nothing", {}, "none", "a.example.jp"],
  [
    "two records, which count as none at all",
    { "a.example.jp": ["v=DMARC1; p=none", "v=DMARC1; p=none"] },
    "several",
    "a.example.jp",
  ],
  [
    "a policy that is none, with reports",
    { "a.example.jp": "v=DMARC1; p=maybe; rua=mailto:d@example.jp" },
    "none at a.example.jp",
    "a.example.jp",
  ],
  [
    "a policy that is none, without",
    { "a.example.jp": "v=DMARC1; p=maybe" },
    "invalid",
    "a.example.jp",
  ],
  ["other words", { "a.example.jp": ["v=spf1 -all", "v=DMARC2; p=none"] }, "none", "a.example.jp"],
  ["silence", { "a.example.jp": "silent" }, "unavailable", "a.example.jp"],
] as const)("mail of a.example.jp, with %s", async (_what, records, policy, organization) => {
  const { walk, organizations } = await discoverDmarc("a.example.jp", zone(records));
  expect([say(walk), organizations.walk]).toEqual([policy, organization]);
});

test("a name of many labels is asked for, then its last seven, eight questions in all", async () => {
  const dns = zone({});
  await discoverDmarc("a.b.c.d.e.f.g.h.i.example.jp", dns);
  expect(dns.asked).toEqual(
    [
      "a.b.c.d.e.f.g.h.i.example.jp",
      "e.f.g.h.i.example.jp",
      "f.g.h.i.example.jp",
      "g.h.i.example.jp",
      "h.i.example.jp",
      "i.example.jp",
      "example.jp",
      "jp",
    ].map((name) => `_dmarc.${name}`),
  );
});

test("the old way knows public suffixes by a list, and looks at two names only", async () => {
  const records = { "b.example.co.jp": "v=DMARC1; p=none", "co.jp": "v=DMARC1; p=reject; psd=y" };
  const { walk, list, organizations } = await discoverDmarc("a.b.example.co.jp", zone(records));
  expect([say(walk), say(list)]).toEqual(["reject at co.jp", "none"]);
  expect(organizations).toEqual({ walk: "example.co.jp", list: "example.co.jp" });
});
