// Which addresses limits count as one client.
import ipaddr from "ipaddr.js";

/** Of IPv6 the /64: whoever has one address there has them all (RFC 4291 §2.5.4). Of IPv4 the address: many may share a /24. */
export function clientOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  const octets = parsed.toByteArray();
  return (parsed.kind() === "ipv4" ? octets : octets.slice(0, 8)).join(".");
}
