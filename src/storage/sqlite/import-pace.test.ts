// An import's transactions shrink where they take long and grow where they are quick; no row is lost or told twice.
import { expect, test } from "vitest";

import { createPacedWrite } from "./import-pace.ts";

const rows = Array.from({ length: 20_000 }, () => new Uint8Array(1));

/** Sizes of the transactions where each takes `rowMilliseconds` a row. */
async function sizes(rowMilliseconds: number): Promise<readonly number[]> {
  let time = 1000;
  const written: number[] = [];
  const write = createPacedWrite(
    (some) => {
      written.push(some.length);
      time += some.length * rowMilliseconds;
      return Promise.resolve(some.length);
    },
    () => time,
  );
  expect(await write(rows)).toBe(rows.length);
  expect(await write([])).toBe(0);
  return written;
}

test("transactions settle at 20 ms, between 100 and 2000 rows", async () => {
  expect((await sizes(0.04)).slice(2, -1).every((size) => size === 500)).toBe(true);
  expect(Math.max(...(await sizes(0.001)))).toBe(2000);
  const slow = await sizes(1);
  expect(slow[0]).toBe(500);
  expect(slow.at(-2)).toBe(100);
});
