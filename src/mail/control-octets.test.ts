import fc from "fast-check";
import { expect, test } from "vitest";

import { controlFinder } from "./control-octets.ts";

/** By the octet. */
function findPlainly(octets: Uint8Array, from: number): number {
  for (let at = from; at < octets.length; at += 1) if ((octets[at] ?? 0) <= 13) return at;
  return octets.length;
}

test.each([0, 1, 9, 10, 12, 13, 14, 15, 0x0e, 0x7f, 0x80, 0x8d, 0x8e, 0xff])(
  "octet %i is found, or not, in each place of a word and beside each neighbour",
  (octet) => {
    for (let place = 0; place < 12; place += 1)
      for (const beside of [14, 65, 0x7f, 0x80, 0x8d, 0xff]) {
        const octets = new Uint8Array(12).fill(beside);
        octets[place] = octet;
        expect(controlFinder(octets)(0)).toBe(octet <= 13 ? place : 12);
      }
  },
);

test("gives what a look at each octet gives, wherever the octets lie in memory and wherever it begins", () => {
  const octet = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 14, max: 255 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 13 }) },
  );
  fc.assert(
    fc.property(
      fc.array(octet, { maxLength: 60 }),
      fc.nat({ max: 7 }),
      fc.nat({ max: 7 }),
      (values, before, behind) => {
        const memory = new Uint8Array(before + values.length + behind); // zeros around: none may be found
        memory.set(values, before);
        const octets = memory.subarray(before, before + values.length);
        const find = controlFinder(octets);
        for (let from = 0; from <= octets.length + 2; from += 1)
          expect(find(from)).toBe(findPlainly(octets, from));
      },
    ),
    { numRuns: 2000 },
  );
});
