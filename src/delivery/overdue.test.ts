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
import type { QueueEntry } from "../queue/store.ts";
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

test("a last attempt, due at the very end of the time, has ten minutes before it is given up", async () => {
  const { queue, office } = await queueWith("a@x.test");
  office.advance(4 * day + 600_000);
  expect(await lookThrough(queue, office)).toEqual([]);
  office.advance(1);
  expect(await lookThrough(queue, office)).toEqual(["a@x.test"]);
});

interface Look {
  readonly run: () => Promise<void>;
  /** Cursors asked for since the last run. */
  readonly asked: (string | undefined)[];
}

/** Looks through a queue of so many pages of a hundred, whose messages are of this age; nothing of it is given up. */
function lookAtPages(pages: number, ageOf: (page: number) => number): Look {
  const now = new Date("2026-11-25T00:00:00Z");
  const asked: (string | undefined)[] = [];
  const overdue = createOverdue({
    queue: {
      leaseThese: () => Promise.resolve([]),
      list: ({ states, limit, cursor }) => {
        expect([states, limit]).toEqual([["waiting"], 100]);
        asked.push(cursor);
        const page = Number(cursor ?? 0);
        const receivedAt = new Date(now.getTime() - ageOf(page));
        const entry = { receivedAt, destination: slow } as QueueEntry;
        const next = page + 1 < pages ? String(page + 1) : null;
        return Promise.resolve({ items: page < pages ? [entry] : [], next });
      },
    },
    owner: "test",
    leaseMs: hour,
    clock: () => now,
    monotonic: () => 0,
    log: quiet,
    pauses: createPauses(),
    maxAge,
    expire: () => Promise.resolve(),
  });
  return { run: overdue.run, asked };
}

test("twenty pages are read in one look, and the next goes on where it ended", async () => {
  const { run, asked } = lookAtPages(45, () => 5 * day);
  const from = (first: number, to: number): readonly (string | undefined)[] =>
    Array.from({ length: to - first }, (_, at) =>
      first + at === 0 ? undefined : String(first + at),
    );
  for (const [first, to] of [
    [0, 20],
    [20, 40],
    [40, 45],
    [0, 20],
  ] as const) {
    await run();
    expect(asked.splice(0)).toEqual(from(first, to));
  }
});

test("a look ends at the first page with a message that cannot be too old", async () => {
  const { run, asked } = lookAtPages(45, (page) => (page < 2 ? 4 * day + 1 : 4 * day));
  await run();
  expect(asked.splice(0)).toEqual([undefined, "1", "2"]);
  await run();
  expect(asked).toEqual([undefined, "1", "2"]);
});

test("what is over is leased for as long as any other, and nothing is where nothing is", async () => {
  const { queue, office } = await queueWith("a@x.test");
  const asked: { readonly leaseUntil: Date; readonly ids: readonly string[] }[] = [];
  const leasing: typeof queue = {
    ...queue,
    leaseThese: (request) => {
      asked.push(request);
      return queue.leaseThese(request);
    },
  };
  await lookThrough(leasing, office);
  expect(asked).toEqual([]);
  office.advance(5 * day);
  await lookThrough(leasing, office);
  expect(asked).toMatchObject([{ leaseUntil: new Date(office.now().getTime() + hour) }]);
  expect(asked[0]?.ids).toHaveLength(1);
});

test("the queue is looked through once a minute", async () => {
  const { queue, office } = await queueWith("a@x.test");
  let ms = 5000;
  const overdue = createOverdue({
    queue,
    owner: "test",
    leaseMs: hour,
    clock: office.now,
    monotonic: () => ms,
    log: quiet,
    pauses: createPauses(),
    maxAge,
    expire: () => Promise.resolve(),
  });
  expect(overdue.isTime()).toBe(true);
  await overdue.run();
  ms = 64_999;
  expect(overdue.isTime()).toBe(false);
  ms = 65_000;
  expect(overdue.isTime()).toBe(true);
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
    notify: note("told"),
    delayNoticeMs: 4 * hour,
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

test("what stands in a lane is told of once it is late", async () => {
  const { queue, office } = await queueWith("a@x.test");
  let ms = 0;
  const { pump, ended } = await standingPump(queue, office, () => ms);
  for (const [passed, told] of [
    [4 * hour - 1, []],
    [1, ["told a@x.test"]],
  ] as const) {
    ms += 60_000;
    office.advance(passed);
    pump.nudge();
    await expect.poll(() => [pump.counts().waiting, ended]).toEqual([1 - told.length, told]);
  }
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
