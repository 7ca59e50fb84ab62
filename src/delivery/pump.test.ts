import { expect, test } from "vitest";

import {
  officeRoutes,
  startDeliveryOffice,
  toAddress,
} from "../../test/support/delivery-office.ts";
import { startFakeMx } from "../../test/support/fake-mx.ts";
import { createMemoryQueue } from "../../test/support/memory-queue.ts";
import { createPace } from "./pace/pace.ts";
import { createPump } from "./pump.ts";

test("a paused destination gets nothing, the others all of theirs; resumed, it gets its own", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const held = { kind: "destination", name: toAddress("a@held.test").domain } as const;
  office.delivery.pause(held);
  await office.send({ to: ["a@held.test", "b@held.test", "a@free.test"] });
  await mx.waitFor(() => mx.deliveries.length === 1);
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 1);
  expect(office.queue.states()["waiting"]).toBe(2);
  office.delivery.resume(held);
  await mx.waitFor(() => mx.deliveries.length === 3);
});

test.each([
  { kind: "all" },
  { kind: "stream", name: "newsletter" },
  { kind: "sender", name: "sample" },
] as const)(
  "a pause of $kind stops all of it until it is resumed, and counts no attempt",
  async (what) => {
    await using mx = await startFakeMx();
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
    office.delivery.pause(what);
    await office.send({ to: ["a@x.test"] });
    await office.delivery.close(1);
    expect(mx.connections()).toBe(0);
    expect(office.queue.states()).toEqual({ waiting: 1 });
    expect(office.queue.events).toHaveLength(0);
  },
);

test("what waits in memory when a stream is paused goes back to the queue", async () => {
  const gate = Promise.withResolvers<void>();
  await using mx = await startFakeMx({ on: { end: { send: "250 ok", until: gate.promise } } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), maxConnections: 2 });
  await office.send({ to: Array.from({ length: 6 }, (_, index) => `u${index}@x.test`) });
  await mx.waitFor(() => mx.commands.filter(({ line }) => line === "DATA").length === 2);
  const what = { kind: "stream", name: "newsletter" } as const;
  office.delivery.pause(what);
  await office.queue.waitFor(() => office.queue.states()["leased"] === 2);
  gate.resolve();
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 2);
  expect(office.queue.states()["waiting"]).toBe(4);
  office.delivery.resume(what);
  await mx.waitFor(() => mx.deliveries.length === 6);
});

test("a queue that is away for a while loses no outcome: what was delivered is recorded when it is back", async () => {
  await using mx = await startFakeMx({
    on: {
      end: () => {
        office.queue.breakWith = new Error("disk full");
        return undefined;
      },
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const { messageId } = await office.send({ to: ["a@x.test"] });
  await mx.waitFor(() => mx.deliveries.length === 1);
  await expect
    .poll(() => office.logged.map(({ message }) => message))
    .toContain("settlement not stored");
  expect(office.queue.stateOf(`${messageId}-1`)).toBe("leased");
  office.queue.breakWith = undefined;
  await office.queue.waitFor(() => office.queue.stateOf(`${messageId}-1`) === "delivered");
  expect(mx.deliveries).toHaveLength(1);
});

test("a node that could not tell for long that it lives gives back what waits: others may have it by now", async () => {
  const given: string[] = [];
  const begun: string[] = [];
  const gate = Promise.withResolvers<void>();
  const backAll = Promise.withResolvers<void>();
  const queue = createMemoryQueue();
  await using office = startDeliveryOffice({ queue });
  await office.delivery.close(0);
  await office.send({ to: ["a@x.test", "b@y.test"] });
  let ms = 0;
  const pump = createPump({
    queue,
    owner: "test",
    settings: {
      routes: officeRoutes(25),
      maxConnections: 1,
      maxConnectionsPerDestination: 1,
      retryScheduleSeconds: [300],
    },
    pace: createPace({
      shaping: { groups: [], ladder: [] },
      sources: [],
      maxOf: () => 1,
      clock: office.now,
    }),
    clock: office.now,
    monotonic: () => ms,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    headStart: { begin: ignore, forget: ignore },
    run: async ({ recipientId }) => {
      begun.push(recipientId);
      await gate.promise;
      return { pace: "good", queuedMore: false };
    },
    giveBack: async ({ recipientId }) => {
      given.push(recipientId);
      if (given.length === 1) backAll.resolve();
      await Promise.resolve();
    },
    expire: () => Promise.resolve(),
    notify: () => Promise.resolve(),
    maxAge: { of: () => Infinity, least: Infinity },
  });
  await expect.poll(() => [begun.length, pump.counts().waiting]).toEqual([1, 1]);
  queue.breakWith = new Error("away");
  ms = 200_000;
  gate.resolve();
  await backAll.promise;
  pump.stop();
  await pump.done();
  expect(begun).toHaveLength(1);
  expect(given).toHaveLength(1);
});

function ignore(): void {
  // Nobody reads it.
}
