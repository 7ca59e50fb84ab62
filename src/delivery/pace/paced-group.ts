// One group of receivers as its pace is kept: places, rates, what it has asked for. Pure.
import type { Buckets } from "./bucket.ts";
import type { GroupShape } from "./shaping.ts";

export interface Group {
  readonly name: string;
  readonly shape: GroupShape | undefined;
  readonly max: number;
  readonly buckets: Buckets;
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

const pauseMaxSeconds = 7200;
const calmMs = 3_600_000; // a pause that comes later than this after the last one is a new one

/** Replies of attempts that were under way when the pause began are the same complaint, not a new one. */
export function longer(last: Pause | undefined, seconds: number, now: number): Pause {
  if (last !== undefined && last.until > now) return last;
  const again = last !== undefined && now - last.until < calmMs;
  const length = Math.min(again ? last.seconds * 2 : seconds, pauseMaxSeconds);
  return { since: now, until: now + length * 1000, seconds: length };
}
