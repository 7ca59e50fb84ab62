// threats.md row 53: what came back goes on to the client once, from the null sender, and never in a circle.
import { beforeEach, expect, test } from "vitest";

import { loadReplyClassifier } from "../../src/cli/reply-classifier.ts";
import { toWire } from "../../src/delivery/wire-message.ts";
import { createPassOn, type PassOn } from "../../src/feedback/pass-on.ts";
import { readReturned } from "../../src/feedback/reading.ts";
import type { ReturnedMail } from "../../src/feedback/receive.ts";
import type { SentCopy } from "../../src/feedback/sent.ts";
import type { Address } from "../../src/mail/address.ts";
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
    domains: () => [domain("example.jp"), domain("news.example.jp"), domain("other.jp")],
    language: "ja",
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

const mail = (content: string | Buffer, mailFrom: Address | null = null): ReturnedMail => ({
  mailFrom,
  recipients: [],
  content: Buffer.from(content),
  helo: "mx.example.net",
  remoteAddress: "192.0.2.1",
  client: "192.0.2.1",
});

function come(content: string | Buffer, to: SentCopy = copy): Promise<string> {
  return passOn.queue(mail(content), to);
}

/** What stands in the mail that was queued last: its own header, the type of what it holds, and that. */
function queued(): { readonly head: string; readonly type: string; readonly held: Buffer } {
  const content = stores.stored.at(-1)?.message.content ?? Buffer.alloc(0);
  const text = content.toString("latin1");
  const boundary = /boundary="([^"]+)"/.exec(text)?.[1] ?? "";
  const [head = "", , part = ""] = text.split(`--${boundary}`);
  const [fields = "", ...rest] = part.slice(2).split("\r\n\r\n");
  return {
    head,
    type: fields,
    held: Buffer.from(rest.join("\r\n\r\n").replace(/\r\n$/, ""), "latin1"),
  };
}

const bounce = "From: MAILER-DAEMON@example.net\r\nSubject: failed\r\n\r\n550 no such user\r\n";
const phishing =
  "From: =?utf-8?B?56S+6ZW3?= <ceo@example.jp>\r\nTo: accounting@example.jp\r\nSubject: urgent\r\n\r\npay here\r\n";

test("the octets go on as they came, in a mail of our own from the null sender that causes no report", async () => {
  expect(await come(bounce)).toBe("queued");
  const [stored] = stores.stored;
  expect(stored?.message).toMatchObject({
    envelope: { mailFrom: null, eightBit: false },
    notification: true,
    fromDomain: "news.example.jp",
  });
  expect(stored?.recipients.map((each) => each.address.text)).toEqual(["b+17@news.example.jp"]);
  const { head, type, held } = queued();
  expect(head).toContain("From: MAILER-DAEMON <MAILER-DAEMON@gw.example.jp>\r\n");
  expect(head).toContain("Auto-Submitted: auto-generated\r\n");
  expect(type).toBe("Content-Type: message/rfc822");
  expect(held.toString()).toBe(bounce);
});

test("a mail without From is passed on too: ours has one", async () => {
  expect(await come("Subject: failed\r\n\r\n550 no such user\r\n")).toBe("queued");
  expect(queued().held.toString()).toBe("Subject: failed\r\n\r\n550 no such user\r\n");
});

test("8-bit content stays as it is and is said to be so", async () => {
  const content = Buffer.from(`${bounce}届きませんでした\r\n`);
  expect(await come(content)).toBe("queued");
  expect(stores.stored[0]?.message.envelope.eightBit).toBe(true);
  const { head, type, held } = queued();
  expect(head).toContain("\r\nContent-Transfer-Encoding: 8bit\r\n");
  expect(type).toBe("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit");
  expect(held.equals(content)).toBe(true);
});

test("row 88: what somebody writes to a return path in a sender's name never leaves in that name", async () => {
  expect(await come(phishing)).toBe("queued"); // from the null sender
  const { head, held } = queued();
  expect(/^From: .*$/gm.exec(head)?.[0]).toBe("From: MAILER-DAEMON <MAILER-DAEMON@gw.example.jp>");
  expect(held.toString()).toBe(phishing);
});

test.each<[string, boolean, string, Address | null]>([
  ["in a sender's name", true, phishing, address("mallory@example.net")],
  [
    "in the name of another sender's subdomain",
    true,
    "From: x@a.OTHER.jp\r\n\r\nx\r\n",
    address("mallory@example.net"),
  ],
  [
    "with two From",
    true,
    `From: mallory@example.net\r\n${phishing}`,
    address("mallory@example.net"),
  ],
  [
    "with such an address for a name",
    true,
    'From: "ceo@example.jp" <mallory@example.net>\r\n\r\nx\r\n',
    address("mallory@example.net"),
  ],
  ["in another name", false, "From: x@example.net\r\n\r\nx\r\n", address("x@example.net")],
  ["from the null sender", false, phishing, null],
])("mail %s is withheld: %s", (_name, expected, content, mailFrom) => {
  const reading = readReturned(Buffer.from(content), loadReplyClassifier());
  expect(passOn.withholds(mail(content, mailFrom), reading)).toBe(expected);
});

test("a report is passed on whoever wrote it and from whatever address", () => {
  const report =
    'From: postmaster@example.jp\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\nFinal-Recipient: rfc822; taro@example.jp\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n';
  const reading = readReturned(Buffer.from(report), loadReplyClassifier());
  expect(passOn.withholds(mail(report, address("postmaster@example.jp")), reading)).toBe(false);
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
  ["is a mail of our own without its trace", "From: X <mailer-daemon@GW.example.jp>\r\n\r\nx\r\n"],
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

test("what was passed on and comes back goes no further", async () => {
  await come(bounce);
  const content = stores.stored[0]?.message.content ?? Buffer.alloc(0);
  expect(await come(content)).toBe("loop");
});

test.each([
  ["a line that no server takes", `${bounce}${"x".repeat(999)}\r\n`, bounce],
  ["a broken header", `no field\r\n${bounce}`, bounce],
  ["a header field that no server takes", `X: ${"x".repeat(999)}\r\n${bounce}`, bounce],
  ["a NUL", `${bounce}\0\r\n`, bounce],
  ["a bare line end", `X: a\nb\r\n${bounce}\r\nx\n.\n`, `X: a?b\r\n${bounce}`],
  ["more than 5 MB", `${bounce}${`${"x".repeat(900)}\r\n`.repeat(6000)}`, bounce],
])("of mail with %s only the header is passed on", async (_name, content, shown) => {
  expect(await come(content)).toBe("queued");
  const { type, held } = queued();
  expect(type).toBe("Content-Type: text/rfc822-headers");
  expect(held.toString()).toBe(shown.slice(0, shown.indexOf("\r\n\r\n") + 2));
  expect(toWire(Buffer.alloc(0), stores.stored[0]?.message.content ?? Buffer.alloc(0)).kind).toBe(
    "ok",
  );
});

test("of a header section beyond what any server takes the beginning is passed on, and no more is looked at", async () => {
  const start = "From: x@example.net\r\nSubject: failed\r\n";
  const content = `${start}${"X: y\r\n".repeat(20_000)}From: ceo@example.jp\r\n\r\nx\r\n`;
  expect(await come(content)).toBe("queued");
  const { type, held } = queued();
  expect(type).toBe("Content-Type: text/rfc822-headers");
  expect(held.subarray(0, start.length).toString()).toBe(start);
  expect(held.length).toBeLessThanOrEqual(65_536);
  expect(held.includes("ceo@example.jp")).toBe(false);
});
