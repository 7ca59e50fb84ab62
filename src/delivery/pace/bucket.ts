// Token buckets: how many messages may go in a time, spread evenly over it. Pure.
import type { Rate } from "./shaping.ts";

/** Several bounds at once; all must have room. Times are monotonic milliseconds. */
export interface Buckets {
  /** 0: one message may go now; else how many milliseconds until it may. Takes nothing. */
  readonly waitMs: (now: number) => number;
  readonly take: (now: number) => void;
  /** Gives back what was taken for a message that did not go. */
  readonly giveBack: () => void;
  /** When all room is there again, if nothing more is taken; not after `now` where it is. It stays the same until then. */
  readonly fullAt: (now: number) => number;
  /** As far spent as `fullAt` of a former process said. For one bound alone: of several it is the slowest one's. */
  readonly spendUntil: (fullAt: number, now: number) => void;
}

const burstSeconds = 10; // of a rate a minute, an hour or a day: never a whole hour's share at once after a quiet time

export function createBuckets(rates: readonly Rate[]): Buckets {
  const buckets = rates.map((rate) => {
    const perMs = rate.messages / (rate.seconds * 1000);
    const capacity = Math.min(rate.messages, Math.max(2, perMs * 1000 * burstSeconds)); // two: parts of one add up
    return { perMs, capacity, tokens: capacity, at: undefined as number | undefined };
  });
  const fill = (now: number): void => {
    for (const bucket of buckets) {
      const passed = bucket.at === undefined ? 0 : Math.max(0, now - bucket.at);
      bucket.tokens = Math.min(bucket.capacity, bucket.tokens + passed * bucket.perMs);
      bucket.at = now;
    }
  };
  return {
    waitMs: (now) => {
      fill(now);
      return Math.max(
        0,
        ...buckets.map(({ tokens, perMs }) => Math.ceil((1 - tokens) / perMs - tolerance)),
      );
    },
    take: (now) => {
      fill(now);
      for (const bucket of buckets) bucket.tokens -= 1;
    },
    giveBack: () => {
      for (const bucket of buckets) bucket.tokens = Math.min(bucket.capacity, bucket.tokens + 1);
    },
    fullAt: (now) => {
      fill(now);
      return Math.max(
        now,
        ...buckets.map(({ capacity, tokens, perMs }) => now + (capacity - tokens) / perMs),
      );
    },
    spendUntil: (fullAt, now) => {
      fill(now);
      for (const bucket of buckets)
        bucket.tokens = Math.min(bucket.tokens, bucket.capacity - (fullAt - now) * bucket.perMs);
    },
  };
}

const tolerance = 1e-6; // sums of fractions
