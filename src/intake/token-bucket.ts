// A rate limit by key: each key has a bucket that refills steadily, so a limit backs off and never locks for good.

export interface BucketRule {
  /** How many may come at once. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export interface TokenBuckets {
  /** Takes one token; false where there is none. */
  readonly take: (key: string) => boolean;
  /** Whether a token is there, without taking it. */
  readonly has: (key: string) => boolean;
}

const keysMax = 10_000; // bounds memory under a spray over many addresses or names: about 1 MB

/** `now`: milliseconds. */
export function createTokenBuckets(rule: BucketRule, now: () => number): TokenBuckets {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const level = (key: string): number => {
    const bucket = buckets.get(key);
    if (bucket === undefined) return rule.capacity;
    const elapsed = Math.max(0, now() - bucket.at); // A clock set back must not empty a bucket.
    return Math.min(rule.capacity, bucket.tokens + (elapsed / 1000) * rule.refillPerSecond);
  };
  return {
    has: (key) => level(key) >= 1,
    take: (key) => {
      const tokens = level(key);
      if (tokens < 1) return false;
      buckets.delete(key); // Set again below: the map's order is then that of use, and the oldest is dropped first.
      if (buckets.size >= keysMax) {
        const oldest = buckets.keys().next();
        if (oldest.done !== true) buckets.delete(oldest.value);
      }
      buckets.set(key, { tokens: tokens - 1, at: now() });
      return true;
    },
  };
}
