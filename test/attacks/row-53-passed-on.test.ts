// threats.md row 53: what came back goes on to the client once, from the null sender, and never in a circle.
import { beforeEach, expect, test } from "vitest";

import { createPassOn, type PassOn } from "../../src/feedback/pass-on.ts";
import type { SentCopy } from "../../src/feedback/sent.ts";
import { address, createMemoryStores, type MemoryStores } from "../support/memory-stores.ts";
import { domain } from "../support/smtp-gateway.ts";

const now = new Date("2026-11-25T00:00:00Z");
let stores: MemoryStores;
let passOn: PassOn;
let copy: SentCopy;

beforeEach(() => {
  stores = createMemoryStores();
  passOn = createPassOn({
    queue: stores.queue,
    indexer: stores.indexer,
    domainsOf: () => [domain("example.jp"), domain("news.example.jp")],
    hostname: "gw.example.jp",
    hosts: ["bounce.example.jp"],
    clock: () => now,
  });
  copy = {
    subject: stores.indexer.address(address("taro@example.net")),
    recipientId: "m-1",
    sender: "sample",
    stream: "newsletter",
    mailFrom: address("b+17@news.example.jp"),
  };
});

function come(content: string, to: SentCopy = copy): Promise<string> {
  return passOn(
    {
      mailFrom: null,
      recipients: [],
      content: Buffer.from(content),
      helo: "mx.example.net",
      remoteAddress: "192.0.2.1",
    },
    to,
  );
}

const bounce = "From: MAILER-DAEMON@example.net\r\nSubject: failed\r\n\r\n550 no such user\r\n";

test("the octets go on as they came, from the null sender, as a message that causes no report", async () => {
  expect(await come(bounce)).toBe("queued");
  const [stored] = stores.stored;
  expect(stored?.message.content.toString()).toBe(bounce);
  expect(stored?.message).toMatchObject({
    envelope: { mailFrom: null },
    notification: true,
    fromDomain: "news.example.jp",
  });
  expect(stored?.recipients.map((each) => each.address.text)).toEqual(["b+17@news.example.jp"]);
});

test("row 53: the same report of the same copy is queued once", async () => {
  await come(bounce);
  await come(bounce);
  expect(stores.stored).toHaveLength(1);
});

test.each([
  [
    "passed this gateway before",
    `Received: from a\r\n\tby gw.example.jp with ESMTP id x;\r\n\tWed\r\n${bounce}`,
  ],
  ["has come through too many hosts", `${"Received: from a by b\r\n".repeat(31)}${bounce}`],
])("row 53: what %s goes no further", async (_name, content) => {
  expect(await come(content)).toBe("loop");
  expect(stores.stored).toEqual([]);
});

test("row 53: nothing is passed on to a return path of our own", async () => {
  const mailFrom = address("b-x@bounce.example.jp");
  expect(await come(bounce, { ...copy, mailFrom })).toBe("loop");
});

test("row 53: mail that was sent from the null sender has nobody to pass on to", async () => {
  const { mailFrom: _mailFrom, ...without } = copy;
  expect(await come(bounce, without)).toBe("nobody");
});

test.each([
  ["a line that no server takes", `${bounce}${"x".repeat(999)}\r\n`],
  ["a broken header", `no field\r\n${bounce}`],
  ["a NUL", `${bounce}\0\r\n`],
])("%s is not sent on: it would only fail at the last step", async (_name, content) => {
  expect(await come(content)).toBe("unfit");
});
