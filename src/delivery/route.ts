// Finds the hosts that take a domain's mail: the operator's smarthost, or MX by RFC 5321 §5.1.
import { isIP } from "node:net";

import type { Answer, MxRecord, Resolver } from "../dns/resolver.ts";
import type { ValidatingResolver } from "../dns/validating-resolver.ts";
import { parseDomain, type Domain } from "../mail/domain.ts";
import type { Reply } from "../mail/reply.ts";
import { createAddressGuard, type AddressGuard } from "./address-guard.ts";
import type { Host } from "./connect.ts";
import type { Way } from "./pace/group.ts";
import { matchRoute, type DeliverySettings } from "./settings.ts";
import type { TlsDemand } from "./tls/demand.ts";
import type { StsPolicy } from "./tls/sts-policy.ts";
import type { DomainTls, TlsPolicies } from "./tls/policies.ts";
import type { ResultType } from "./tls/tls-result.ts";

/** What TLS policies said while the route was made; for reports (RFC 8460). */
export interface RouteTls {
  readonly sts?: StsPolicy;
  readonly failures: readonly { readonly host?: string; readonly result: ResultType }[];
}

/** `hosts` in the order to try them, at least one. A `permanent` failure does not go away by waiting. */
export type Route =
  | {
      readonly kind: "hosts";
      readonly via: "mx" | "smarthost";
      readonly hosts: readonly Host[];
      readonly tls?: RouteTls;
    }
  /** Hosts there are, but none that a TLS policy of the domain lets us use now: this may change. */
  | { readonly kind: "insecure"; readonly reply: Reply; readonly tls: RouteTls }
  | NoRoute;

/**
 * `ofDomain`: the DNS says so of the recipient's domain itself. Else the reason lies with us: our settings, or an address
 * that we do not dial.
 */
interface NoRoute {
  readonly kind: "no-route";
  readonly permanent: boolean;
  readonly ofDomain: boolean;
  readonly reply: Reply;
}

/** What the pace knows the destination's receiver by. */
export function wayOf({ via, hosts }: Extract<Route, { kind: "hosts" }>): Way {
  const [first] = hosts;
  return via === "mx"
    ? { kind: "mx", hosts: hosts.map(({ name }) => name) }
    : { kind: "smarthost", place: `${first?.name ?? ""}:${first?.port ?? 0}` };
}

export interface Router {
  /** `isTlsReport`: without regard to what the domain asks for by MTA-STS or DANE (RFC 8460 §5.3.1). */
  readonly route: (domain: Domain, isTlsReport?: boolean) => Promise<Route>;
}

export interface RouterParts {
  readonly settings: Pick<
    DeliverySettings,
    "hostname" | "routes" | "allowPrivate" | "ownAddresses" | "mxPort"
  >;
  readonly resolver: Pick<Resolver, "mx" | "a" | "aaaa" | "host">;
  /** Where there is one, hosts and addresses come from it: DANE holds only for what was validated. */
  readonly validating?: ValidatingResolver;
  readonly policies: TlsPolicies;
  /** In [0, 1): shuffles hosts of equal preference (RFC 5321 §5.1). */
  readonly random: () => number;
}

const hostsMax = 5; // tried for one message; RFC 5321 §5.1 asks for at least two

/** Throws RangeError where `allowPrivate` holds something else than CIDR ranges. */
export function createRouter(parts: RouterParts): Router {
  const { settings, resolver } = parts;
  const guard = createAddressGuard(settings.allowPrivate, settings.ownAddresses);

  const viaHost = async (domain: Domain, name: string, port: number): Promise<Route> => {
    const demand = parts.policies.ofOperator(domain);
    const to = (addresses: readonly string[]): Route => ({
      kind: "hosts",
      via: "smarthost",
      hosts: [{ name, addresses, port, demand, certainName: true }],
    });
    if (isIP(name) !== 0) return to([name]);
    const found = await resolver.host(name);
    // The operator named this host: where it cannot be found now, that is ours to mend, not the message's fault.
    return found.kind === "records"
      ? to(found.records)
      : notNow(`the smarthost ${name} (delivery.routes) has no address now`);
  };

  return {
    route: async (domain, isTlsReport = false) => {
      const setting = matchRoute(settings.routes, domain);
      if (setting === undefined) return noWay("5.4.4", "no route for the domain is set up");
      return setting.via.kind === "mx"
        ? viaMx(domain, isTlsReport, parts, guard)
        : viaHost(domain, setting.via.host, setting.via.port);
    },
  };
}

async function viaMx(
  domain: Domain,
  isTlsReport: boolean,
  parts: RouterParts,
  guard: AddressGuard,
): Promise<Route> {
  const { validating, resolver, policies } = parts;
  const [answer, tls] = await Promise.all([
    (validating ?? resolver).mx(domain),
    isTlsReport ? operatorOnly(policies.ofOperator(domain)) : policies.forDomain(domain),
  ]);
  const names = mxNames(answer, domain, parts.random);
  if (names.kind === "no-route") return names;
  const found = await findHosts(names.names, isSecure(answer), tls, parts, guard);
  const { hosts, failures, insecure, unavailable, refused } = found;
  const said: RouteTls = {
    ...(tls.sts === undefined ? {} : { sts: tls.sts }),
    failures: [...(tls.stsFailure === undefined ? [] : [{ result: tls.stsFailure }]), ...failures],
  };
  if (hosts.length > 0) return { kind: "hosts", via: "mx", hosts, tls: said };
  if (insecure !== undefined)
    return {
      kind: "insecure",
      reply: { code: 451, enhanced: "4.7.5", text: `no mail exchanger may be used: ${insecure}` },
      tls: said,
    };
  if (unavailable !== undefined) return unanswered(unavailable);
  if (refused !== undefined)
    return noWay("5.4.6", `no mail exchanger that may be dialled: ${refused}`);
  return answer.kind === "records"
    ? noRoute("5.4.4", 550, "no mail exchanger of the domain has an address")
    : noRoute("5.1.2", 550, "the domain has neither a mail exchanger nor an address");
}

function operatorOnly(demand: TlsDemand): DomainTls {
  return { forHost: () => Promise.resolve({ kind: "usable", demand }) };
}

interface FoundHosts {
  readonly hosts: readonly Host[];
  readonly failures: RouteTls["failures"];
  /** Why hosts were left out: a TLS policy, name servers, an address that may not be dialled. */
  readonly insecure?: string;
  readonly unavailable?: string;
  readonly refused?: string;
}

async function findHosts(
  names: readonly string[],
  secureMx: boolean,
  tls: DomainTls,
  parts: RouterParts,
  guard: AddressGuard,
): Promise<FoundHosts> {
  const { hostname, mxPort: port } = parts.settings;
  const hosts: Host[] = [];
  const failures: { host: string; result: ResultType }[] = [];
  const why: { insecure?: string; unavailable?: string; refused?: string } = {};
  for (const name of names) {
    if (name === hostname.toLowerCase()) {
      // RFC 5321 §5.1: ourselves and every host behind us are no way out; the rest of the list is behind us.
      why.refused = "the mail exchanger is this gateway itself";
      break;
    }
    const found = await addressesOf(name, parts);
    if (found.kind === "unavailable") why.unavailable = found.problem;
    if (found.kind !== "records") continue;
    const addresses = found.records.filter((address) => guard.refuse(address) === undefined);
    const [first] = found.records;
    if (addresses.length === 0) {
      if (first !== undefined) why.refused = `${first} ${guard.refuse(first) ?? ""}`;
      continue;
    }
    const allowed = await tls.forHost(name, { secureMx, secureAddress: isSecure(found) });
    if (allowed.kind === "unusable") {
      why.insecure = `${name} ${allowed.problem}`;
      failures.push({ host: name, result: allowed.failure });
      continue;
    }
    if (allowed.tested !== undefined) failures.push({ host: name, result: allowed.tested });
    const { demand } = allowed;
    hosts.push({ name, addresses, port, demand, certainName: secureMx || isByPolicy(demand) });
    if (hosts.length === hostsMax) break;
  }
  return { hosts, failures, ...why };
}

function isByPolicy(demand: TlsDemand): boolean {
  return demand.kind === "verify" && demand.by === "mta-sts";
}

async function addressesOf(
  name: string,
  { validating, resolver }: RouterParts,
): Promise<Answer<string> & { readonly authenticated?: boolean }> {
  const lookUps = validating ?? resolver;
  const answers = await Promise.all([lookUps.a(name), lookUps.aaaa(name)]);
  const found = answers.filter((answer) => answer.kind === "records");
  if (found.length > 0)
    return {
      kind: "records",
      records: found.flatMap((answer) => answer.records),
      authenticated: found.every(isSecure),
    };
  return (
    answers.find((answer) => answer.kind === "unavailable") ??
    answers.find((answer) => answer.kind === "nodata") ?? { kind: "nxdomain" }
  );
}

function isSecure(answer: Answer<unknown>): boolean {
  return "authenticated" in answer && answer.authenticated === true;
}

type Names = { readonly kind: "names"; readonly names: readonly string[] } | NoRoute;

function mxNames(answer: Answer<MxRecord>, domain: Domain, random: () => number): Names {
  switch (answer.kind) {
    case "nxdomain":
      return noRoute("5.1.2", 550, "the domain does not exist");
    case "unavailable":
      return unanswered(answer.problem);
    case "nodata":
      return { kind: "names", names: [domain] }; // implicit MX, RFC 5321 §5.1
    case "records": {
      if (answer.records.every((record) => record.exchange === ""))
        return noRoute("5.1.10", 556, "the domain takes no mail (null MX)"); // RFC 7505
      const ordered = answer.records
        .map((record) => ({ ...record, tie: random() }))
        .sort((one, other) => one.preference - other.preference || one.tie - other.tie);
      // An exchange that is no domain name (an address, one label) is skipped.
      const names = ordered.flatMap((record) => {
        const name = exchangerName(record.exchange);
        return name === undefined ? [] : [name];
      });
      return names.length === 0
        ? noRoute("5.4.4", 550, "no mail exchanger of the domain has a valid name")
        : { kind: "names", names: [...new Set(names)] };
    }
  }
}

/** A host may have what no mail domain may: an underscore, which DNS carries and some administrators use (RFC 2181 §11). */
function exchangerName(text: string): string | undefined {
  const parsed = parseDomain(text.replaceAll("_", "0"));
  if (parsed.kind === "bad") return undefined;
  return text.includes("_") ? text.toLowerCase() : parsed.value;
}

function noRoute(enhanced: string, code: number, text: string): NoRoute {
  return { kind: "no-route", permanent: true, ofDomain: true, reply: { code, enhanced, text } };
}

function noWay(enhanced: string, text: string): NoRoute {
  const reply = { code: 550, enhanced, text };
  return { kind: "no-route", permanent: true, ofDomain: false, reply };
}

function unanswered(problem: string): NoRoute {
  return notNow(`the name servers gave no answer that can be used: ${problem}`);
}

function notNow(text: string): NoRoute {
  const reply = { code: 451, enhanced: "4.4.3", text };
  return { kind: "no-route", permanent: false, ofDomain: false, reply };
}
