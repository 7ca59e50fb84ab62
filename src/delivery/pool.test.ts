import { describe, expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../../test/support/delivery-office.ts";
import { startFakeMx, type FakeMxSession } from "../../test/support/fake-mx.ts";

async function sendOneByOne(
  office: ReturnType<typeof startDeliveryOffice>,
  to: readonly string[],
): Promise<void> {
  for (const address of to) {
    const before = office.queue.settled.length;
    await office.send({ to: [address], from: null });
    await office.queue.waitFor(() => office.queue.settled.length > before);
    await expect.poll(() => office.delivery.counts().running).toBe(0);
  }
}

test("uses one connection again, up to its number of messages, and quits it then", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    maxMessagesPerConnection: 3,
  });
  await sendOneByOne(office, ["a@x.test", "b@x.test", "c@x.test", "d@x.test"]);
  expect(mx.deliveries.map(({ connection }) => connection)).toEqual([1, 1, 1, 2]);
  await mx.waitFor(() =>
    mx.commands.some(({ connection, line }) => connection === 1 && line === "QUIT"),
  );
});

test.each(["452 4.5.3 Too many messages this session", "550 5.7.1 Message limit per session"])(
  "a host that takes two messages a session and says %j to the third MAIL gets the others over new connections",
  async (limit) => {
    await using mx = await startFakeMx({
      on: { mail: (session) => (session.messages >= 2 ? limit : undefined) },
    });
    await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
    await sendOneByOne(office, ["a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test"]);
    expect(office.queue.settled.map(({ kind }) => kind)).toEqual(Array(5).fill("delivered"));
    expect(mx.deliveries.map(({ connection }) => connection)).toEqual([1, 1, 2, 2, 3]);
    await mx.waitFor(() => mx.commands.filter(({ line }) => line === "QUIT").length === 2);
  },
);

test("a host that refuses MAIL from the start is not dialled anew for each message", async () => {
  await using mx = await startFakeMx({ on: { mail: "451 4.1.8 no such sender domain" } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@x.test"], from: null });
  await expect.poll(() => office.delivery.counts().idleConnections, { timeout: 10_000 }).toBe(1);
  await sendOneByOne(office, ["b@x.test"]);
  expect(office.queue.settled.map(({ kind }) => kind)).toEqual(["deferred", "deferred"]);
  expect(mx.connections()).toBe(1);
});

test("a refused recipient is cleared by RSET before the next message, which uses the same connection", async () => {
  await using mx = await startFakeMx({
    on: { rcpt: (_session, line) => (line.includes("bad@") ? "550 5.7.1 no" : undefined) },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["bad@x.test"], from: null });
  await expect.poll(() => office.delivery.counts().idleConnections, { timeout: 10_000 }).toBe(1);
  await sendOneByOne(office, ["good@x.test"]);
  expect(mx.connections()).toBe(1);
  expect(mx.commands.map(({ line }) => line.slice(0, 4)).slice(3)).toEqual([
    "MAIL",
    "RCPT",
    "DATA",
    "RSET",
    "MAIL",
    "RCPT",
    "DATA",
  ]);
});

test("a host that says 354 for nobody gets an empty message, and the next one whole", async () => {
  await using mx = await startFakeMx({
    on: {
      rcpt: (_session, line) => (line.includes("bad@") ? "550 5.7.1 no" : undefined),
      data: "354 for whom?",
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["bad@x.test"], from: null });
  await expect.poll(() => office.delivery.counts().idleConnections, { timeout: 10_000 }).toBe(1);
  await sendOneByOne(office, ["good@x.test"]);
  expect(mx.connections()).toBe(1);
  const [empty, whole] = mx.deliveries;
  expect(empty?.recipients).toEqual([]);
  expect(empty?.data.length).toBe(0);
  expect(whole?.recipients).toEqual(["good@x.test"]);
  expect(whole?.data.length).toBeGreaterThan(100);
});

test("a host without PIPELINING is spoken to one command at a time", async () => {
  await using mx = await startFakeMx({
    extensions: ["8BITMIME", "SIZE 1000000"],
    on: { rcpt: (_session, line) => (line.includes("bad@") ? "550 5.7.1 no" : undefined) },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["bad@x.test"], from: null });
  await expect.poll(() => office.delivery.counts().idleConnections, { timeout: 10_000 }).toBe(1);
  await sendOneByOne(office, ["good@x.test"]);
  expect(mx.commands.map(({ line }) => line.slice(0, 4)).slice(3)).toEqual([
    "MAIL",
    "RCPT",
    "RSET",
    "MAIL",
    "RCPT",
    "DATA",
  ]);
});

test("a kept connection that the peer has closed costs no attempt: a fresh one takes the message", async () => {
  await using mx = await startFakeMx({
    on: {
      // The second MAIL of a connection finds it closed.
      mail: (session) => (session.messages === 1 ? { afterwards: "close" } : undefined),
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await sendOneByOne(office, ["a@x.test", "b@x.test"]);
  expect(office.queue.settled.map(({ kind }) => kind)).toEqual(["delivered", "delivered"]);
  expect(mx.deliveries.map(({ connection }) => connection)).toEqual([1, 2]);
});

const leaving = { send: "421 4.7.0 enough for one connection", afterwards: "close" } as const;
const extensions = { pipelining: undefined, "one by one": ["8BITMIME", "SIZE 1000000"] } as const;

describe.each(["pipelining", "one by one"] as const)("a peer spoken to %s", (how) => {
  test.each([
    ["421", "mail", leaving],
    ["421", "rcpt", leaving],
    ["421", "data", leaving],
    ["the end", "rcpt", { afterwards: "close" }],
    ["the end", "data", { afterwards: "close" }],
  ] as const)(
    "%s in answer to %s on a kept connection costs no attempt",
    async (_what, step, last) => {
      const offered = extensions[how];
      await using mx = await startFakeMx({
        on: { [step]: ({ messages }: FakeMxSession) => (messages === 1 ? last : undefined) },
        ...(offered === undefined ? {} : { extensions: offered }),
      });
      await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
      await sendOneByOne(office, ["a@x.test", "b@x.test"]);
      expect(office.queue.settled.map(({ kind }) => kind)).toEqual(["delivered", "delivered"]);
      expect(mx.deliveries.map(({ connection }) => connection)).toEqual([1, 2]);
    },
  );
});

test("a peer that says 421 to DATA on the new connection as well is not asked a third time at once", async () => {
  await using mx = await startFakeMx({
    on: {
      data: (session) => (session.connection > 1 || session.messages > 0 ? leaving : undefined),
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await sendOneByOne(office, ["a@x.test", "b@x.test"]);
  expect(office.queue.settled[1]).toMatchObject({ kind: "deferred", counted: true });
  expect(mx.connections()).toBe(2);
});

test("421 behind the message is the message's, also on a kept connection", async () => {
  await using mx = await startFakeMx({
    on: { end: (session) => (session.messages > 1 ? leaving : undefined) },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await sendOneByOne(office, ["a@x.test", "b@x.test"]);
  expect(office.queue.settled[1]).toMatchObject({ kind: "deferred", counted: true });
  expect(mx.connections()).toBe(1);
});

test("a fresh connection that closes at MAIL is not tried again at once", async () => {
  await using mx = await startFakeMx({ on: { mail: { afterwards: "close" } } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await sendOneByOne(office, ["a@x.test"]);
  expect(office.queue.settled[0]).toMatchObject({ kind: "deferred", counted: true });
  expect(mx.connections()).toBe(1);
});

test("an idle connection that the peer speaks on or closes is given up; one that grows old is quit", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    timeouts: { idle: 50 },
  });
  await sendOneByOne(office, ["a@x.test"]);
  await mx.waitFor(() => mx.commands.some(({ line }) => line === "QUIT"));
  await mx.waitFor(() => mx.openConnections() === 0);
  expect(office.delivery.counts()).toMatchObject({ connections: 0, idleConnections: 0 });
});

test("never opens more connections to one host than allowed, nor more than allowed in all", async () => {
  const gate = Promise.withResolvers<void>();
  await using mx = await startFakeMx({ on: { end: { send: "250 ok", until: gate.promise } } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), maxConnections: 4 });
  await office.send({
    to: Array.from({ length: 30 }, (_, index) => `u${index}@x${index % 7}.test`),
  });
  await mx.waitFor(() => mx.commands.filter(({ line }) => line === "DATA").length === 4);
  expect(mx.connections()).toBe(4);
  gate.resolve();
  await mx.waitFor(() => mx.deliveries.length === 30);
  expect(mx.connections()).toBe(4);
});

test("goes on to the next mail exchanger where one cannot be reached or has no TLS", async () => {
  await using bad = await startFakeMx({ startTls: "absent", address: "127.0.0.2" });
  await using good = await startFakeMx({ port: bad.port });
  const answers: Record<string, string> = {
    "one.x.test": "127.0.0.3", // nobody listens
    "two.x.test": "127.0.0.2",
    "three.x.test": "127.0.0.1",
  };
  const none = { kind: "nodata" } as const;
  await using office = startDeliveryOffice({
    allowPrivate: ["127.0.0.0/8"],
    mxPort: bad.port,
    resolver: {
      mx: () =>
        Promise.resolve({
          kind: "records",
          records: Object.keys(answers).map((exchange, preference) => ({ preference, exchange })),
        }),
      a: (name) => Promise.resolve({ kind: "records", records: [answers[name] ?? ""] }),
      aaaa: () => Promise.resolve(none),
      host: () => Promise.resolve(none),
      txt: () => Promise.resolve(none),
    },
  });
  await sendOneByOne(office, ["a@x.test"]);
  expect(office.queue.events[0]).toMatchObject({
    type: "Delivery",
    detail: { remoteHost: "three.x.test" },
  });
  expect(good.deliveries).toHaveLength(1);
});
