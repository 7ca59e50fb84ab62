// Hostile input from good input: pieces cut out, doubled, and replaced by words that mean something to the parser.
import fc from "fast-check";

interface Change {
  readonly at: number;
  readonly removed: number;
  readonly put: string;
}

/** One of `seeds` with up to a dozen changes; `words` are put in as often as random octets. Latin-1 text: one octet a character. */
export function mutated(
  seeds: readonly string[],
  words: readonly string[],
  changesMax = 12,
): fc.Arbitrary<string> {
  const word = fc.oneof(
    fc.constantFrom(...words),
    fc.string({ unit: "binary-ascii", maxLength: 6 }),
    fc.uint8Array({ maxLength: 6 }).map((octets) => Buffer.from(octets).toString("latin1")),
    // Much of the same is what a quadratic loop shows itself by.
    fc
      .tuple(fc.constantFrom(...words), fc.integer({ min: 2, max: 200 }))
      .map(([w, n]) => w.repeat(n)),
  );
  const change: fc.Arbitrary<Change> = fc.record({
    at: fc.nat(1_000_000),
    removed: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(400)),
    put: word,
  });
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: changesMax }))
    .map(([seed, changes]) => changes.reduce(apply, seed));
}

function apply(text: string, { at, removed, put }: Change): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + removed);
}
