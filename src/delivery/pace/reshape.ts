// Puts new bounds in the place of old ones while mail is under way: what was learnt, taken and paused stays. Pure but for its arguments.
import { createBuckets } from "./bucket.ts";
import type { Group } from "./paced-group.ts";
import type { GroupShape, Rate, SourceShape } from "./shaping.ts";
import { makeSource, type Source } from "./sources.ts";

/** A group keeps its name: one that is listed no longer has the bounds of any other exchanger. */
export function reshapeGroups(groups: Iterable<Group>, shapes: readonly GroupShape[]): void {
  for (const group of groups) {
    const shape = shapes.find(({ name }) => name === group.name);
    if (!sameRates(group.shape?.rates, shape?.rates))
      group.buckets = createBuckets(shape?.rates ?? []);
    group.shape = shape;
    group.max = shape?.connections ?? group.placesOtherwise;
    group.limit = Math.min(group.limit, group.max);
  }
}

/** A bound of the same sender, stream or domain goes on with what it has counted. */
export function reshapeSources(
  sources: readonly Source[],
  shapes: readonly SourceShape[],
): readonly Source[] {
  const left = [...sources];
  return shapes.map((shape) => {
    const at = left.findIndex(
      (source) => source.shape.kind === shape.kind && source.shape.name === shape.name,
    );
    const [source] = at === -1 ? [] : left.splice(at, 1);
    if (source === undefined) return makeSource(shape);
    if (!sameRates(source.shape.rates, shape.rates)) source.buckets = createBuckets(shape.rates);
    source.shape = shape;
    return source;
  });
}

function sameRates(before: readonly Rate[] = [], after: readonly Rate[] = []): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
