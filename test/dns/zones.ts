// A zone in which everything is right for mail of example.test, and a bench that checks it with one thing changed.
import { generateKey } from "../../src/dkim/generate.ts";
import type { KeyInfo } from "../../src/dkim/key.ts";
import { checkDns, type CheckParts, type DnsReport } from "../../src/dns/check.ts";
import { createResolver } from "../../src/dns/resolver.ts";
import { startDnsStub, type DnsStub, type Zone, type Zones } from "../support/dns-stub.ts";
import { createMemoryKeyStore, type MemoryKeyStore } from "../support/memory-key-store.ts";
import { domainOf } from "../support/signing-office.ts";

export const address = "203.0.113.5";
export const hostname = "gw.example.test";
export const domain = domainOf("example.test");
const act = { actor: "test", at: new Date("2026-11-24T00:00:00Z") };

/** `example.test` has its own SPF and MX; `gw.example.test` is the gateway. */
export function rightZone(key: KeyInfo): Zones {
  return {
    "example.test": {
      MX: [{ preference: 10, exchange: "mx.example.test" }],
      TXT: ["some-service-verification=1", `v=spf1 ip4:${address} -all`],
      SOA: [{ mname: "ns.example.test", rname: "hostmaster.example.test", serial: 1 }],
    },
    "mx.example.test": { A: ["203.0.113.9"] },
    [hostname]: { A: [address] },
    "5.113.0.203.in-addr.arpa": { PTR: [hostname] },
    "_dmarc.example.test": { TXT: ["v=DMARC1; p=reject; rua=mailto:dmarc@example.test"] },
    "_mta-sts.example.test": { TXT: ["v=STSv1; id=20261125"] },
    "_smtp._tls.example.test": { TXT: ["v=TLSRPTv1; rua=mailto:tls@example.test"] },
    [key.record.name]: { TXT: [key.record.strings] },
    "other.test": {},
    "elsewhere.test": { TXT: ["v=spf1 ip4:198.51.100.0/24 -all"] },
  };
}

export interface ZoneBench extends AsyncDisposable {
  readonly dns: DnsStub;
  readonly keys: MemoryKeyStore;
  readonly key: KeyInfo;
  /** Puts the right zone back with `change` laid over it, and checks it. */
  readonly check: (
    change: Readonly<Record<string, Zone | "gone" | "servfail">>,
    parts?: Partial<CheckParts>,
  ) => Promise<DnsReport>;
}

export async function openZoneBench(): Promise<ZoneBench> {
  const keys = createMemoryKeyStore();
  const privateKey = await generateKey({ algorithm: "rsa", bits: 2048 });
  await keys.add({ domain, selector: "s1", privateKey }, act);
  const key = await keys.setState(domain, "s1", "active", act);
  const dns = await startDnsStub(rightZone(key));
  const resolver = createResolver({ servers: [dns.server], timeoutMs: 2000 });
  return {
    dns,
    keys,
    key,
    check: async (change, parts) => {
      for (const name of Object.keys(dns.zones)) Reflect.deleteProperty(dns.zones, name);
      Object.assign(dns.zones, rightZone(key));
      for (const [name, zone] of Object.entries(change)) {
        if (zone === "gone") Reflect.deleteProperty(dns.zones, name);
        else dns.zones[name] = zone;
      }
      return checkDns({
        resolver,
        keys,
        senders: [{ id: "sample", domains: [domain], parkedDomains: [] }],
        hostname,
        addresses: [address],
        requirePublished: true,
        clock: () => new Date("2026-11-25T00:00:00Z"),
        ...parts,
      });
    },
    [Symbol.asyncDispose]: () => dns[Symbol.asyncDispose](),
  };
}
