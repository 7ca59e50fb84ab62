// Names for keys: the letter of the algorithm, the day, and a letter that tells the keys of one day apart.
import type { KeyInfo } from "./key.ts";

const selectorPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/; // one label (RFC 1035 §2.3.4)

/** A selector in one label, lower case: what we make and what an import may bring. */
export function isSelector(text: string): boolean {
  return selectorPattern.test(text);
}

/** `s20261125a` for RSA, `e20261125a` for Ed25519; the first that `taken` does not have. The day is UTC. */
export function nextSelector(
  algorithm: KeyInfo["algorithm"],
  taken: readonly string[],
  now: Date,
): string {
  const day = now.toISOString().slice(0, 10).replaceAll("-", "");
  const stem = `${algorithm === "rsa" ? "s" : "e"}${day}`;
  const used = new Set(taken);
  for (let count = 0; ; count += 1) {
    const selector = stem + letters(count);
    if (!used.has(selector)) return selector;
  }
}

/** a, b … z, aa, ab … */
function letters(count: number): string {
  const last = String.fromCharCode(97 + (count % 26));
  return count < 26 ? last : letters(Math.floor(count / 26) - 1) + last;
}
