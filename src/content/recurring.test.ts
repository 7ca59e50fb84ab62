import fc from "fast-check";
import { expect, test } from "vitest";

import { createRecurring, type Recurring } from "./recurring.ts";

function createReader(sizeMax = 1000, allMax = 1000): Recurring<string, string> {
  return createRecurring<string, string>(
    {
      sizeOf: (text) => text.length,
      slice: (text, start, end) => text.slice(start, end),
      isSame: (one, two) => one === two,
      copy: (text) => Buffer.from(text).toString(),
    },
    { sizeMax, allMax },
  );
}

test("what comes again is read for the last time when it comes a second time", () => {
  const reader = createReader();
  const reads: boolean[] = [];
  const read = (): string =>
    reader.read("", "x".repeat(100), (text, isKept) => {
      reads.push(isKept);
      return text;
    });
  for (let round = 0; round < 5; round += 1) expect(read()).toBe("x".repeat(100));
  expect(reads).toEqual([false, true]);
});

test("what is alike but not the same gets its own result, and is not kept once it was seen to differ", () => {
  const reader = createReader();
  // As long, and the same in every place that a sample could be taken from but one letter.
  const letter = (name: string): string => `${"x".repeat(120)}${name}${"x".repeat(380)}`;
  const reads: boolean[] = [];
  for (const name of ["a", "a", "b", "b", "a", "c", "a"]) {
    const result = reader.read("", letter(name), (text, isKept) => {
      reads.push(isKept);
      return text;
    });
    expect(result).toBe(letter(name));
  }
  expect(reads).toEqual([false, true, false, false, false, false, false]);
});

test("the same thing read in another way is another thing", () => {
  const reader = createReader();
  for (let round = 0; round < 3; round += 1)
    for (const way of ["plain", "flowed"])
      expect(reader.read(way, "text", (text) => `${way} ${text}`)).toBe(`${way} text`);
});

test("any series of things gets the results that reading each of them gives", () => {
  const thing = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.nat({ max: 40 }).map((at) => `${"y".repeat(at)}z${"y".repeat(40 - at)}`),
    fc.integer({ min: 0, max: 300 }).map((size) => "w".repeat(size)),
  );
  const limits = fc.constantFrom<[number, number]>([1000, 100], [1000, 1000], [50, 0]);
  fc.assert(
    fc.property(limits, fc.array(fc.tuple(fc.constantFrom("", "1"), thing)), ([size, all], series) => {
      const reader = createReader(size, all);
      for (const [way, text] of series)
        expect(reader.read(way, text, (own) => `${way}:${own}`)).toBe(`${way}:${text}`);
    }),
  ); // prettier-ignore
});

test("what throws is not kept", () => {
  const reader = createReader();
  const read = (): string =>
    reader.read("", "text", () => {
      throw new RangeError("too large");
    });
  for (let round = 0; round < 4; round += 1) expect(read).toThrow(RangeError);
  expect(reader.read("", "text", (text) => text)).toBe("text");
});
