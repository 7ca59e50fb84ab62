// Which TLS policy holds for a recipient's domain and for each of its hosts: DANE, MTA-STS, the operator's (law.md §6).
//
// DANE wins where a host has usable TLSA records: it demands no less, and an MTA-STS policy must not override its failure
// (RFC 8461 §2). A host whose signed records cannot be looked up is not used: an attacker could cause just that.
import type { Validated, ValidatingResolver } from "../../dns/validating-resolver.ts";
import type { Domain } from "../../mail/domain.ts";
import { matchDomain } from "../match-domain.ts";
import type { TlsPolicy } from "../settings.ts";
import type { TlsDemand } from "./demand.ts";
import type { MtaSts } from "./mta-sts.ts";
import { namesHost, type StsPolicy } from "./sts-policy.ts";
import { isUsable } from "./tlsa.ts";
import type { ResultType } from "./tls-result.ts";

/** `failure`: what a report calls it (RFC 8460 §4.3). */
export type HostTls =
  | { readonly kind: "usable"; readonly demand: TlsDemand; readonly tested?: ResultType }
  | { readonly kind: "unusable"; readonly problem: string; readonly failure: ResultType };

export interface DomainTls {
  readonly sts?: StsPolicy;
  /** A policy is announced and could not be had. */
  readonly stsFailure?: ResultType;
  /**
   * `secureMx`: the answer that named the host was validated. `address`: the answer that gives the host's address.
   */
  readonly forHost: (
    host: string,
    facts: { readonly secureMx: boolean; readonly secureAddress: boolean },
  ) => Promise<HostTls>;
}

export interface TlsPolicies {
  /** Never throws. */
  readonly forDomain: (domain: Domain) => Promise<DomainTls>;
  /** The operator's own: for hosts that the operator named, and for reports that go where the domain's own policy fails. */
  readonly ofOperator: (domain: Domain) => TlsDemand;
}

export interface TlsPolicyParts {
  readonly standard: TlsPolicy;
  readonly domains: readonly { readonly domain: string; readonly policy: TlsPolicy }[];
  /** The port dialled at MX hosts: TLSA records are named for it. */
  readonly port: number;
  readonly sts?: MtaSts;
  readonly validating?: ValidatingResolver;
}

export function createTlsPolicies(parts: TlsPolicyParts): TlsPolicies {
  const own = (domain: Domain): TlsDemand => {
    const found = parts.domains.find((each) => matchDomain(each.domain, domain));
    const policy = found?.policy ?? parts.standard;
    return policy === "verify" ? { kind: "verify", by: "operator" } : { kind: "encrypt" };
  };
  return {
    ofOperator: own,
    forDomain: async (domain) => {
      const { policy, failure } = (await parts.sts?.find(domain)) ?? {};
      return {
        ...(policy === undefined ? {} : { sts: policy }),
        ...(failure === undefined ? {} : { stsFailure: failure }),
        forHost: async (host, facts) => {
          const dane = await daneOf(host, domain, facts, parts);
          return dane ?? bySts(host, policy, own(domain));
        },
      };
    },
  };
}

function bySts(host: string, policy: StsPolicy | undefined, own: TlsDemand): HostTls {
  if (policy === undefined || policy.mode === "none") return { kind: "usable", demand: own };
  const named = namesHost(policy, host);
  if (policy.mode === "testing")
    return { kind: "usable", demand: own, ...(named ? {} : { tested: "validation-failure" }) };
  return named
    ? { kind: "usable", demand: { kind: "verify", by: "mta-sts" } }
    : {
        kind: "unusable",
        problem: "is not in the domain's MTA-STS policy",
        failure: "validation-failure",
      };
}

/** undefined: DANE says nothing of this host. RFC 7672 §2.2. */
async function daneOf(
  host: string,
  domain: Domain,
  facts: { readonly secureMx: boolean; readonly secureAddress: boolean },
  { validating, port }: TlsPolicyParts,
): Promise<HostTls | undefined> {
  if (validating === undefined || !facts.secureMx || !facts.secureAddress) return undefined;
  const canonical = await validating.canonical(host);
  if (canonical.kind === "unavailable") return broken(canonical.problem);
  const names = canonical.kind === "records" ? [...canonical.records, host] : [host];
  for (const base of new Set(names)) {
    const answer: Validated<Parameters<typeof isUsable>[0]> = await validating.tlsa(
      `_${port}._tcp.${base}`,
    );
    if (answer.kind === "unavailable") return broken(answer.problem);
    if (answer.kind !== "records" || !answer.authenticated) continue;
    const records = answer.records.filter(isUsable);
    // Signed but unusable: TLS without a proof of identity, as always here (RFC 7672 §2.1.1).
    return records.length === 0
      ? { kind: "usable", demand: { kind: "encrypt" } }
      : {
          kind: "usable",
          demand: { kind: "dane", records, names: [...new Set([base, host, domain])] },
        };
  }
  return undefined;
}

function broken(problem: string): HostTls {
  return {
    kind: "unusable",
    problem: `has TLSA records that cannot be validated: ${problem}`,
    failure: "dnssec-invalid",
  };
}
