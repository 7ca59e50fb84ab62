// Whether mail can be sent to a domain at all: MX or address (docomo), zone (Yahoo), the host that bounces come to.
import { getDomain } from "tldts";

import type { Domain } from "../mail/domain.ts";
import { flaw, good, unanswered, type DnsFinding } from "./finding.ts";
import type { Answer, Resolver } from "./resolver.ts";

const exchangersMax = 10; // looked at of one domain

export async function checkFrom(
  domain: Domain,
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  const mx = await resolver.mx(domain);
  switch (mx.kind) {
    case "unavailable":
      return [unanswered("from", domain, mx.problem)];
    case "nxdomain":
      return [flaw("from-unresolved", domain, "the name does not exist", "an MX or A record")];
    case "nodata": {
      const address = await addressesOf(domain, resolver);
      if (address.kind === "unavailable") return [unanswered("from", domain, address.problem)];
      return address.kind === "records"
        ? [good("from", domain, `A ${address.records.join(", ")}`)]
        : [flaw("from-unresolved", domain, "neither MX nor A", "an MX or A record")];
    }
    case "records": {
      if (mx.records.some(({ exchange }) => exchange === ""))
        return [flaw("from-null-mx", domain, "MX 0 .", "a host that takes mail")];
      const found: DnsFinding[] = [];
      for (const { exchange } of mx.records.slice(0, exchangersMax)) {
        const broken = await brokenExchanger(domain, exchange, resolver);
        if (broken !== undefined) found.push(broken);
      }
      const names = mx.records.map(({ exchange }) => exchange).join(", ");
      return found.length > 0 ? found : [good("from", domain, `MX ${names}`)];
    }
  }
}

async function brokenExchanger(
  domain: Domain,
  exchange: string,
  resolver: Resolver,
): Promise<DnsFinding | undefined> {
  const alias = await resolver.cname(exchange);
  if (alias.kind === "records")
    return flaw("from-mx-broken", domain, `${exchange} is a CNAME`, "an A or AAAA record");
  const address = await addressesOf(exchange, resolver);
  return address.kind === "records" || address.kind === "unavailable"
    ? undefined
    : flaw("from-mx-broken", domain, `${exchange} has no address`, "an A or AAAA record");
}

/** Yahoo asks for the zone: the name's own SOA, or that of a domain above it up to the registered one. */
export async function checkSoa(domain: Domain, resolver: Resolver): Promise<readonly DnsFinding[]> {
  const registered = getDomain(domain) ?? domain;
  for (let name: string = domain; ; name = name.slice(name.indexOf(".") + 1)) {
    const answer = await resolver.soa(name);
    if (answer.kind === "unavailable") return [unanswered("soa", domain, answer.problem)];
    if (answer.kind === "records")
      return [good("soa", domain, `${name}: ${answer.records[0]?.primary ?? ""}`)];
    if (name === registered || !name.includes(".")) break;
  }
  return [flaw("soa-missing", domain, `no SOA from ${domain} to ${registered}`, "an SOA record")];
}

/** `host` stands in MAIL FROM where it is not the From domain itself. */
export async function checkReturnPath(
  host: Domain,
  gateway: { readonly hostname: string; readonly addresses: readonly string[] },
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  const mx = await resolver.mx(host);
  if (mx.kind === "unavailable") return [unanswered("return-path", host, mx.problem)];
  const names =
    mx.kind === "records" ? mx.records.map(({ exchange }) => exchange) : [host as string];
  const reached: string[] = [];
  for (const name of names.slice(0, exchangersMax)) {
    const answer = await addressesOf(name, resolver);
    if (answer.kind === "unavailable") return [unanswered("return-path", host, answer.problem)];
    if (answer.kind === "records") reached.push(...answer.records);
  }
  const expected = `MX 10 ${gateway.hostname}.`;
  if (reached.length === 0)
    return [flaw("return-unresolved", host, `${names.join(", ")}: no address`, expected)];
  const ours =
    names.includes(gateway.hostname) ||
    gateway.addresses.length === 0 ||
    reached.some((address) => gateway.addresses.includes(address));
  return ours
    ? [good("return-path", host, `${names.join(", ")} (${reached.join(", ")})`)]
    : [flaw("return-elsewhere", host, `${names.join(", ")} (${reached.join(", ")})`, expected)];
}

/** IPv4 and IPv6 together. */
export async function addressesOf(name: string, resolver: Resolver): Promise<Answer<string>> {
  const answers = await Promise.all([resolver.a(name), resolver.aaaa(name)]);
  const records = answers.flatMap((answer) => (answer.kind === "records" ? answer.records : []));
  if (records.length > 0) return { kind: "records", records };
  return answers.find((answer) => answer.kind === "unavailable") ?? answers[0];
}
