// Slows down whoever guesses passwords: by address, by network and by user name, with buckets that refill (threats.md row 22).
import ipaddr from "ipaddr.js";

import { createTokenBuckets, type BucketRule } from "../intake/token-bucket.ts";

// Only failures cost. A tool with a stale password tries a few times at once and then once a minute: both fit.
const perAddress: BucketRule = { capacity: 10, refillPerSecond: 1 / 30 };
const perNetwork: BucketRule = { capacity: 50, refillPerSecond: 1 / 6 };
const perUser: BucketRule = { capacity: 20, refillPerSecond: 1 / 30 };
const trustedMax = 10_000; // pairs of user and address, about 1 MB

export interface LoginGuard {
  /** Whether a login may be tried now; asked before the password is looked at. */
  readonly mayTry: (username: string, address: string) => boolean;
  readonly failed: (username: string, address: string) => void;
  readonly succeeded: (username: string, address: string) => void;
}

/** `now`: milliseconds. Shared by all listeners of a gateway. */
export function createLoginGuard(now: () => number): LoginGuard {
  const addresses = createTokenBuckets(perAddress, now);
  const networks = createTokenBuckets(perNetwork, now);
  const users = createTokenBuckets(perUser, now);
  // Where a user has logged in from before, guesses made elsewhere or by a neighbour do not lock him out.
  const trusted = new Set<string>();
  const pair = (username: string, address: string): string => `${address} ${username}`;
  return {
    mayTry: (username, address) =>
      addresses.has(address) &&
      (trusted.has(pair(username, address)) ||
        (networks.has(networkOf(address)) && users.has(username))),
    failed: (username, address) => {
      addresses.take(address);
      networks.take(networkOf(address));
      users.take(username);
    },
    succeeded: (username, address) => {
      const key = pair(username, address);
      trusted.delete(key); // Added again: the set's order is then that of use, and the oldest is dropped first.
      if (trusted.size >= trustedMax) {
        const oldest = trusted.values().next();
        if (oldest.done !== true) trusted.delete(oldest.value);
      }
      trusted.add(key);
    },
  };
}

/** The network that one party is likely to hold: /24 of IPv4, /64 of IPv6. The text itself where it is no address. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray().slice(0, parsed.kind() === "ipv4" ? 3 : 8);
  return `${parsed.kind()}:${bytes.join(".")}`;
}
