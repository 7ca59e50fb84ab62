// What bounds one message beside the receiver: the sender's, stream's or From domain's own rates and warm-up. Pure.
import { createBuckets, type Buckets } from "./bucket.ts";
import type { SourceShape } from "./shaping.ts";

export interface Source {
  readonly shape: SourceShape;
  readonly buckets: Buckets;
  /** Of a warm-up: by group and day. */
  readonly warm: Map<string, { readonly day: number; readonly buckets: Buckets | undefined }>;
  running: number;
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
  const kept = found?.day === day ? found : undefined;
  const step = Math.max(0, day - Math.floor(since.getTime() / 86_400_000));
  const messages = ladder[step];
  const fresh = kept ?? {
    day,
    buckets: messages === undefined ? undefined : createBuckets([{ messages, seconds: 86_400 }]),
  };
  if (kept === undefined) source.warm.set(group, fresh);
  return fresh.buckets === undefined
    ? []
    : [{ buckets: fresh.buckets, why: `warm-up of ${source.shape.name}, day ${step + 1}` }];
}
