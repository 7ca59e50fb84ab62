// What bounds one message beside the receiver: the sender's, stream's or From domain's own rates and warm-up. Pure.
import { createBuckets, type Buckets } from "./bucket.ts";
import type { SourceShape } from "./shaping.ts";

export interface Source {
  shape: SourceShape;
  buckets: Buckets;
  /** Of a warm-up: by group and day, and how many messages the ladder gave that day. */
  readonly warm: Map<string, Share>;
  running: number;
}

interface Share {
  readonly day: number;
  /** undefined: the ladder is climbed. */
  readonly messages: number | undefined;
  readonly buckets: Buckets | undefined;
}

/** How far a group's share of a day is spent. `fullAt`: monotonic milliseconds. */
export interface WarmUpLeft {
  readonly kind: SourceShape["kind"];
  readonly name: string;
  readonly group: string;
  /** Days since 1970, UTC. */
  readonly day: number;
  readonly fullAt: number;
}

/** What of one message says whose it is. */
export interface Origin {
  readonly sender: string;
  readonly stream: string;
  readonly fromDomain: string;
}

export interface Bound {
  readonly buckets: Buckets;
  readonly why: string;
}

export function makeSource(shape: SourceShape): Source {
  return { shape, buckets: createBuckets(shape.rates), warm: new Map(), running: 0 };
}

export function isOf(shape: SourceShape, load: Origin): boolean {
  switch (shape.kind) {
    case "sender":
      return shape.name === load.sender;
    case "stream":
      return shape.name === load.stream;
    case "from":
      return shape.name === load.fromDomain;
  }
}

export function nameOf({ kind, name }: SourceShape): string {
  return `${kind} ${name}`;
}

const warmMax = 20_000; // groups remembered of one source; of those beyond it the oldest go first

/** The bound of today's step on the ladder; none before it is used, and none once the ladder is climbed. */
export function warmUp(
  ladder: readonly number[],
  source: Source,
  group: string,
  day: number,
): readonly Bound[] {
  const { warmUp: since } = source.shape;
  if (since === undefined) return [];
  const found = source.warm.get(group);
  const step = Math.max(0, day - Math.floor(since.getTime() / 86_400_000));
  const messages = ladder[step];
  // Another ladder or another beginning, by a reload, makes another share.
  const kept = found?.day === day && found.messages === messages ? found : undefined;
  const fresh: Share = kept ?? {
    day,
    messages,
    buckets: messages === undefined ? undefined : createBuckets([{ messages, seconds: 86_400 }]),
  };
  if (kept === undefined) {
    source.warm.delete(group);
    source.warm.set(group, fresh);
    for (const oldest of source.warm.keys()) {
      if (source.warm.size <= warmMax) break;
      source.warm.delete(oldest);
    }
  }
  return fresh.buckets === undefined
    ? []
    : [{ buckets: fresh.buckets, why: `warm-up of ${source.shape.name}, day ${step + 1}` }];
}

/** Shares that are not whole again, for the next process: without them each start would give them anew. */
export function warmUpsLeft(sources: readonly Source[], now: number): readonly WarmUpLeft[] {
  return sources.flatMap(({ shape: { kind, name }, warm }) =>
    [...warm].flatMap(([group, { day, buckets }]) => {
      const fullAt = buckets?.fullAt(now) ?? now;
      return fullAt > now ? [{ kind, name, group, day, fullAt }] : [];
    }),
  );
}

/** Of another day than `day` they count for nothing. */
export function restoreWarmUp(
  ladder: readonly number[],
  sources: readonly Source[],
  left: WarmUpLeft,
  day: number,
): void {
  if (left.day !== day) return;
  for (const source of sources)
    if (source.shape.kind === left.kind && source.shape.name === left.name)
      for (const { buckets } of warmUp(ladder, source, left.group, day))
        buckets.spendUntil(left.fullAt, performance.now());
}
