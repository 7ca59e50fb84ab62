// Which addresses of this machine the internet can see: what SPF and PTR are about, unless the operator names others.
import { BlockList, isIP } from "node:net";

const hidden = new BlockList();
// RFC 6890: private, shared, loopback, link-local, documentation, benchmarking, multicast and reserved.
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const)
  hidden.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 8],
  ["100::", 64],
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  hidden.addSubnet(net, bits, "ipv6");

/** The addresses named, else those of `own` that are public; empty: not known (a machine behind NAT, a smarthost). */
export function sourceAddresses(
  named: readonly string[],
  own: readonly string[],
): readonly string[] {
  if (named.length > 0) return named;
  return [...new Set(own.filter(isPublic))];
}

function isPublic(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && !hidden.check(address, version === 4 ? "ipv4" : "ipv6");
}
