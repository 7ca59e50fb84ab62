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
  isAway: boolean;
  ms: number;
} {
  const beats: string[] = [];
  const requests: Parameters<QueueStore["recover"]>[0][] = [];
  const node = { beats, requests, isAway: false, ms: 0 };
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
        return { recovered: 0 };
      },
    },
    owner: "a",
    retryDelaySeconds: 300,
    clock: () => new Date(start + node.ms),
    monotonic: () => node.ms,
    log: quiet,
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
