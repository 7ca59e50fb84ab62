import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice, toAddress } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

test("row 101: an opt-out that comes while a slow receiver is being dialled stops the message", async () => {
  const gate = Promise.withResolvers<void>();
  await using mx = await startFakeMx({
    on: { ehlo: (session) => (session.secure ? { until: gate.promise, send: "250 mx" } : undefined) },
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

test("row 93: mail leaves from the return path given, for the recipients accepted and for nobody else", async () => {
  await using mx = await startFakeMx({
    on: { rcpt: (_session, line) => (line.includes("b@") ? "550 5.1.1 unknown" : undefined) },
  });
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    returnPath: (lease) => toAddress(`r-${lease.recipientId}@gw.example.jp`),
  });
  const content = "From: n@example.jp\r\nTo: a@sink.test\r\nCc: c@sink.test\r\nBcc: d@sink.test\r\n\r\nx\r\n";
  const { messageId } = await office.send({ to: ["a@sink.test", "b@sink.test"], content });
  await mx.waitFor(() => mx.deliveries.length === 2);
  const exchanged = mx.deliveries.map(({ mailFrom, recipients }) => [mailFrom, ...recipients]);
  // The report of b's failure goes to the client's own MAIL FROM, from nobody.
  expect(exchanged.toSorted()).toEqual([
    ["", "bounce@example.jp"],
    [`r-${messageId}-1@gw.example.jp`, "a@sink.test"],
  ]);
});
