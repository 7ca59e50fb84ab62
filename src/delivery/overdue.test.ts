// What waits for a rate or a receiver's pause, and for too long.
import { expect, test } from "vitest";

import {
  officeRoutes,
  startDeliveryOffice,
  toAddress,
  type DeliveryOffice,
} from "../../test/support/delivery-office.ts";
import { createMemoryQueue, type MemoryQueue } from "../../test/support/memory-queue.ts";
import type { Domain } from "../mail/domain.ts";
import { createPace } from "./pace/pace.ts";
import { createPauses, type Pausable } from "./pauses.ts";
import { createOverdue } from "./overdue.ts";
import { createPump, type Pump, type PumpParts } from "./pump.ts";

const hour = 3_600_000;
const day = 24 * hour;
const slow = toAddress("a@slow.test").domain;
const maxAge = {
  of: (destination: Domain): number => (destination === slow ? 9 * day : 4 * day),
  least: 4 * day,
};

/** A queue with these recipients, and nobody who delivers. */
async function queueWith(
  ...to: readonly string[]
): Promise<{ readonly queue: MemoryQueue; readonly office: DeliveryOffice }> {
  const queue = createMemoryQueue();
  const office = startDeliveryOffice({ queue });
  await office.delivery.close(0);
  await office.send({ to });
  return { queue, office };
}

async function lookThrough(
  queue: MemoryQueue,
  office: DeliveryOffice,
  paused?: Pausable,
): Promise<readonly string[]> {
  const given: string[] = [];
  const pauses = createPauses();
  if (paused !== undefined) pauses.add(paused, "");
  const overdue = createOverdue({
    queue,
    owner: "test",
    leaseMs: hour,
    clock: office.now,
    monotonic: () => 0,
    log: quiet,
    pauses,
    maxAge,
    expire: ({ address }) => {
      given.push(address.text);
      return Promise.resolve();
    },
  });
  await overdue.run();
  return given;
}

test("what waited for as long as it may is given up, by its destination's own time", async () => {
  const { queue, office } = await queueWith("a@x.test", "b@slow.test");
  office.advance(4 * day);
  expect(await lookThrough(queue, office)).toEqual([]);
  office.advance(hour);
  expect(await lookThrough(queue, office)).toEqual(["a@x.test"]);
  expect(queue.states()).toEqual({ leased: 1, waiting: 1 });
  office.advance(5 * day);
  expect(await lookThrough(queue, office)).toEqual(["b@slow.test"]);
});

test("what an operator has paused waits for the operator", async () => {
  const { queue, office } = await queueWith("a@x.test");
  office.advance(5 * day);
  expect(await lookThrough(queue, office, { kind: "stream", name: "newsletter" })).toEqual([]);
  expect(await lookThrough(queue, office)).toEqual(["a@x.test"]);
});

test("what has a time to come is left to its next attempt", async () => {
  const { queue, office } = await queueWith("a@x.test");
  const [lease] = await queue.lease({
    owner: "test",
    now: office.now(),
    leaseUntil: office.now(),
    limit: 1,
  });
  if (lease === undefined) throw new Error("nothing was leased");
  const nextAttemptAt = new Date(office.now().getTime() + 5 * day);
  const { recipientId } = lease;
  await queue.settle("test", [{ kind: "deferred", recipientId, nextAttemptAt, counted: true }]);
  office.advance(5 * day - 1);
  expect(await lookThrough(queue, office)).toEqual([]);
  office.advance(1);
  expect(await lookThrough(queue, office)).toEqual(["a@x.test"]);
});

/** A pump whose receiver gives no place, and what it gave back or up. */
async function standingPump(
  queue: MemoryQueue,
  office: DeliveryOffice,
  monotonic: () => number,
): Promise<{ readonly pump: Pump; readonly ended: readonly string[] }> {
  const ended: string[] = [];
  const note =
    (what: string): PumpParts["giveBack"] =>
    async ({ address, recipientId }) => {
      ended.push(`${what} ${address.text}`);
      const nextAttemptAt = new Date(office.now().getTime() + 10 * day); // out of the way
      await queue.settle("test", [
        { kind: "deferred", recipientId, nextAttemptAt, counted: false },
      ]);
    };
  const pace = createPace({
    shaping: { groups: [], ladder: [] },
    sources: [],
    maxOf: () => 0,
    clock: office.now,
  });
  const pump = createPump({
    queue,
    owner: "test",
    settings: {
      routes: officeRoutes(25),
      maxConnections: 1,
      maxConnectionsPerDestination: 1,
      retryScheduleSeconds: [300],
    },
    pace,
    clock: office.now,
    monotonic,
    log: quiet,
    headStart: { begin: ignore, forget: ignore },
    run: () => Promise.reject(new Error("there is no place")),
    giveBack: note("back"),
    expire: note("up"),
    maxAge,
  });
  await expect.poll(() => pump.counts()).toEqual({ running: 0, waiting: 1 });
  return { pump, ended };
}

test.each([
  ["is leased anew before its lease ends", hour, "back a@x.test"],
  ["is given up where its message is too old", 5 * day, "up a@x.test"],
])("what stands in a lane %s", async (_, passed, end) => {
  const { queue, office } = await queueWith("a@x.test");
  let ms = 0;
  const { pump, ended } = await standingPump(queue, office, () => ms);
  ms = passed;
  office.advance(passed);
  pump.nudge();
  await expect.poll(() => ended).toEqual([end]);
  pump.stop();
  await pump.done();
});

test("an overdue copy is recorded as expired, and its sender told", async () => {
  const { queue, office } = await queueWith("a@x.test");
  office.advance(5 * day);
  await using later = startDeliveryOffice({ queue, maxAgeSeconds: 3600 });
  later.advance(office.now().getTime() - later.now().getTime());
  await queue.waitFor(() => queue.states()["expired"] === 1);
  expect(queue.events.map(({ type }) => type)).toEqual(["Expiration", "Report"]);
});

const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // Nobody reads it.
}
