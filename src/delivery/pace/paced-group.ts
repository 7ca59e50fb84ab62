// One group of receivers as its pace is kept: places, rates, what it has asked for. Pure.
import { createBuckets, type Buckets } from "./bucket.ts";
import type { GroupShape } from "./shaping.ts";

export interface Group {
  readonly name: string;
  /** Places where the shape bounds none. */
  readonly placesOtherwise: number;
  shape: GroupShape | undefined;
  max: number;
  buckets: Buckets;
  running: number;
  limit: number;
  pause: Pause | undefined;
  readonly holds: Map<string, Pause>;
}

export interface Pause {
  readonly since: number;
  readonly until: number;
  readonly seconds: number;
}

const startLimit = 5; // Postfix's initial_destination_concurrency

export function makeGroup(
  name: string,
  shape: GroupShape | undefined,
  placesOtherwise: number,
): Group {
  const max = shape?.connections ?? placesOtherwise;
  return {
    name,
    placesOtherwise,
    shape,
    max,
    buckets: createBuckets(shape?.rates ?? []),
    running: 0,
    limit: Math.min(startLimit, max),
    pause: undefined,
    holds: new Map(),
  };
}

const pauseMaxSeconds = 7200;
const calmMs = 3_600_000; // a pause that comes later than this after the last one is a new one

/** Replies of attempts that were under way when the pause began are the same complaint, not a new one. */
export function longer(last: Pause | undefined, seconds: number, now: number): Pause {
  if (last !== undefined && last.until > now) return last;
  const again = last !== undefined && now - last.until < calmMs;
  const length = Math.min(again ? last.seconds * 2 : seconds, pauseMaxSeconds);
  return { since: now, until: now + length * 1000, seconds: length };
}
