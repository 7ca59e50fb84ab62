// Which IP addresses are likely one party's: limits on strangers count parties, not addresses.
import ipaddr from "ipaddr.js";

const ipv6Octets = 8; // a /64: whoever has one address there has them all (RFC 4291 §2.5.4)

/** What one client is likely to hold: the address of IPv4 (many may share a /24), the /64 of IPv6. The text itself where it is no address. */
export function clientOf(address: string): string {
  return prefixOf(address, 4);
}

/** What one organisation is likely to hold: the /24 of IPv4, the /64 of IPv6. The text itself where it is no address. */
export function networkOf(address: string): string {
  return prefixOf(address, 3);
}

function prefixOf(address: string, ipv4Octets: number): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  const length = parsed.kind() === "ipv4" ? ipv4Octets : ipv6Octets;
  return `${parsed.kind()}:${parsed.toByteArray().slice(0, length).join(".")}`;
}
