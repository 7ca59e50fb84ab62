import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 32: a message that cannot be signed waits and is not sent, and is sent once it can be", async () => {
  let good = false;
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    signer: {
      sign: () =>
        Promise.resolve(
          good
            ? { kind: "signed", header: "DKIM-Signature: v=1\r\n" }
            : { kind: "unsigned", detail: "no active key" },
        ),
    },
  });
  const { messageId } = await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.events[0]).toMatchObject({
    type: "TransientFailure",
    reason: "signing-failed",
    reply: { enhanced: "4.7.5" },
  });
  expect(mx.connections()).toBe(0);
  good = true;
  office.advance(300_000);
  await office.queue.waitFor(() => office.queue.stateOf(`${messageId}-1`) === "delivered");
  expect(mx.deliveries).toHaveLength(1);
});
