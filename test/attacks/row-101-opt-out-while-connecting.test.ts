import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 101: an opt-out that comes while a slow receiver is being dialled stops the message", async () => {
  const gate = Promise.withResolvers<void>();
  await using mx = await startFakeMx({
    on: {
      ehlo: (session) => (session.secure ? { until: gate.promise, send: "250 mx" } : undefined),
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const { messageId } = await office.send({ to: ["a@sink.test"], from: null });
  await mx.waitFor(() => mx.commands.filter(({ line }) => line.startsWith("EHLO")).length === 2);
  office.record = () => ({
    standing: { kind: "withdrawn", since: office.now(), scope: "topic" },
    suppressions: [],
  });
  office.advance(10_000);
  gate.resolve();
  await office.queue.waitFor(() => office.queue.stateOf(`${messageId}-1`) === "dropped");
  expect(mx.commands.some(({ line }) => line.startsWith("MAIL"))).toBe(false);
});
