import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 50: stopping lets attempts under way end, begins nothing new and gives back the rest", async () => {
  const gate = Promise.withResolvers<void>();
  await using mx = await startFakeMx({ on: { end: { send: "250 ok", until: gate.promise } } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), maxConnections: 2 });
  await office.send({ to: Array.from({ length: 9 }, (_, index) => `u${index}@x.test`) });
  await mx.waitFor(() => mx.commands.filter(({ line }) => line === "DATA").length === 2);
  const closed = office.delivery.close(10);
  gate.resolve();
  await closed;
  expect(office.queue.states()).toEqual({ delivered: 2, waiting: 7 });
  expect(mx.deliveries).toHaveLength(2);
  expect(office.delivery.counts()).toMatchObject({ running: 0, connections: 0 });
});

test("row 50: an attempt that does not end in time is cut, and recorded as uncertain", async () => {
  await using mx = await startFakeMx({ on: { end: { afterwards: "hold" } } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@x.test"] });
  await mx.waitFor(() => mx.commands.some(({ line }) => line === "DATA"));
  await mx.waitFor(() => mx.deliveries.length === 1);
  await office.delivery.close(0.05);
  expect(office.queue.settled[0]).toMatchObject({ kind: "deferred", uncertain: true });
});
