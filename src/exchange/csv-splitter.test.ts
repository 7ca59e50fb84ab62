// Rows and cells of CSV: against a parser by others for all tables, and by example where tables are out of order.
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createCsvSplitter } from "./csv-splitter.ts";

function split(text: string, delimiter = ",", pieces: readonly number[] = []): string[][] {
  const splitter = createCsvSplitter(delimiter);
  const rows: string[][] = [];
  let start = 0;
  for (const end of [...pieces.toSorted((a, b) => a - b), text.length]) {
    const isLast = end === text.length;
    for (const { cells } of splitter.feed(text.slice(start, end), isLast)) rows.push([...cells]);
    start = end;
    if (isLast) break;
  }
  expect(splitter.broken()).toBeUndefined();
  return rows;
}

const cell = fc.stringMatching(/^[a-c見,;"\r\n ]{0,6}$/u);
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

describe("csv splitter", () => {
  test("reads what csv-parse reads, whatever pieces the text comes in", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.array(fc.nat(120), { maxLength: 5 }),
        (table, newline, endsLine, cuts) => {
          const text =
            table.map((row) => row.map(quoted).join(",")).join(newline) + (endsLine ? newline : "");
          const pieces = cuts.filter((cut) => cut < text.length);
          const expected = parse(text, { relax_column_count: true, record_delimiter: newline });
          const filled = (expected as string[][]).filter((row) => row.some((one) => one.trim()));
          expect(split(text, ",", pieces)).toEqual(filled);
        },
      ),
    );
  });

  test.each([
    [
      "a,b\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a,b\rc,d\r",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a,\r\n,b\r\n",
      [
        ["a", ""],
        ["", "b"],
      ],
    ],
    ['="001",b', [['="001"', "b"]]],
    ['a"b,c', [['a"b', "c"]]],
    ['"a"b,c', [['"a"b', "c"]]],
    ['"a,\n""b""",c', [['a,\n"b"', "c"]]],
    ['"",a', [["", "a"]]],
  ])("%j", (text, expected) => {
    expect(split(text)).toEqual(expected);
    expect(
      split(
        text,
        ",",
        Array.from(text, (_, place) => place),
      ),
    ).toEqual(expected);
  });

  test("numbers rows as a spreadsheet does", () => {
    const rows = createCsvSplitter(",").feed('a\n\n"b\nb"\n , \nc', true);
    expect(rows.map(({ row }) => row)).toEqual([1, 3, 5]);
  });

  test("names the row whose quote never ends, and keeps those before it", () => {
    const splitter = createCsvSplitter(",");
    expect(splitter.feed('a\nb\n"c\n', true)).toHaveLength(2);
    expect(splitter.broken()).toBe(3);
  });

  test("gives up on a row beyond the limit instead of keeping it in memory", () => {
    const splitter = createCsvSplitter(",");
    splitter.feed("a\n", false);
    expect(splitter.feed(`"${"x".repeat(300_000)}`, false)).toEqual([]);
    expect(splitter.broken()).toBe(2);
  });
});
