// Slows failed logins down, by address, network and user name: token buckets that refill, never a lock-out for good.
import { networkOf } from "./address-range.ts";

/** `burst` failures at once, then one more every `refillSeconds`. */
interface Bucket {
  readonly burst: number;
  readonly refillSeconds: number;
}

const buckets: Readonly<Record<"address" | "network" | "user", Bucket>> = {
  address: { burst: 5, refillSeconds: 30 },
  network: { burst: 20, refillSeconds: 10 }, // an office behind a /24 may hold several tools with an old password
  user: { burst: 20, refillSeconds: 10 }, // wide: an attacker from many networks slows the owner, and cannot shut them out
};
const bucketsMax = 100_000; // about 20 MB; the one that failed longest ago goes first
const knownMax = 10_000; // pairs of user and address that logged in lately

export interface Attempt {
  readonly address: string;
  readonly username: string;
  readonly now: Date;
}

export interface Throttle {
  /** Whether a login may be tried now; asked before the secret is looked at, so that waiting tells nothing. */
  readonly check: (
    attempt: Attempt,
  ) => { readonly kind: "go" } | { readonly kind: "wait"; readonly seconds: number };
  readonly failed: (attempt: Attempt) => void;
  /** The pair logged in: others' failures on the same user do not slow it from now on. */
  readonly succeeded: (attempt: Attempt) => void;
  /** Buckets in memory. */
  readonly size: () => number;
}

export function createThrottle(): Throttle {
  /** Failures not yet refilled, as of `at` (milliseconds). */
  const failures = new Map<string, { readonly count: number; readonly at: number }>();
  const known = new Set<string>();

  const left = (name: string, bucket: Bucket, now: number): number => {
    const entry = failures.get(name);
    if (entry === undefined) return 0;
    const refilled = Math.max(0, now - entry.at) / (bucket.refillSeconds * 1000);
    return Math.max(0, entry.count - refilled);
  };
  const named = ({ address, username }: Attempt): readonly (readonly [string, Bucket])[] => [
    [`address ${address}`, buckets.address],
    [`network ${networkOf(address)}`, buckets.network],
    [`user ${username.slice(0, 128)}`, buckets.user],
  ];
  return {
    check: (attempt) => {
      const isKnown = known.has(pair(attempt));
      let seconds = 0;
      for (const [name, bucket] of named(attempt)) {
        if (isKnown && bucket === buckets.user) continue;
        const over = left(name, bucket, attempt.now.getTime()) - bucket.burst + 1;
        if (over > 0) seconds = Math.max(seconds, Math.ceil(over * bucket.refillSeconds));
      }
      return seconds === 0 ? { kind: "go" } : { kind: "wait", seconds };
    },
    failed: (attempt) => {
      const now = attempt.now.getTime();
      for (const [name, bucket] of named(attempt)) {
        const count = Math.min(left(name, bucket, now) + 1, bucket.burst);
        failures.delete(name); // Set anew, so that the map's order is that of the last failure.
        failures.set(name, { count, at: now });
      }
      trim(failures, bucketsMax);
    },
    succeeded: (attempt) => {
      known.delete(pair(attempt));
      known.add(pair(attempt));
      trim(known, knownMax);
    },
    size: () => failures.size,
  };
}

function pair(attempt: Attempt): string {
  return `${attempt.username.slice(0, 128)}\0${attempt.address}`;
}

function trim(entries: Map<string, unknown> | Set<string>, max: number): void {
  for (const name of entries.keys()) {
    if (entries.size <= max) return;
    entries.delete(name);
  }
}
