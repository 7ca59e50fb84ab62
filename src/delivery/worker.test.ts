import { expect, test } from "vitest";

import { officeRoutes, startDeliveryOffice } from "../../test/support/delivery-office.ts";
import { startFakeMx } from "../../test/support/fake-mx.ts";
import type { Lease } from "../queue/store.ts";
import type { Signer } from "./signer.ts";

test("delivers a message over TLS with its body untouched, and records host, words and certificate", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const { messageId } = await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.stateOf(`${messageId}-1`) === "delivered");
  const [delivery] = mx.deliveries;
  const text = delivery?.data.toString() ?? "";
  expect(text.split("\r\n\r\n")[1]).toBe("Hello.\r\n..two dots\r\n.\r\nend\r\n");
  expect(text).toMatch(/^DKIM-Signature: .*\r\nReceived: from ma\.example\.jp\r\n/);
  expect(delivery?.recipients).toEqual(["a@sink.test"]);
  expect(delivery?.mailFrom).toBe("bounce@example.jp");
  expect(mx.clearText()).toBe("EHLO gw.example.jp\r\nSTARTTLS\r\n");
  expect(office.queue.events).toMatchObject([
    {
      type: "Delivery",
      reply: { code: 250, enhanced: "2.0.0", text: "taken" },
      detail: {
        remoteHost: "127.0.0.1",
        remoteAddress: "127.0.0.1",
        tlsProtocol: "TLSv1.3",
        tlsVerified: false,
        certificateSubject: "mx.test",
      },
    },
  ]);
});

test("an attempt of what may have been sent before is noted before the receiver hears of it; others cost no commit", async () => {
  const noted: number[] = [];
  await using mx = await startFakeMx({
    on: {
      mail: () => {
        noted.push(office.queue.begun.length);
        return undefined;
      },
      end: () => (noted.length === 1 ? { afterwards: "reset" } : undefined),
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const { messageId } = await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  office.advance(3_600_000);
  await office.queue.waitFor(() => office.queue.states()["delivered"] === 1);
  expect(noted).toEqual([0, 1]);
  expect(office.queue.begun).toEqual([`${messageId}-1`]);
});

test.each([
  ["alike", undefined],
  // Then each copy is composed and signed by itself.
  [
    "with a field of their own",
    ({ address }: Lease) => ({ add: [`X-For: ${address.text}\r\n`], remove: [] }),
  ],
])(
  "a large body at hand goes whole to recipients %s, and again to one put off",
  async (_, headers) => {
    let answers = -1; // to a first mail: behind it nothing waits any more, and what comes may begin at once
    await using mx = await startFakeMx({
      on: { end: () => ((answers += 1) === 1 ? "451 4.3.0 later" : undefined) },
    });
    await using office = startDeliveryOffice({
      routes: officeRoutes(mx.port),
      ...(headers === undefined ? {} : { headers }),
    });
    await office.send({ to: ["first@sink.test"] });
    await office.queue.waitFor(() => office.queue.settled.length === 1);
    // Larger than what shares memory with others: its memory is given back behind the last attempt.
    const body = "A line of a body that is sent to several.\r\n".repeat(2000);
    const to = ["a@sink.test", "b@sink.test", "c@sink.test"];
    await office.send({
      to,
      content: `From: News <news@example.jp>\r\nSubject: Hello\r\n\r\n${body}`,
      atHand: true,
    });
    await office.queue.waitFor(() => office.queue.settled.length === 4);
    expect(office.queue.states()).toMatchObject({ delivered: 3, waiting: 1 });
    office.advance(24 * 3_600_000);
    await office.queue.waitFor(() => office.queue.states()["delivered"] === 4);
    const copies = mx.deliveries.slice(1);
    const taken = copies.filter(({ answer }) => answer?.startsWith("250") === true);
    expect(taken.flatMap(({ recipients }) => recipients).toSorted()).toEqual(to);
    for (const { data } of copies)
      expect(data.toString().split("\r\n\r\n").slice(1).join("\r\n\r\n")).toBe(body);
  },
);

test("a message is signed once, while its commit is under way, and leaves behind it", async () => {
  await using mx = await startFakeMx();
  const signed: string[] = [];
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    signer: {
      sign: (message) => {
        signed.push(/^Subject: (.*)\r$/m.exec(message.toString())?.[1] ?? "");
        return Promise.resolve({
          kind: "signed",
          header: `DKIM-Signature: n=${signed.length}\r\n`,
        });
      },
    },
  });
  await office.send({ to: ["first@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  const content = "From: News <news@example.jp>\r\nSubject: At hand\r\n\r\nHello.\r\n";
  const commit = Promise.withResolvers<void>();
  const sending = office.send({ to: ["a@sink.test"], content, atHand: commit.promise });
  expect(signed).toEqual(["Hello", "At hand"]);
  expect(mx.deliveries).toHaveLength(1);
  commit.resolve();
  await sending;
  await office.queue.waitFor(() => office.queue.settled.length === 2);
  expect(signed).toHaveLength(2);
  expect(mx.deliveries[1]?.data.toString()).toMatch(/^DKIM-Signature: n=2\r\n/);
});

test("a message that could not be stored is not offered to anybody, though it was signed", async () => {
  await using mx = await startFakeMx();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["first@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  const full = Promise.reject(new Error("disk full"));
  await expect(office.send({ to: ["a@sink.test"], atHand: full })).rejects.toThrow("disk full");
  await office.send({ to: ["b@sink.test"], atHand: true });
  await office.queue.waitFor(() => office.queue.settled.length === 2);
  expect(mx.deliveries.flatMap(({ recipients }) => recipients)).toEqual([
    "first@sink.test",
    "b@sink.test",
  ]);
});

/** Signs everything, and counts. */
function countingSigner(): Signer & { readonly signed: () => number } {
  let signed = 0;
  return {
    signed: () => signed,
    sign: () => {
      signed += 1;
      return Promise.resolve({ kind: "signed", header: "DKIM-Signature: v=1\r\n" });
    },
  };
}

test("mail of a paused stream is neither claimed nor signed: it waits in the queue from the beginning", async () => {
  await using mx = await startFakeMx();
  const signer = countingSigner();
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port), signer });
  await office.send({ to: ["first@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  const stream = { kind: "stream", name: "newsletter" } as const;
  office.delivery.pause(stream);
  await expect(office.send({ to: ["a@sink.test"], atHand: true })).rejects.toThrow("had no room");
  expect(signer.signed()).toBe(1);
  office.delivery.resume(stream);
  await office.send({ to: ["a@sink.test"], atHand: true });
  await office.queue.waitFor(() => office.queue.settled.length === 2);
});

test("so does mail of a lane whose next turn is more than a second away", async () => {
  await using mx = await startFakeMx();
  const signer = countingSigner();
  const rates = [{ messages: 1, seconds: 3600 }];
  await using office = startDeliveryOffice({
    routes: officeRoutes(mx.port),
    signer,
    sources: [{ kind: "stream", name: "newsletter", rates }],
  });
  await office.send({ to: ["first@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  await office.send({ to: ["second@sink.test"], atHand: true }); // nobody has asked the pace yet
  expect(signer.signed()).toBe(2);
  await expect(office.send({ to: ["a@sink.test"], atHand: true })).rejects.toThrow("had no room");
  expect(signer.signed()).toBe(2);
});

test.each([
  ["251 2.0.0 taken, will forward", "delivered"],
  ["200 taken", "delivered"],
  ["250 OK", "delivered"],
])("%s to the final dot is a yes", async (answer, state) => {
  await using mx = await startFakeMx({ on: { end: answer } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const { messageId } = await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.stateOf(`${messageId}-1`)).toBe(state);
});

test("what is neither yes nor no to the final dot may have been a yes", async () => {
  await using mx = await startFakeMx({ on: { end: "354 go on" } });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  await office.send({ to: ["a@sink.test"] });
  await office.queue.waitFor(() => office.queue.settled.length === 1);
  expect(office.queue.settled).toMatchObject([{ kind: "deferred", uncertain: true }]);
});

test("a receiver that takes mail without a word and is busy in between gets no third copy", async () => {
  let turns = 0;
  await using mx = await startFakeMx({
    on: {
      mail: () => ((turns += 1) % 2 === 0 ? "451 4.3.0 busy" : undefined),
      end: { afterwards: "reset" },
    },
  });
  await using office = startDeliveryOffice({ routes: officeRoutes(mx.port) });
  const { messageId } = await office.send({ to: ["a@sink.test"] });
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await office.queue.waitFor(() => office.queue.settled.length === attempt);
    office.advance(2 * 3_600_000);
  }
  expect(mx.deliveries).toHaveLength(2);
  expect(office.queue.stateOf(`${messageId}-1`)).toBe("failed");
  expect(office.queue.events.find(({ type }) => type === "Bounce")).toMatchObject({
    detail: { uncertain: true },
  });
});
