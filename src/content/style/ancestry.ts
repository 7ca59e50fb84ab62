// A quick "no" for selectors that ask for ancestors: the names of all ancestors in 30 bits (a Bloom filter, as browsers keep).
import type { ElementNode } from "../html/node.ts";

const bitCount = 30; // stays a small integer

/** The bit of one tag, class or id; case does not count, as it may not in quirks mode. */
export function bitOf(name: string): number {
  let hash = 7;
  for (let index = 0; index < name.length; index += 1)
    hash = (hash * 31 + (name.charCodeAt(index) | 0x20)) | 0;
  return 1 << (Math.abs(hash) % bitCount);
}

/** Bits of the names of all ancestors. The tree must be complete: the answer is kept on the element. */
export function ancestryOf(element: ElementNode): number {
  if (element.ancestry >= 0) return element.ancestry;
  const { parent } = element;
  element.ancestry = parent === undefined ? 0 : ancestryOf(parent) | ownBits(parent);
  return element.ancestry;
}

function ownBits(element: ElementNode): number {
  let bits = bitOf(element.tag);
  for (const name of element.classes) bits |= bitOf(name);
  const id = element.attributes.get("id");
  return id === undefined ? bits : bits | bitOf(id);
}
