// What receivers look up of the gateway itself: the PTR of each address mail leaves from, and its EHLO name.
import { addressesOf } from "./check-from.ts";
import { flaw, good, unanswered, type DnsFinding } from "./finding.ts";
import type { Resolver } from "./resolver.ts";

export interface GatewayFacts {
  readonly hostname: string;
  /** Public addresses that mail leaves from. */
  readonly addresses: readonly string[];
}

export async function checkGateway(
  facts: GatewayFacts,
  resolver: Resolver,
): Promise<readonly DnsFinding[]> {
  const found: DnsFinding[] = [];
  if (facts.addresses.length === 0)
    found.push(
      flaw("source-unknown", facts.hostname, "no public address on this machine", "its addresses"),
    );
  for (const address of facts.addresses)
    found.push(await checkPtr(address, facts.hostname, resolver));
  return [...found, await checkHelo(facts, resolver)];
}

async function checkPtr(
  address: string,
  hostname: string,
  resolver: Resolver,
): Promise<DnsFinding> {
  const answer = await resolver.ptr(address);
  if (answer.kind === "unavailable") return unanswered("ptr", address, answer.problem);
  const names = (answer.kind === "records" ? answer.records : []).map(withoutDot);
  if (names.length === 0) return flaw("ptr-missing", address, "no PTR record", hostname);
  for (const name of names) {
    const forward = await addressesOf(name, resolver);
    if (forward.kind === "unavailable") return unanswered("ptr", address, forward.problem);
    if (forward.kind !== "records" || !forward.records.some((each) => isSame(each, address)))
      continue;
    return isGeneric(name, address)
      ? flaw("ptr-generic", address, name, hostname)
      : good("ptr", address, name);
  }
  return flaw("ptr-forward", address, `${names.join(", ")} does not lead back`, `A ${address}`);
}

async function checkHelo(facts: GatewayFacts, resolver: Resolver): Promise<DnsFinding> {
  const { hostname, addresses } = facts;
  const answer = await addressesOf(hostname, resolver);
  if (answer.kind === "unavailable") return unanswered("helo", hostname, answer.problem);
  if (answer.kind !== "records")
    return flaw("helo-unresolved", hostname, "no A or AAAA record", "an A or AAAA record");
  const ours =
    addresses.length === 0 ||
    answer.records.some((seen) => addresses.some((each) => isSame(seen, each)));
  const text = answer.records.join(", ");
  return ours
    ? good("helo", hostname, text)
    : flaw("helo-elsewhere", hostname, text, addresses.join(", "));
}

/** A name made of the address: its numbers, in order or reversed, as providers name lines nobody has claimed. */
function isGeneric(name: string, address: string): boolean {
  if (!address.includes(".")) return false;
  const parts = address.split(".");
  return [parts, parts.toReversed()].some((order) =>
    ["-", ".", "_"].some((mark) => name.includes(order.join(mark))),
  );
}

/** IPv6 may be written in several ways. */
function isSame(one: string, other: string): boolean {
  return one === other || (one.includes(":") && canonical(one) === canonical(other));
}

function canonical(address: string): string {
  return URL.canParse(`http://[${address}]/`) ? new URL(`http://[${address}]/`).hostname : address;
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
