// Where the next octet up to CR stands: all that may end a line, or must not stand in one, is among these.

/** The place of the next such octet at or behind `from`; the octets' length where there is none. */
export type FindControl = (from: number) => number;

const CR = 13;
const wordOctets = 4;
const least = 0x0e0e0e0e; // the least octet that is none, in each of a word's places
const top = 0x80808080;
const none = new Int32Array(0);

/**
 * Looks at four octets at a time, which takes half to two thirds of the time of one at a time. A word has an octet below n (at
 * most 128) where, n taken from each, one borrows that had not its highest bit set before.
 */
export function controlFinder(octets: Uint8Array): FindControl {
  const { buffer, byteOffset, length } = octets;
  const isShort = length < 2 * wordOctets; // then by the octet alone
  const skew = isShort ? 0 : -byteOffset & (wordOctets - 1); // words begin where memory's do
  const words = isShort ? none : new Int32Array(buffer, byteOffset + skew, (length - skew) >> 2);
  return (from) => find(octets, words, skew, from);
}

/** A function of its own, as what a closure holds would be read anew in each round. */
function find(octets: Uint8Array, words: Int32Array, skew: number, from: number): number {
  const { length } = octets;
  let at = from;
  for (; ((at - skew) & (wordOctets - 1)) !== 0; at += 1)
    if (at >= length || (octets[at] ?? 0) <= CR) return Math.min(at, length);
  let word = (at - skew) >> 2;
  for (const { length: count } = words; word < count; word += 1) {
    const four = words[word] ?? 0;
    if (((four - least) & ~four & top) !== 0) break;
  }
  at = word * wordOctets + skew;
  while (at < length && (octets[at] ?? 0) > CR) at += 1;
  return Math.min(at, length);
}
