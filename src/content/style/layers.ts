// The order of cascade layers (CSS Cascade 5 §6.4): by first mention, what a layer says itself above its inner layers.

/** The full name of a layer within another; `""` is none. */
export function joinLayer(outer: string, inner: string): string {
  const name = inner === "" ? `anonymous` : inner;
  return outer === "" ? name : `${outer}.${name}`;
}

/** Each layer's place by its index in `layers`, weakest first; undefined where first mention is the order already. */
export function ranksOf(layers: readonly string[]): readonly number[] | undefined {
  if (!layers.some((layer) => layer.includes("."))) return undefined;
  const firstOf = (prefix: string): number =>
    layers.findIndex((layer) => layer === prefix || layer.startsWith(`${prefix}.`));
  const paths = layers.map((layer, index) => {
    const parts = layer.split(".");
    return { index, places: parts.map((_, depth) => firstOf(parts.slice(0, depth + 1).join("."))) };
  });
  const ordered = paths.toSorted((a, b) => {
    for (let depth = 0; depth < Math.max(a.places.length, b.places.length); depth += 1) {
      const left = a.places[depth] ?? Number.POSITIVE_INFINITY;
      const right = b.places[depth] ?? Number.POSITIVE_INFINITY;
      if (left !== right) return left - right;
    }
    return 0;
  });
  const ranks: number[] = [];
  for (const [rank, { index }] of ordered.entries()) ranks[index] = rank;
  return ranks;
}
