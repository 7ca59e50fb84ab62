import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx } from "../support/fake-mx.ts";

const refuseAll = { on: { rcpt: "550 5.1.1 User unknown" } };

test("row 53: a report that bounces causes no report, and teaches the ledger nothing", async () => {
  await using mx = await startFakeMx(refuseAll);
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 2);
  await office.delivery.close(1);
  expect(office.queue.states()).toEqual({ failed: 2 });
  const [first, second] = office.queue.settled;
  expect(first).toHaveProperty("report");
  expect(second).not.toHaveProperty("report");
  expect(second).not.toHaveProperty("suppress");
});

test("row 53: mail from the null sender causes no report", async () => {
  await using mx = await startFakeMx(refuseAll);
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@sink.test"], from: null });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.settled[0]).not.toHaveProperty("report");
});

test.each([[["NEVER"]], [["SUCCESS"]], [["DELAY"]]] as const)(
  "row 53: NOTIFY=%s asks for no report of a failure",
  async (notify) => {
    await using mx = await startFakeMx(refuseAll);
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
    await office.send({ to: ["a@sink.test"], dsn: { notify } });
    await office.queue.waitFor(() => office.queue.settled.length === 1);
    expect(office.queue.settled[0]).not.toHaveProperty("report");
  },
);

test("row 53: RET=FULL returns the message, RET=HDRS its header alone", async () => {
  for (const ret of ["FULL", "HDRS"] as const) {
    await using mx = await startFakeMx({
      on: { rcpt: (_session, line) => (line.includes("a@") ? "550 5.1.1 no" : undefined) },
    });
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
    await office.send({
      to: ["a@sink.test"],
      content: "From: n@example.jp\r\nSubject: s\r\n\r\nthe body\r\n",
      envelope: { dsn: { ret } },
    });
    await mx.waitFor(() => mx.deliveries.length === 1);
    const text = mx.deliveries[0]?.data.toString() ?? "";
    expect(text.includes("the body")).toBe(ret === "FULL");
    expect(text).toContain(ret === "FULL" ? "message/rfc822\r\n" : "text/rfc822-headers\r\n");
  }
});
