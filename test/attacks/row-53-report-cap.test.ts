import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx, usualExtensions } from "../support/fake-mx.ts";

const hour = 3_600_000;

test("row 53: a sender gets so many reports in an hour and no more; the outcomes are all recorded", async () => {
  await using mx = await startFakeMx({
    on: {
      rcpt: (_session, line) =>
        line.includes("@dead.test") ? "550 5.1.1 no such user" : undefined,
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), maxReportsPerHour: 3 });
  await office.send({ to: Array.from({ length: 10 }, (_, index) => `u${index}@dead.test`) });
  await office.queue.waitFor(
    () => office.queue.events.filter(({ type }) => type === "Bounce").length === 10,
  );
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 3);
  const bounces = office.queue.events.filter(({ type }) => type === "Bounce");
  expect(bounces.filter(({ detail }) => detail?.["reportBeyondCap"] === true)).toHaveLength(7);
  expect(office.queue.events.filter(({ type }) => type === "Report")).toHaveLength(3);
});

test("row 52: a delay is told once, however often it is tried, and NOTIFY may forbid it", async () => {
  await using mx = await startFakeMx({
    on: { rcpt: (_session, line) => (line.includes("@slow.test") ? "450 4.2.0 later" : undefined) },
  });
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    retryScheduleSeconds: [900],
    delayNoticeSeconds: 3600,
  });
  await office.send({ to: ["a@slow.test"] });
  await office.send({ to: ["b@slow.test"], dsn: { notify: ["FAILURE"] } });
  for (let tries = 1; tries <= 8; tries += 1) {
    await office.queue.waitFor(
      () =>
        office.queue.events.filter(({ type }) => type === "TransientFailure").length === 2 * tries,
    );
    office.advance(hour / 3.9);
  }
  await mx.waitFor(() => mx.deliveries.length === 1);
  const reports = office.queue.events.filter(({ type }) => type === "Report");
  expect(reports).toMatchObject([{ detail: { kind: "delayed" } }]);
  const text = mx.deliveries[0]?.data.toString("latin1") ?? "";
  expect(text).toMatch(/^Action: delayed\r$/m);
  expect(text).toMatch(/^Status: 4\.2\.0\r$/m);
  expect(text).toMatch(/^Will-Retry-Until: /m);
});

test("row 53: one notice of a delay is one report of the hour's, however often the copy is tried", async () => {
  await using mx = await startFakeMx({
    on: {
      rcpt: (_session, line) =>
        line.includes("@slow.test")
          ? "450 4.2.0 later"
          : line.includes("@dead.test")
            ? "550 5.1.1 no such user"
            : undefined,
    },
  });
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    retryScheduleSeconds: [300],
    delayNoticeSeconds: 60,
    maxReportsPerHour: 3,
  });
  await office.send({ to: ["a@slow.test"] });
  const count = (type: string): number =>
    office.queue.events.filter((event) => event.type === type).length;
  for (let tries = 1; tries <= 6; tries += 1) {
    await office.queue.waitFor(() => count("TransientFailure") === tries);
    office.advance(hour / 10);
  }
  await office.send({ to: ["u1@dead.test", "u2@dead.test", "u3@dead.test"] });
  await office.queue.waitFor(() => count("Bounce") === 3);
  expect(count("Report")).toBe(3); // the delay, and two of the three
  expect(
    office.queue.events.filter(({ detail }) => detail?.["reportBeyondCap"] === true),
  ).toMatchObject([{ type: "Bounce" }]);
});

test("row 52: a success is told where it is asked for and the next host will not tell", async () => {
  await using mx = await startFakeMx({
    extensions: usualExtensions.filter((keyword) => keyword !== "DSN"),
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@x.test"], dsn: { notify: ["SUCCESS"] } });
  await office.send({ to: ["b@x.test"] });
  await mx.waitFor(() => mx.deliveries.length === 3);
  const report = mx.deliveries.find(({ mailFrom }) => mailFrom === "");
  expect(report?.data.toString("latin1")).toMatch(/^Action: relayed\r$[\s\S]*^Status: 2\./m);
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 3);
  mx.rescript({});
  await using other = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await other.send({ to: ["c@x.test"], dsn: { notify: ["SUCCESS"] } });
  await other.queue.waitFor(() => other.queue.states()["delivered"] === 1);
  expect(mx.deliveries.at(-1)?.rcpt[0]).toContain("NOTIFY=SUCCESS");
  expect(other.queue.events.map(({ type }) => type)).toEqual(["Delivery"]);
});
