import { expect, test } from "vitest";

import { standing } from "../../src/consent/standing.ts";
import { grant } from "../support/consent-events.ts";
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

const hour = 3_600_000;

test.each([3 * hour, -3 * hour])(
  "row 61: a clock set by %i ms while a message waits for its second attempt: it goes once, and others do not wait",
  async (jump) => {
    let first = true;
    await using mx = await startFakeMx({
      on: {
        rcpt: (_session, line) => {
          if (!line.includes("a@x.test") || !first) return undefined;
          first = false;
          return "451 4.2.1 come again";
        },
      },
    });
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
    const { messageId } = await office.send({ to: ["a@x.test"] });
    const state = (): unknown => office.queue.stateOf(`${messageId}-1`);
    await office.queue.waitFor(() => state() === "waiting" && !first);
    office.advance(jump);
    await office.send({ to: ["b@x.test"] });
    await office.queue.waitFor(() => office.queue.states()["delivered"] === (jump > 0 ? 2 : 1));
    if (jump < 0) {
      // By the new time its hour has not come; it comes as late as the clock was set back, and no later.
      expect(state()).toBe("waiting");
      office.advance(-jump + hour);
      await office.queue.waitFor(() => state() === "delivered");
    }
    expect(mx.deliveries).toHaveLength(2);
  },
);

test("row 61: a clock set back behind a recipient's consent drops no mail: it waits, and goes once the clock is right", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const consent = { ...grant(0), at: office.now() };
  office.record = () => ({
    standing: standing([consent], "news", office.now()),
    suppressions: [],
  });
  office.advance(-3 * hour);
  await office.send({ to: ["a@x.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.states()).toEqual({ waiting: 1 });
  office.advance(3 * hour);
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 1);
});
