import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test.each([86_400_000, -86_400_000])(
  "row 61: a clock that jumps by %i ms while a message is handed over disturbs nothing",
  async (jump) => {
    const gate = Promise.withResolvers<void>();
    await using mx = await startFakeMx({ on: { end: { send: "250 ok", until: gate.promise } } });
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
    await office.send({ to: ["a@x.test"] });
    await mx.waitFor(() => mx.commands.some(({ line }) => line === "DATA"));
    office.advance(jump);
    gate.resolve();
    await office.queue.waitFor(() => office.queue.states()["delivered"] === 1);
    await office.send({ to: ["b@x.test"] });
    await office.queue.waitFor(() => office.queue.states()["delivered"] === 2);
    expect(mx.deliveries).toHaveLength(2);
  },
);
