import { expect, test } from "vitest";

import { officeRoutes, sampleContent, startDeliveryOffice } from "../support/delivery-office.ts";
import { startFakeMx, type FakeMxScript } from "../support/fake-mx.ts";

const short = {
  connect: 400,
  greeting: 400,
  command: 400,
  handshake: 400,
  setup: 800,
  dataStart: 400,
  block: 400,
  finalDot: 400,
  total: 1200,
  idle: 5000,
};
const drip = (line: string): { drip: { line: string; everyMs: number } } => ({
  drip: { line, everyMs: 20 },
});

const slow: readonly (readonly [string, FakeMxScript, string])[] = [
  ["says nothing at all", { on: { connect: { afterwards: "hold" } } }, "greeting"],
  ["drips greeting lines", { on: { connect: drip("220-patience") } }, "greeting"],
  ["drips EHLO lines", { on: { ehlo: drip("250-patience") } }, "ehlo"],
  ["never answers STARTTLS", { on: { starttls: { afterwards: "hold" } } }, "starttls"],
  ["never answers MAIL", { on: { mail: { afterwards: "hold" } } }, "mail"],
  ["drips RCPT lines", { on: { rcpt: drip("250-patience") } }, "rcpt"],
  ["never answers DATA", { on: { data: { afterwards: "hold" } } }, "data"],
];

test.each(slow)(
  "row 44: a receiver that %s is left at the deadline, and the mail waits",
  async (_name, script, phase) => {
    await using mx = await startFakeMx(script);
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), timeouts: short });
    await office.send({ to: ["a@sink.test"] });
    await office.queue.waitFor(() => office.queue.settled.length === 1);
    expect(office.queue.settled[0]).toMatchObject({ kind: "deferred", counted: true });
    expect(office.queue.settled[0]).not.toHaveProperty("uncertain");
    expect(office.queue.events[0]).toMatchObject({ detail: { phase } });
    await expect
      .poll(() => office.delivery.counts())
      .toMatchObject({ connections: 0, idleConnections: 0 });
  },
);

test.each([
  ["never answers the final dot", { afterwards: "hold" }],
  ["drips lines behind the final dot", drip("250-patience")],
  ["closes behind the final dot", { afterwards: "close" }],
  ["resets behind the final dot", { afterwards: "reset" }],
  ["answers the final dot with garbage", { send: "certainly" }],
] as const)(
  "row 44: a receiver that %s leaves the outcome uncertain: tried again late, once",
  async (_name, end) => {
    await using mx = await startFakeMx({ on: { end } });
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), timeouts: short });
    const { messageId } = await office.send({ to: ["a@sink.test"] });
    await office.queue.waitFor(() => office.queue.settled.length === 1);
    expect(office.queue.settled[0]).toMatchObject({
      kind: "deferred",
      uncertain: true,
      nextAttemptAt: new Date(office.now().getTime() + 3_600_000),
    });
    expect(office.queue.events[0]).toMatchObject({
      type: "TransientFailure",
      detail: { uncertain: true },
    });
    office.advance(3_600_000);
    await office.queue.waitFor(() => office.queue.settled.length >= 2);
    expect(office.queue.stateOf(`${messageId}-1`)).toBe("failed");
    expect(office.queue.events[1]).toMatchObject({ type: "Bounce", detail: { uncertain: true } });
    const ids = mx.deliveries.map(({ data }) => /^Message-ID: .*$/m.exec(data.toString())?.[0]);
    expect(new Set(ids.slice(0, 2)).size).toBe(1);
  },
);

test.each([
  ["250 right behind its 354", "354 go\r\n250 2.0.0 taken, trust me", "deferred"],
  ["552 right behind its 354", "354 go\r\n552 5.3.4 too much", "failed"],
  ["451 right behind its 354", "354 go\r\n451 4.3.0 not today", "deferred"],
] as const)("row 44: %s is no answer to a message it has not seen", async (_name, data, kind) => {
  await using mx = await startFakeMx({ on: { data: { send: data, afterwards: "stop-reading" } } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), timeouts: short });
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.settled[0]).toMatchObject({ kind });
  expect(office.queue.settled[0]).not.toHaveProperty("uncertain");
  await expect
    .poll(() => office.delivery.counts())
    .toMatchObject({ connections: 0, idleConnections: 0 });
});

test("row 44: a 250 in the middle of a large message is not a delivery, and no MAIL FROM follows into its body", async () => {
  const gate = Promise.withResolvers<void>();
  await using mx = await startFakeMx({
    on: {
      data: { send: "354 go\r\n250 2.0.0 taken", afterwards: "stop-reading", until: gate.promise },
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const content = sampleContent + `${"x".repeat(76)}\r\n`.repeat(200_000);
  await office.send({ to: ["a@sink.test"], content });
  await office.send({ to: ["a@sink.test"], content });
  gate.resolve();
  await office.queue.waitFor(() => office.queue.settled.length === 2);
  expect(office.queue.settled.map(({ kind }) => kind)).toEqual(["deferred", "deferred"]);
  expect(mx.deliveries).toHaveLength(0);
});

test.each([
  ["a reply of one digit", "2"],
  ["a reply that is no reply", "HTTP/1.1 200 OK"],
  ["a code out of range", "999 what"],
  ["lines of different codes", "250-one\r\n550 two"],
  ["a megabyte of lines", `${"250-x".padEnd(1000, "x")}\r\n`.repeat(1000) + "250 end"],
  ["a line of a megabyte", `250 ${"x".repeat(1_000_000)}`],
])("row 44: %s at MAIL is a broken connection, not a success", async (_name, mail) => {
  await using mx = await startFakeMx({ on: { mail } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), timeouts: short });
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.settled[0]).toMatchObject({ kind: "deferred", reply: { enhanced: "4.5.0" } });
  await expect
    .poll(() => office.delivery.counts())
    .toMatchObject({ connections: 0, idleConnections: 0 });
});

test("row 44: a 2xx that is not the usual one is a yes: a receiver that went by it would be sent an empty message", async () => {
  await using mx = await startFakeMx({
    on: { mail: "200 ok", rcpt: "253 ok, pending", end: "226 done" },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), timeouts: short });
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.settled[0]).toMatchObject({ kind: "delivered", reply: { code: 226 } });
  expect(mx.deliveries.map(({ data }) => data.length > 0)).toEqual([true]);
});

test("row 44: a remote's words are kept, without what could drive a terminal, and bounded", async () => {
  const rcpt = `550 5.7.1 \u001b[31mred\u0000<script>\u202e${"y".repeat(900)}`;
  await using mx = await startFakeMx({ on: { rcpt } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  const text = office.queue.events[0]?.reply?.text ?? "";
  expect(text).toMatch(/^\[31mred <script> y+$/);
  expect(text.length).toBeLessThanOrEqual(512);
});

test("row 44: 421 in the middle of a transaction defers, and the connection is not used again", async () => {
  let refusals = 1;
  await using mx = await startFakeMx({
    on: {
      rcpt: () => {
        refusals -= 1;
        return refusals >= 0 ? { send: "421 4.3.2 closing", afterwards: "close" } : undefined;
      },
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.settled[0]).toMatchObject({ kind: "deferred", reply: { code: 421 } });
  await office.send({ to: ["b@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 2);
  expect(mx.deliveries).toHaveLength(1);
  expect(mx.deliveries[0]?.connection).toBe(2);
});
