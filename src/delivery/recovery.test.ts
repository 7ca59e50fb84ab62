import { expect, test } from "vitest";

import type { QueueStore } from "../queue/store.ts";
import { createRecovery, type Recovery } from "./recovery.ts";

const quiet = { debug: noop, info: noop, warn: noop, error: noop };
const start = Date.UTC(2026, 10, 25);

function noop(): void {
  // Nobody reads it.
}

/** A node whose time the test moves, on a queue that only takes notes. */
function makeNode(): {
  readonly recovery: Recovery;
  readonly beats: string[];
  readonly requests: Parameters<QueueStore["recover"]>[0][];
  readonly warned: object[];
  /** How many leases each call frees, in turn; then none. */
  readonly frees: number[];
  isAway: boolean;
  ms: number;
  /** By how much the clock was set, in milliseconds. */
  set: number;
} {
  const beats: string[] = [];
  const requests: Parameters<QueueStore["recover"]>[0][] = [];
  const warned: object[] = [];
  const warn = (fields: object): void => {
    warned.push(fields);
  };
  const frees: number[] = [];
  const node = { beats, requests, warned, frees, isAway: false, ms: 0, set: 0 };
  const recovery = createRecovery({
    queue: {
      beat: async (owner) => {
        await Promise.resolve();
        if (node.isAway) throw new Error("away");
        beats.push(`${owner} ${node.ms / 1000}`);
        return [
          { name: owner, beat: beats.length },
          { name: "dead", beat: 7 },
          { name: "alive", beat: Math.floor(node.ms / 60_000) },
        ];
      },
      recover: async (request) => {
        await Promise.resolve();
        requests.push(request);
        const recovered = node.frees.shift() ?? 0;
        return recovered === 3 ? { recovered, quarantined: 1 } : { recovered };
      },
    },
    owner: "a",
    retryDelaySeconds: 300,
    clock: () => new Date(start + node.ms + node.set),
    monotonic: () => node.ms,
    log: { ...quiet, warn, error: warn },
  });
  return Object.assign(node, { recovery });
}

test("gives back its own leases at the start only, and those of the silent every minute", async () => {
  const node = makeNode();
  await node.recovery.run();
  node.ms = 59_000;
  await node.recovery.run();
  node.ms = 60_000;
  await node.recovery.run();
  expect(node.beats).toEqual(["a 0", "a 60"]);
  expect(node.requests.map(({ owner }) => owner)).toEqual(["a", ""]);
  expect(node.requests[1]).toMatchObject({
    now: new Date(start + 60_000),
    retryAt: new Date(start + 360_000),
    silent: [],
  });
});

test("asks until nothing is left to give back, and tells of it once", async () => {
  const node = makeNode();
  await node.recovery.run();
  expect(node.warned).toEqual([]);
  node.frees.push(3, 3, 2);
  node.ms = 60_000;
  await node.recovery.run();
  expect(node.requests).toHaveLength(1 + 4);
  expect(node.warned).toEqual([{ recovered: 8 }, { quarantined: 2 }]);
});

test("row 61: a clock that is set forward ends no lease for two hours, and one that is set back none at all", async () => {
  const node = makeNode();
  const day = 86_400_000;
  const endedBefore = async (): Promise<number> => {
    await node.recovery.run();
    const { endedBefore: time = new Date(0), now } = node.requests.at(-1) ?? {};
    expect(now).toEqual(new Date(start + node.ms + node.set));
    return time.getTime() - start - node.ms;
  };
  expect(await endedBefore()).toBe(0);
  node.ms = 60_000;
  node.set = day;
  expect(await endedBefore()).toBe(0);
  node.ms = 7_199_999;
  expect(await endedBefore()).toBe(0);
  node.ms = 7_260_000; // All that was seen in the two hours before is of the clock as it is set now.
  expect(await endedBefore()).toBe(day);
  node.ms = 7_320_000;
  node.set = -day;
  expect(await endedBefore()).toBe(-day);
});

test("what was leased before the last beats is still trusted while none is missing for long", async () => {
  const node = makeNode();
  await node.recovery.run();
  const leasedAt = node.ms;
  for (node.ms = 60_000; node.ms <= 600_000; node.ms += 60_000) await node.recovery.run();
  expect(node.recovery.isTrusted(leasedAt)).toBe(true);
  node.ms = 600_000 + 149_999; // behind the last beat
  await node.recovery.run();
  expect(node.recovery.isTrusted(leasedAt)).toBe(true);
  node.ms += 150_000;
  await node.recovery.run();
  expect(node.recovery.isTrusted(leasedAt)).toBe(false);
});

test("takes another node for dead once it has seen no new beat of it for five minutes, by its own time alone", async () => {
  const node = makeNode();
  for (; node.ms <= 300_000; node.ms += 60_000) await node.recovery.run();
  expect(node.requests.map(({ silent }) => silent)).toEqual([[], [], [], [], [], ["dead"]]);
});

test("does not trust its leases before it has told that it lives, nor once it could not for long", async () => {
  const node = makeNode();
  expect(node.recovery.isTrusted()).toBe(false);
  await node.recovery.run();
  expect(node.recovery.isTrusted()).toBe(true);
  node.isAway = true;
  node.ms = 149_000;
  await expect(node.recovery.run()).rejects.toThrow("away");
  expect(node.recovery.isTrusted()).toBe(true);
  node.ms = 150_000;
  expect(node.recovery.isTrusted()).toBe(false);
  node.isAway = false;
  await node.recovery.run();
  expect(node.recovery.isTrusted()).toBe(true);
});

test("what was leased before a silence is not trusted again with the first beat behind it", async () => {
  const node = makeNode();
  await node.recovery.run();
  const leasedAt = node.ms;
  expect(node.recovery.isTrusted(leasedAt)).toBe(true);
  node.ms = 400_000;
  expect(node.recovery.isTrusted(leasedAt)).toBe(false);
  await node.recovery.run();
  expect(node.recovery.isTrusted(leasedAt)).toBe(false);
  expect(node.recovery.isTrusted()).toBe(true);
  expect(node.recovery.isTrusted(node.ms)).toBe(true);
});
