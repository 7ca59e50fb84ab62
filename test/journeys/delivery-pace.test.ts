// How receivers' words, an operator's pauses and slow neighbours change the pace, on the wire.
import { expect, test } from "vitest";

import type { Resolver } from "../../src/dns/resolver.ts";
import { officeRoutes, startDeliveryOffice, toAddress } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

/** Every domain's mail goes to one host, whose address is 127.0.0.1. */
const hosted: Pick<Resolver, "mx" | "a" | "aaaa" | "host" | "txt"> = {
  mx: () =>
    Promise.resolve({ kind: "records", records: [{ preference: 1, exchange: "mx.hosted.test" }] }),
  a: () => Promise.resolve({ kind: "records", records: ["127.0.0.1"] }),
  aaaa: () => Promise.resolve({ kind: "nodata" }),
  host: () => Promise.resolve({ kind: "nodata" }),
  txt: () => Promise.resolve({ kind: "nodata" }),
};

test("Gmail's 4.7.28 to one domain stops all domains of the same host, and counts no attempt for them", async () => {
  await using mx = await startFakeMx({
    on: {
      end: "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail\r\n421 4.7.28 gsmtp",
    },
  });
  await using office = startDeliveryOffice({
    resolver: hosted,
    allowPrivate: ["127.0.0.0/8"],
    mxPort: mx.port,
  });
  await office.send({ to: ["a@one.test"] });
  await office.queue.waitFor(() => office.queue.events.length === 1);
  expect(office.queue.events[0]).toMatchObject({
    type: "TransientFailure",
    detail: { class: "rate" },
  });
  const seen = mx.connections();
  await office.send({ to: ["a@one.test", "b@two.test", "c@three.test"] });
  // Those of unknown domains are routed once, found to belong to the paused group, and put back.
  await office.queue.waitFor(() => office.queue.settled.length >= 3);
  expect(office.queue.events).toHaveLength(1);
  expect(mx.connections()).toBe(seen);
});

test("a rate of the operator's is kept on the wire", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    sources: [{ kind: "sender", name: "sample", rates: [{ messages: 20, seconds: 1 }] }],
  });
  const started = performance.now();
  await office.send({
    to: Array.from({ length: 60 }, (_, index) => `u${index}@x${index % 3}.test`),
  });
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 60);
  expect(performance.now() - started).toBeGreaterThan(1900); // 20 at once, then 20 a second: no upper bound is asserted
});

test("a pause is lifted only by whom it was made", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const what = { kind: "destination", name: toAddress("a@held.test").domain } as const;
  office.delivery.pause(what, "operator");
  office.delivery.pause(what, "freeze");
  await office.send({ to: ["a@held.test", "a@free.test"] });
  await mx.waitFor(() => mx.deliveries.length === 1);
  office.delivery.resume(what, "operator");
  await office.send({ to: ["b@free.test"] });
  await mx.waitFor(() => mx.deliveries.length === 2);
  expect(office.queue.states()["waiting"]).toBe(1);
  office.delivery.resume(what, "freeze");
  await mx.waitFor(() => mx.deliveries.length === 3);
});
