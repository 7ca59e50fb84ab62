import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 48: a recipient whose message has no content is never lost in silence: bounced, reported, logged", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const { content } = office.queue;
  let lostId = "";
  Object.assign(office.queue, {
    content: (messageId: string) =>
      messageId === lostId ? Promise.resolve(undefined) : content(messageId),
  });
  const held = { kind: "all" } as const;
  office.delivery.pause(held);
  ({ messageId: lostId } = await office.send({ to: ["a@sink.test"] }));
  office.delivery.resume(held);
  await mx.waitFor(() => mx.deliveries.length === 1);
  expect(office.queue.events[0]).toMatchObject({ type: "Bounce", reply: { enhanced: "5.3.0" } });
  expect(mx.deliveries[0]?.recipients).toEqual(["bounce@example.jp"]);
  expect(office.logged).toContainEqual({
    level: "error",
    message: "content of a queued message is missing",
  });
});
