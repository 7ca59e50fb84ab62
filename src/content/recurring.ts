// What comes again and again just as it was, such as a campaign's text without names, is read once: compared in full, bounded in memory.

/** Something that is read: octets or text. */
export interface Readable<Thing> {
  readonly sizeOf: (thing: Thing) => number;
  readonly slice: (thing: Thing, start: number, end: number) => string;
  readonly isSame: (one: Thing, two: Thing) => boolean;
  /** A copy that keeps nothing else in memory. */
  readonly copy: (thing: Thing) => Thing;
}

export interface Recurring<Thing, Result> {
  /**
   * What `read` makes of the thing, or made of one that was the same and had the same `way` of being read. It must depend
   * on nothing else, and never be changed. `own` is the thing or a copy of it; `isKept`: the result will serve others.
   */
  read(way: string, thing: Thing, read: (own: Thing, isKept: boolean) => Result): Result;
}

export interface RecurringLimits {
  /** Of one thing, in octets or characters. */
  readonly sizeMax: number;
  /** Of all that are kept. */
  readonly allMax: number;
}

const likesMax = 100;
const samples = 4;
const sampleSize = 16;

interface Kept<Thing, Result> {
  readonly thing: Thing;
  readonly result: Result;
}

/**
 * Size and a sample decide on the effort alone: a thing is kept when its like comes a second time, and none where those
 * that are alike turn out to differ, as they do that name their reader. What is given back was compared in full.
 */
export function createRecurring<Thing, Result>(
  { sizeOf, slice, isSame, copy }: Readable<Thing>,
  { sizeMax, allMax }: RecurringLimits,
): Recurring<Thing, Result> {
  /** The latest used last. */
  const known = new Map<string, Kept<Thing, Result> | "once" | "differing">();
  let all = 0;
  const put = (like: string, state: Kept<Thing, Result> | "once" | "differing"): void => {
    const before = known.get(like);
    known.delete(like);
    known.set(like, state);
    if (typeof before === "object") all -= sizeOf(before.thing);
    if (typeof state === "object") all += sizeOf(state.thing);
    for (const [oldest, kept] of known) {
      if (known.size <= likesMax && all <= allMax) return;
      known.delete(oldest);
      if (typeof kept === "object") all -= sizeOf(kept.thing);
    }
  };
  return {
    read(way, thing, read) {
      const size = sizeOf(thing);
      if (size > sizeMax) return read(thing, false);
      let like = `${size} ${way}`;
      for (let at = 0; at < samples; at += 1) {
        const start = Math.floor((size * at) / samples);
        like += slice(thing, start, start + sampleSize);
      }
      const before = known.get(like);
      if (typeof before === "object" && isSame(before.thing, thing)) {
        put(like, before);
        return before.result;
      }
      if (before === "once") {
        const own = copy(thing);
        const result = read(own, true);
        put(like, { thing: own, result });
        return result;
      }
      const result = read(thing, false);
      put(like, before === undefined ? "once" : "differing");
      return result;
    },
  };
}
