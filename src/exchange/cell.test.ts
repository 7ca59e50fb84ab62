// Cells: what spreadsheets wrap around a value comes off, and nothing we write is run by one.
import fc from "fast-check";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";

import { cleanCell, csvCell, csvRow } from "./cell.ts";

test.each([
  ["  taro@example.jp\u3000", "taro@example.jp"],
  ["'090-0000-0000", "090-0000-0000"],
  ['="0123"', "0123"],
  ['="say ""hi"""', 'say "hi"'],
  ['="', '="'],
  ["", ""],
])("%j is read as %j", (cell, value) => {
  expect(cleanCell(cell)).toBe(value);
});

test("what is written is one cell to any CSV reader, and is read back as it was", () => {
  const values = fc.array(
    fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => text.trim()),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(values, (row) => {
      const [cells] = parse(csvRow(row)) as string[][];
      expect((cells ?? [""]).map(cleanCell)).toEqual(row);
    }),
    { numRuns: 1000 },
  );
});

test("no written cell begins as a formula, in half or full width", () => {
  const hostile = fc
    .tuple(
      fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠"),
      fc.string(),
    )
    .map(([sign, rest]) => sign + rest);
  fc.assert(
    fc.property(hostile, (value) => {
      expect(csvCell(value)).toMatch(/^"?'/);
    }),
  );
});
