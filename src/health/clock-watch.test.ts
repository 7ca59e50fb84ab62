import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { fileClockSkew, watchClock } from "./clock-watch.ts";

const hour = 3_600_000;

test("row 61: a clock that is set forward or back by hours is told once each, a slow drift never", () => {
  const steps: number[] = [];
  let [wall, monotonic] = [1_000_000, 0];
  using watch = watchClock({
    stepped: (milliseconds) => {
      steps.push(milliseconds);
    },
    wall: () => wall,
    monotonic: () => monotonic,
  });
  const pass = (wallMs: number, monotonicMs = wallMs): void => {
    wall += wallMs;
    monotonic += monotonicMs;
    watch.look();
  };
  for (let n = 0; n < 100; n += 1) pass(10_000, 10_005);
  expect(steps).toEqual([]);
  pass(10_000 + 3 * hour, 10_000);
  pass(10_000);
  pass(10_000 - 25 * hour, 10_000);
  expect(steps).toEqual([3 * hour, -25 * hour]);
});

test("row 63: a file system whose clock is ahead or behind is told, this machine's own is not", () => {
  const folder = mkdtempSync(join(tmpdir(), "sekisho-clock-"));
  try {
    expect(fileClockSkew(folder, Date.now)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
    const now = (): number => 1_000_000;
    expect(fileClockSkew(folder, now, () => 1_060_000)).toBe(60_000);
    expect(fileClockSkew(folder, now, () => 900_000)).toBe(-100_000);
    expect(fileClockSkew(folder, now, () => 1_001_000)).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
