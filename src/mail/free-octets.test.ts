import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";

import { freeOctets } from "./free-octets.ts";

test("octets with memory of their own are gone, for everybody who looks at them", () => {
  const octets = Buffer.allocUnsafeSlow(50_000).fill(65);
  const part = octets.subarray(10, 20);
  freeOctets(octets);
  expect([octets.length, part.length, octets.buffer.byteLength]).toEqual([0, 0, 0]);
});

test("a part of others' memory stays, and so do they", () => {
  const whole = Buffer.allocUnsafeSlow(100).fill(65);
  freeOctets(whole.subarray(0, 99));
  freeOctets(whole.subarray(1));
  const pooled = Buffer.from("short ones share a pool");
  freeOctets(pooled);
  expect(whole.toString("latin1")).toBe("A".repeat(100));
  expect(pooled.toString("latin1")).toBe("short ones share a pool");
});

test("shared memory stays", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(8)).fill(7);
  freeOctets(shared);
  expect(shared).toHaveLength(8);
});

test("twice is as good as once, and nothing is nothing", () => {
  const octets = randomBytes(5000);
  freeOctets(octets);
  freeOctets(octets);
  freeOctets(Buffer.alloc(0));
  expect(octets).toHaveLength(0);
});
