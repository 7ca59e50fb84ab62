import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 66: a destination that never answers, with much mail waiting, delays no other", async () => {
  await using tarpit = await startFakeMx({ on: { connect: { afterwards: "hold" } } });
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({
    routes: [...officeRoutes(tarpit.port, "slow.test"), ...officeRoutes(mx.port)],
    maxConnections: 10,
  });
  await office.send({ to: Array.from({ length: 300 }, (_, index) => `u${index}@slow.test`) });
  await office.send({
    to: Array.from({ length: 300 }, (_, index) => `u${index}@x${index % 20}.test`),
  });
  await mx.waitFor(() => mx.deliveries.length === 300);
  expect(tarpit.connections()).toBeLessThanOrEqual(5);
});

test("row 67: a destination in trouble is dialled by fewer at once, and by more again once it takes mail", async () => {
  await using mx = await startFakeMx({
    on: { connect: { send: "421 4.3.2 down", afterwards: "close" } },
  });
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    retryScheduleSeconds: [60],
  });
  await office.send({ to: Array.from({ length: 40 }, (_, index) => `u${index}@x.test`) });
  await office.queue.waitFor(() => office.queue.settled.length === 40);
  const gate = Promise.withResolvers<void>();
  mx.rescript({ on: { end: { send: "250 ok", until: gate.promise } } });
  const dialled = mx.connections();
  office.advance(120_000);
  await mx.waitFor(() => mx.commands.some(({ line }) => line === "DATA"));
  expect(mx.connections() - dialled).toBe(1);
  gate.resolve();
  await mx.waitFor(() => mx.deliveries.length === 40);
});
