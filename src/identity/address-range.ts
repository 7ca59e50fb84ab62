// Ranges of IP addresses in CIDR notation (RFC 4632, RFC 4291): who may use a credential.
import ipaddr from "ipaddr.js";

import { bad, ok, type Parsed } from "../mail/parsed.ts";

export interface AddressRanges {
  /** False for text that is no IP address. An IPv4 address mapped into IPv6 counts as IPv4. */
  readonly contains: (address: string) => boolean;
}

/** Reads `192.0.2.0/24`, `2001:db8::/32` or a single address, each. */
export function parseRanges(texts: readonly string[]): Parsed<AddressRanges> {
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  for (const text of texts) {
    const whole = text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`;
    if (!ipaddr.isValidCIDR(whole))
      return bad(`has the range ${text}, which is not CIDR such as 192.0.2.0/24`);
    ranges.push(ipaddr.parseCIDR(whole));
  }
  return ok({
    contains: (address) => {
      if (!ipaddr.isValid(address)) return false;
      const parsed = ipaddr.process(address);
      return ranges.some(
        ([base, bits]) => base.kind() === parsed.kind() && parsed.match(base, bits),
      );
    },
  });
}

/** Whether strangers are reached there: no loopback, private, link-local, metadata, multicast or translated address. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}
