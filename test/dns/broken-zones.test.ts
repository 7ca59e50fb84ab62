// Zones that are wrong in one way each, and the finding that names it.
import { afterAll, describe, expect, test } from "vitest";

import { generateKey } from "../../src/dkim/generate.ts";
import { splitStrings } from "../../src/dkim/record.ts";
import type { CheckParts } from "../../src/dns/check.ts";
import type { Problem } from "../../src/dns/problems.ts";
import { problems } from "../../src/dns/problems.ts";
import type { Zone } from "../support/dns-stub.ts";
import { createMemoryKeyStore } from "../support/memory-key-store.ts";
import { domainOf } from "../support/signing-office.ts";
import { address, domain, hostname, openZoneBench } from "./zones.ts";

const bench = await openZoneBench();
afterAll(() => bench[Symbol.asyncDispose]());

type Change = Readonly<Record<string, Zone | "gone" | "servfail">>;
type Row = readonly [what: string, problem: Problem, change: Change, parts?: Partial<CheckParts>];

const zone = {
  MX: [{ preference: 10, exchange: "mx.example.test" }],
  SOA: [{ mname: "ns.example.test", rname: "hostmaster.example.test", serial: 1 }],
};
const apex = (more: Zone): Change => ({ "example.test": { ...zone, ...more } });
const spf = (...records: readonly string[]): Change => apex({ TXT: records.map(splitStrings) });
const dmarc = (...records: readonly string[]): Change => ({
  "_dmarc.example.test": { TXT: records },
});
const name = bench.key.record.name;
const dkim = (...records: readonly string[]): Change => ({
  [name]: { TXT: records.map(splitStrings) },
});
const own = `ip4:${address}`;
const otherKey = `v=DKIM1; k=rsa; p=${(await generateKey({ algorithm: "rsa", bits: 2048 }))
  .export({ format: "der", type: "pkcs8" })
  .toString("base64")
  .slice(0, 392)}`;

const act = { actor: "test", at: new Date("2026-11-24T00:00:00Z") };
async function keysIn(state: "pending" | "retiring" | "active", of = domain) {
  const keys = createMemoryKeyStore();
  const first = await bench.keys.privateKey(domain, "s1");
  if (of === domain && state !== "active") {
    await keys.add({ domain, selector: "s1", privateKey: first }, act);
    if (state === "retiring") await keys.setState(domain, "s1", "active", act);
    const second = await generateKey({ algorithm: "rsa", bits: 2048 });
    if (state === "retiring") {
      await keys.add({ domain, selector: "s2", privateKey: second }, act);
      await keys.setState(domain, "s2", state, act);
    }
    return keys;
  }
  await keys.add({ domain: of, selector: "s1", privateKey: first }, act);
  await keys.setState(of, "s1", state, act);
  return keys;
}

const below = domainOf("news.example.test");
const belowZone: Change = {
  "news.example.test": { ...zone, TXT: [`v=spf1 ${own} -all`] },
  "_mta-sts.news.example.test": { TXT: ["v=STSv1; id=1"] },
  "_smtp._tls.news.example.test": { TXT: ["v=TLSRPTv1; rua=mailto:tls@example.test"] },
};
const belowSender = {
  senders: [{ id: "sample", domains: [below, domain], parkedDomains: [] }],
};
const parked = domainOf("parked.test");
const parkedSender = {
  senders: [{ id: "sample", domains: [domain], parkedDomains: [parked] }],
};
const parkedZone = (change: Change): Change => ({
  "parked.test": { TXT: ["v=spf1 -all"], MX: [{ preference: 0, exchange: "" }] },
  "_dmarc.parked.test": { TXT: ["v=DMARC1; p=reject"] },
  ...change,
});
const bounce = { returnPath: () => domainOf("bounce.example.test") };
const bounceZone = (more: Zone): Change => ({
  "bounce.example.test": { TXT: [`v=spf1 ${own} -all`], ...more },
});

const rows: readonly Row[] = [
  ["no SPF record", "spf-missing", spf("some-service-verification=1")],
  ["two SPF records", "spf-several", spf(`v=spf1 ${own} -all`, "v=spf1 -all")],
  ["a misspelt term", "spf-syntax", spf(`v=spf1 ${own} inlcude:elsewhere.test -all`)],
  ["an address that is none", "spf-syntax", spf(`v=spf1 ip4:gw.example.test -all`)],
  ["an include without a record", "spf-include", spf(`v=spf1 ${own} include:other.test -all`)],
  ["an include of itself", "spf-include", spf(`v=spf1 ${own} include:example.test -all`)],
  [
    "eleven look-ups",
    "spf-lookups",
    spf(`v=spf1 ${own} ${"include:elsewhere.test ".repeat(11)}-all`),
  ],
  ["three empty look-ups", "spf-void", spf(`v=spf1 a:x1.test a:x2.test a:x3.test ${own} -all`)],
  ["+all", "spf-pass-all", spf(`v=spf1 ${own} +all`)],
  ["all without a sign", "spf-pass-all", spf("v=spf1 all")],
  ["?all", "spf-no-end", spf(`v=spf1 ${own} ?all`)],
  ["ptr", "spf-ptr", spf(`v=spf1 ${own} ptr -all`)],
  ["our address left out", "spf-source", spf("v=spf1 ip4:198.51.100.7 -all")],
  ["our address left out softly", "spf-source", spf("v=spf1 include:elsewhere.test ~all")],
  ["no key", "dkim-no-key", {}, { keys: createMemoryKeyStore() }],
  ["a key not yet seen", "dkim-not-active", { [name]: "gone" }, { keys: await keysIn("pending") }],
  ["the active key's record gone", "dkim-missing", { [name]: "gone" }],
  ["another key's record", "dkim-different", dkim(otherKey)],
  ["a revoked key", "dkim-different", dkim("v=DKIM1; p=")],
  ["a record cut short", "dkim-different", dkim(bench.key.record.value.slice(0, 255))],
  ["two key records", "dkim-several", dkim(bench.key.record.value, otherKey)],
  ["a key in test mode", "dkim-testing", dkim(`${bench.key.record.value}; t=y`)],
  ["a retiring key's record gone", "dkim-retiring", {}, { keys: await keysIn("retiring") }],
  ["no DMARC record", "dmarc-missing", { "_dmarc.example.test": "gone" }],
  ["two DMARC records", "dmarc-several", dmarc("v=DMARC1; p=none", "v=DMARC1; p=reject")],
  ["a DMARC record without a policy", "dmarc-invalid", dmarc("v=DMARC1; sp=none")],
  ["p=none", "dmarc-none", dmarc("v=DMARC1; p=none; rua=mailto:d@example.test")],
  ["no report address", "dmarc-no-reports", dmarc("v=DMARC1; p=reject")],
  ["pct", "dmarc-obsolete", dmarc("v=DMARC1; p=reject; pct=50; rua=mailto:d@example.test")],
  [
    "reports to somebody who has not agreed",
    "dmarc-report-address",
    dmarc("v=DMARC1; p=reject; rua=mailto:d@elsewhere.test"),
  ],
  [
    "a policy that only the tree walk finds",
    "dmarc-methods",
    {
      ...belowZone,
      "_dmarc.example.test": "gone",
      "_dmarc.test": { TXT: ["v=DMARC1; p=reject; psd=y; rua=mailto:d@registry.test"] },
    },
  ],
  [
    "adkim=s with the key of the domain above",
    "dkim-strict",
    { ...belowZone, ...dmarc("v=DMARC1; p=reject; adkim=s; rua=mailto:d@example.test") },
    belowSender,
  ],
  [
    "a subdomain that is its own organization by psd=n",
    "dkim-unaligned",
    {
      ...belowZone,
      "_dmarc.news.example.test": {
        TXT: ["v=DMARC1; p=reject; psd=n; rua=mailto:d@example.test"],
      },
    },
    belowSender,
  ],
  [
    "MAIL FROM of another organization",
    "spf-unaligned",
    { "bounce.elsewhere.test": { A: [address], TXT: [`v=spf1 ${own} -all`] } },
    { returnPath: () => domainOf("bounce.elsewhere.test") },
  ],
  [
    "a From domain without MX and A",
    "from-unresolved",
    {
      "example.test": {
        ...(apex({})["example.test"] as Zone),
        MX: [],
        TXT: [`v=spf1 ${own} -all`],
      },
    },
  ],
  [
    "a From domain that takes no mail",
    "from-null-mx",
    apex({ MX: [{ preference: 0, exchange: "" }], TXT: [`v=spf1 ${own} -all`] }),
  ],
  ["an MX without an address", "from-mx-broken", { "mx.example.test": "gone" }],
  ["an MX that is a CNAME", "from-mx-broken", { "mx.example.test": { CNAME: [hostname] } }],
  ["a domain without a zone", "soa-missing", apex({ SOA: [], TXT: [`v=spf1 ${own} -all`] })],
  ["a bounce host that does not resolve", "return-unresolved", bounceZone({}), bounce],
  ["a bounce host elsewhere", "return-elsewhere", bounceZone({ A: ["198.51.100.9"] }), bounce],
  ["no address known", "source-unknown", {}, { addresses: [] }],
  ["no PTR", "ptr-missing", { "5.113.0.203.in-addr.arpa": "gone" }],
  [
    "a PTR that does not lead back",
    "ptr-forward",
    { "5.113.0.203.in-addr.arpa": { PTR: ["mx.example.test"] } },
  ],
  [
    "a PTR made of the address",
    "ptr-generic",
    {
      "5.113.0.203.in-addr.arpa": { PTR: ["203-0-113-5.isp.test"] },
      "203-0-113-5.isp.test": { A: [address] },
    },
  ],
  ["an EHLO name without an address", "helo-unresolved", { [hostname]: "gone" }],
  ["an EHLO name of another host", "helo-elsewhere", {}, { hostname: "mx.example.test" }],
  ["no MTA-STS", "mta-sts-missing", { "_mta-sts.example.test": "gone" }],
  ["MTA-STS without an id", "mta-sts-invalid", { "_mta-sts.example.test": { TXT: ["v=STSv1"] } }],
  ["no TLS reports", "tls-rpt-missing", { "_smtp._tls.example.test": "gone" }],
  [
    "a parked domain with a soft SPF",
    "parked-spf",
    parkedZone({ "parked.test": { TXT: ["v=spf1 ~all"], MX: [{ preference: 0, exchange: "" }] } }),
    parkedSender,
  ],
  [
    "a parked domain with an MX",
    "parked-mx",
    parkedZone({ "parked.test": { TXT: ["v=spf1 -all"], MX: zone.MX } }),
    parkedSender,
  ],
  [
    "a parked domain without p=reject",
    "parked-dmarc",
    parkedZone({ "_dmarc.parked.test": { TXT: ["v=DMARC1; p=none"] } }),
    parkedSender,
  ],
];

const cases = rows.map(([what, problem, change, parts]) => ({ what, problem, change, parts }));

describe("a zone with", () => {
  test.each(cases)("$what: $problem", async ({ problem, change, parts }) => {
    const { findings } = await bench.check(change, parts);
    expect(findings.map((finding) => finding.problem)).toContain(problem);
    const finding = findings.find((each) => each.problem === problem);
    expect(finding).toMatchObject({
      outcome: problems[problem].outcome,
      check: problems[problem].check,
    });
    expect(finding?.found).not.toBe("");
    expect(finding?.expected).not.toBe("");
    // What is not a row's subject is still right: no row breaks by another's fault.
    const fails = new Set(
      findings.flatMap((each) => (each.outcome === "fail" ? each.problem : [])),
    );
    fails.delete(problem);
    const akin = akinTo[problem] ?? [];
    expect([...fails].filter((each) => each !== undefined && !akin.includes(each))).toEqual([]);
  });

  test("nothing wrong has no finding but passes", async () => {
    const { findings } = await bench.check({});
    expect(findings.filter(({ outcome }) => outcome !== "pass")).toEqual([]);
    expect(new Set(findings.map(({ check }) => check)).size).toBe(10);
  });

  test("every problem of the table but the unpublished successor has a row", () => {
    const shown = new Set<string>(rows.map(([, problem]) => problem));
    expect(Object.keys(problems).filter((problem) => !shown.has(problem))).toEqual([
      "dkim-pending",
    ]);
  });

  test("name servers that do not answer: nothing fails, all is unknown", async () => {
    const { findings } = await bench.check({
      "example.test": "servfail",
      [name]: "servfail",
      "_dmarc.example.test": "servfail",
      [hostname]: "servfail",
      "5.113.0.203.in-addr.arpa": "servfail",
    });
    expect(findings.filter(({ outcome }) => outcome === "fail")).toEqual([]);
    const unknown = findings.filter(({ outcome }) => outcome === "unknown");
    expect(new Set(unknown.map(({ check }) => check))).toEqual(
      new Set(["spf", "dkim", "dmarc", "from", "soa", "ptr", "helo"]),
    );
  });
});

/** What one fault brings with it. */
const akinTo: Partial<Record<Problem, readonly Problem[]>> = {
  "spf-void": ["spf-source"],
  "helo-unresolved": ["ptr-forward"],
  "dmarc-methods": ["dmarc-missing"],
};
