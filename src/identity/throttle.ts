// Slows failed logins down, by address, network and user name: token buckets that refill, never a lock-out for good.
//
// One mechanism for people, API tokens and MA tools; only the sizes of the buckets differ. It lives in memory: a restart
// forgets it, which gives a guesser one more burst for each restart, and nobody who guesses can restart the gateway. Kept
// on disk, each failure would be a write that strangers cause.
import { networkOf } from "../mail/party.ts";

/** `burst` failures at once, then one more every `refillSeconds`. */
interface Bucket {
  readonly burst: number;
  readonly refillSeconds: number;
}

export type ThrottleLimits = Readonly<Record<"address" | "network" | "user", Bucket>>;

/** People and API tokens over HTTP. */
export const httpLogins: ThrottleLimits = {
  address: { burst: 5, refillSeconds: 30 },
  network: { burst: 20, refillSeconds: 10 }, // an office behind a /24 may hold several tools with an old password
  user: { burst: 20, refillSeconds: 10 }, // wide: an attacker from many networks slows the owner, and cannot shut them out
};

/** MA tools over SMTP. One with a stale password tries a few times at once and then once a minute: both fit. */
export const smtpLogins: ThrottleLimits = {
  address: { burst: 10, refillSeconds: 30 },
  network: { burst: 50, refillSeconds: 6 },
  user: { burst: 20, refillSeconds: 30 },
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
  /** The pair logged in: failures of others, on the same user or in the same network, do not slow it from now on. */
  readonly succeeded: (attempt: Attempt) => void;
  /** Buckets in memory. */
  readonly size: () => number;
}

export function createThrottle(limits: ThrottleLimits): Throttle {
  /** Failures not yet refilled, as of `at` (milliseconds). */
  const failures = new Map<string, { readonly count: number; readonly at: number }>();
  const known = new Set<string>();

  const left = (name: string, bucket: Bucket, now: number): number => {
    const entry = failures.get(name);
    if (entry === undefined) return 0;
    if (entry.at > now) failures.set(name, { ...entry, at: now }); // The clock was put back: nobody waits for that.
    const refilled = Math.max(0, now - entry.at) / (bucket.refillSeconds * 1000);
    return Math.max(0, entry.count - refilled);
  };
  const named = ({ address, username }: Attempt): readonly (readonly [string, Bucket])[] => [
    [`address ${address}`, limits.address],
    [`network ${networkOf(address)}`, limits.network],
    [`user ${username.slice(0, 128)}`, limits.user],
  ];
  return {
    check: (attempt) => {
      const isKnown = known.has(pair(attempt));
      let seconds = 0;
      for (const [name, bucket] of named(attempt)) {
        if (isKnown && bucket !== limits.address) continue;
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

/** The throttle for whoever asks yes or no and has no clock of its own: the SMTP listeners of a gateway, all together. */
export function createLoginGuard(
  limits: ThrottleLimits,
  clock: () => Date,
): {
  readonly mayTry: (username: string, address: string) => boolean;
  readonly failed: (username: string, address: string) => void;
  readonly succeeded: (username: string, address: string) => void;
} {
  const throttle = createThrottle(limits);
  const attempt = (username: string, address: string): Attempt => ({
    username,
    address,
    now: clock(),
  });
  return {
    mayTry: (username, address) => throttle.check(attempt(username, address)).kind === "go",
    failed: (username, address) => {
      throttle.failed(attempt(username, address));
    },
    succeeded: (username, address) => {
      throttle.succeeded(attempt(username, address));
    },
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
