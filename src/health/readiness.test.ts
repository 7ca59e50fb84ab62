import { expect, test } from "vitest";

import { watchLoop } from "./loop-watch.ts";
import { createReadiness, type ReadinessParts } from "./readiness.ts";

const nothing = { held: 0, waiting: 0, paused: 0, leased: 0, delivered: 0, failed: 0 };

function parts(change: {
  readonly waiting?: number;
  readonly bytes?: number;
  readonly connections?: number;
  readonly late?: number;
  readonly problem?: string;
}): ReadinessParts {
  const { waiting = 0, bytes = 0, connections = 0, late, problem } = change;
  return {
    storage: {
      health: () => Promise.resolve(problem === undefined ? { ok: true } : { ok: false, problem }),
      queue: {
        counts: () =>
          Promise.resolve({ states: { ...nothing, waiting }, contentBytes: bytes } as never),
      },
    },
    queueLimits: { queuedRecipientsMax: 1000, queuedBytesMax: 1000 },
    load: () => ({ connections, bytesInFlight: 0 }),
    loadLimits: { connectionsMax: 100, bytesInFlightMax: 100 },
    late: () => late,
    told: () => [{ name: "dns", ok: false }],
  };
}

test.each([
  ["storage", { problem: "the disk has 1 MB left" }],
  ["queue", { waiting: 900 }],
  ["queue", { bytes: 950 }],
  ["load", { connections: 90 }],
  ["loop", { late: 300 }],
] as const)("row 64: %s near its limit is not ready (%j)", async (name, change) => {
  const { ready, checks } = await createReadiness(parts(change))();
  expect(ready).toBe(false);
  expect(checks.filter(({ ok }) => !ok).map((check) => check.name)).toEqual([name, "dns"]);
});

test("below the marks it is ready, whatever is only told", async () => {
  const { ready, checks } = await createReadiness(parts({ waiting: 899, connections: 89 }))();
  expect(ready).toBe(true);
  expect(checks).toContainEqual({ name: "dns", ok: false });
});

test("row 69: a loop held up for 300 ms alarms once, makes the gateway not ready, and is forgotten afterwards", () => {
  const alarms: number[] = [];
  let delay = 10;
  let now = 0;
  using watch = watchLoop({
    alarm: (ms) => {
      alarms.push(ms);
    },
    longest: () => delay,
    monotonic: () => now,
  });
  watch.look();
  expect(watch.late()).toBeUndefined();
  delay = 300;
  watch.look();
  expect(watch.late()).toBeUndefined();
  watch.look();
  watch.look();
  expect(watch.late()).toBe(300);
  expect(alarms).toEqual([300]);
  now = 700_000;
  watch.look();
  expect(alarms).toEqual([300, 300]);
  delay = 10;
  watch.look();
  expect(watch.late()).toBeUndefined();
});

test("row 69: what holds the loop up is measured", async () => {
  let held = 0;
  using watch = watchLoop({
    alarm: (ms) => {
      held = ms;
    },
  });
  const block = (): void => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  };
  const blocking = setInterval(block, 500);
  await expect.poll(() => held, { timeout: 20_000 }).toBeGreaterThan(250);
  clearInterval(blocking);
  await expect.poll(() => watch.late(), { timeout: 20_000 }).toBeUndefined();
});
