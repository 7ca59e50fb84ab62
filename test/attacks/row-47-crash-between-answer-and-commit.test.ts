import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 47: a crash between the receiver's 250 and our commit costs at most one copy for each connection", async () => {
  const connections = 3;
  await using mx = await startFakeMx();
  // The store takes no settlement any more, as if the process were about to die: nothing further may be sent.
  await using before = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    maxConnections: connections,
  });
  const settle = before.queue.settle;
  Object.assign(before.queue, { settle: () => Promise.reject(new Error("crash")) });
  await before.send({ to: Array.from({ length: 20 }, (_, index) => `u${index}@x.test`) });
  await mx.waitFor(() => mx.deliveries.length === connections);
  await before.delivery.close(0);
  expect(mx.deliveries).toHaveLength(connections);

  Object.assign(before.queue, { settle });
  await using after = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    maxConnections: connections,
    queue: before.queue,
  });
  await expect.poll(() => after.logged.map(({ message }) => message).join()).toContain("uncertain");
  // Not at once: what may have arrived waits.
  after.advance(300_000);
  await after.queue.waitFor(() => after.queue.states()["delivered"] === 20);
  const copies = new Map<string, number>();
  for (const { recipients } of mx.deliveries)
    copies.set(recipients.join(), (copies.get(recipients.join()) ?? 0) + 1);
  expect(copies.size).toBe(20);
  expect(mx.deliveries.length - copies.size).toBeLessThanOrEqual(connections);
  expect(Math.max(...copies.values())).toBeLessThanOrEqual(2);
});
