// Who sent what waits for long is told of it in time, also where nothing is attempted meanwhile.
import { expect, test } from "vitest";

import {
  officeRoutes,
  startDeliveryOffice,
  toAddress,
  type DeliveryOffice,
} from "../../test/support/delivery-office.ts";
import { startFakeMx } from "../../test/support/fake-mx.ts";
import { createMemoryQueue, type MemoryQueue } from "../../test/support/memory-queue.ts";
import type { Lease } from "../queue/store.ts";
import { createDelayNotices, type DelayNotices } from "./delay-notices.ts";
import { createPauses, type Pausable } from "./pauses.ts";

const minute = 60_000;
const hour = 60 * minute;

async function waitingQueue(): Promise<{
  readonly queue: MemoryQueue;
  readonly office: DeliveryOffice;
}> {
  const queue = createMemoryQueue();
  const office = startDeliveryOffice({ queue });
  await office.delivery.close(0);
  return { queue, office };
}

/** Gives back what it tells of, due at once, as delivery does. */
function notices(
  queue: MemoryQueue,
  office: DeliveryOffice,
  told: string[],
  paused?: Pausable,
): DelayNotices {
  const pauses = createPauses();
  if (paused !== undefined) pauses.add(paused, "");
  return createDelayNotices({
    queue,
    owner: "test",
    leaseMs: hour,
    clock: office.now,
    pauses,
    delayNoticeMs: 4 * hour,
    notify: async ({ address, recipientId }) => {
      told.push(address.text);
      const nextAttemptAt = office.now();
      await queue.settle("test", [
        { kind: "deferred", recipientId, nextAttemptAt, counted: false },
      ]);
    },
  });
}

test("each copy is told of once, when it has waited for long enough", async () => {
  const { queue, office } = await waitingQueue();
  const told: string[] = [];
  const { run } = notices(queue, office, told);
  await office.send({ to: ["a@x.test"] });
  office.advance(hour);
  await office.send({ to: ["b@x.test"] });
  const seen: number[] = [];
  for (let passed = hour; passed <= 8 * hour; passed += 30 * minute) {
    await run(() => []);
    seen.push(told.length);
    office.advance(30 * minute);
  }
  expect(told).toEqual(["a@x.test", "b@x.test"]);
  expect(seen.slice(5, 10)).toEqual([0, 1, 1, 2, 2]);
});

test("what is put off for a minute or two when its time comes is told of; what has a later time was told when that was set", async () => {
  const { queue, office } = await waitingQueue();
  await office.send({ to: ["a@x.test", "b@x.test"] });
  office.advance(4 * hour);
  const now = office.now();
  const leaseUntil = new Date(now.getTime() + hour);
  for (const { recipientId, address } of await queue.lease({
    owner: "test",
    now,
    leaseUntil,
    limit: 2,
  })) {
    const nextAttemptAt = new Date(now.getTime() + (address.text === "a@x.test" ? 2 : 15) * minute);
    await queue.settle("test", [{ kind: "deferred", recipientId, nextAttemptAt, counted: false }]);
  }
  const told: string[] = [];
  await notices(queue, office, told).run(() => []);
  expect(told).toEqual(["a@x.test"]);
});

test("after a restart it looks back for ten hours, and not further", async () => {
  const { queue, office } = await waitingQueue();
  await office.send({ to: ["old@x.test"] });
  office.advance(hour);
  await office.send({ to: ["late@x.test"] });
  office.advance(13 * hour + minute);
  const told: string[] = [];
  await notices(queue, office, told).run(() => []);
  expect(told).toEqual(["late@x.test"]);
});

test("what waits in memory is told of as well, and nothing whose own notice would wait", async () => {
  const { queue, office } = await waitingQueue();
  await office.send({ to: ["a@x.test", "b@x.test"] });
  const [one] = await queue.lease({
    owner: "test",
    now: office.now(),
    leaseUntil: office.now(),
    limit: 1,
  });
  if (one === undefined) throw new Error("nothing was leased");
  office.advance(5 * hour);
  const told: string[] = [];
  const paused = { kind: "stream", name: one.stream } as const;
  const inMemory = (which: (lease: Lease) => boolean): readonly Lease[] => [one].filter(which);
  await notices(queue, office, told, paused).run(inMemory);
  expect(told).toEqual([]);
  await notices(queue, office, told).run(inMemory);
  expect(told).toEqual(["a@x.test", "b@x.test"]);
});

test("mail to a paused destination is told of after the notice's time, by a report that goes at once", async () => {
  await using mx = await startFakeMx();
  const queue = createMemoryQueue();
  const before = startDeliveryOffice({ queue });
  await before.delivery.close(0);
  await before.send({ to: ["a@x.test"], from: "sender@example.jp" });
  await using office = startDeliveryOffice({
    queue,
    routes: officeRoutes(mx.port),
    delayNoticeSeconds: 4 * 3600,
  });
  office.delivery.pause({ kind: "destination", name: toAddress("a@x.test").domain });
  office.advance(4 * hour);
  await mx.waitFor(() => mx.deliveries.length === 1);
  expect(mx.deliveries[0]?.recipients).toEqual(["sender@example.jp"]);
  const text = mx.deliveries[0]?.data.toString() ?? "";
  expect(text).toContain("Action: delayed");
  expect(text).toContain("Final-Recipient: rfc822; a@x.test");
  await queue.waitFor(() => queue.states()["delivered"] === 1);
  expect(queue.states()).toEqual({ waiting: 1, delivered: 1 });
});
