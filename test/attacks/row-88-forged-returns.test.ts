// threats.md row 88: forged bounces and complaints, bombed return paths; with the true ones beside them, on real stores.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { loadReplyClassifier } from "../../src/cli/reply-classifier.ts";
import type { AddressIndex } from "../../src/consent/address-index.ts";
import { createTokens } from "../../src/consent/token.ts";
import { createDesk } from "../../src/feedback/desk.ts";
import { createPassOn } from "../../src/feedback/pass-on.ts";
import { readReturned } from "../../src/feedback/reading.ts";
import { createFeedback, type Feedback } from "../../src/feedback/receive.ts";
import { createReturnPath } from "../../src/feedback/return-path.ts";
import { createSentDirectory } from "../../src/feedback/sent.ts";
import { createMessageId } from "../../src/mail/message-id.ts";
import { clientOf } from "../../src/mail/party.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { address } from "../support/memory-stores.ts";
import { returnedTexts } from "../support/returned-texts.ts";

const host = "gw.example.jp";
const classifier = loadReplyClassifier();
const tokens = createTokens(Buffer.alloc(32, 6));
const returnPath = createReturnPath(Buffer.alloc(32, 5));
let office: HttpOffice;
let feedback: Feedback;
let provenFrom = false;
let subject: AddressIndex;
let recipientId: string;
let count = 0;

beforeAll(async () => {
  office = await openHttpOffice();
  const { audit, ledger } = office.storage;
  feedback = createFeedback({
    hosts: [host],
    roles: [{ address: `fbl@${host}` }, { address: `reply@${host}`, sender: "sample" }],
    returnPath,
    sent: createSentDirectory(audit, () => office.parts.streams),
    passOn: createPassOn({
      queue: office.storage.queue,
      indexer: office.indexer,
      domainsOf: () => [address("a@example.jp").domain],
      domains: () => [address("a@example.jp").domain],
      hostname: host,
      hosts: [host],
      language: "en",
      clock: office.parts.clock,
    }),
    desk: createDesk({ ledger, audit }),
    audit,
    indexer: office.indexer,
    read: (content) => Promise.resolve(readReturned(content, classifier)),
    clock: office.parts.clock,
    lossesPerHourMax: 3,
    provesFrom: () => Promise.resolve(provenFrom),
    readToken: (token) => tokens.read(token, [{ sender: "sample", topic: "news" }]),
  });
});
afterAll(() => office[Symbol.asyncDispose]());

beforeEach(async () => {
  provenFrom = false;
  count += 1;
  office.pass(3600);
  await deliver(`hanako${count}@example.net`);
});

/** One copy that left an hour ago, to a person who consented. */
async function deliver(text: string): Promise<void> {
  const to = address(text);
  const at = office.parts.clock();
  const messageId = createMessageId(at);
  subject = office.indexer.address(to);
  recipientId = `${messageId}-1`;
  await office.storage.ledger.recordConsents([
    {
      address: to,
      event: {
        kind: "granted",
        subject,
        sender: "sample",
        topic: "news",
        basis: "consent",
        byPerson: true,
        at,
        evidence: {},
        actor: "test",
      },
    },
  ]);
  await office.storage.audit.append([
    {
      type: "Delivery",
      at,
      messageId,
      recipientId,
      subject,
      sender: "sample",
      stream: "newsletter",
      personal: { mailFrom: "tool@example.jp" },
    },
  ]);
  office.pass(1);
}

async function come(
  to: string,
  content: string,
  remoteAddress = "192.0.2.1",
  mailFrom: string | null = null,
): Promise<boolean> {
  const recipient = address(to);
  if (!(await feedback.recipient(recipient))) return false;
  await feedback.message({
    mailFrom: mailFrom === null ? null : address(mailFrom),
    recipients: [recipient],
    content: Buffer.from(content.replace(/\n/g, "\r\n")),
    helo: "mx",
    remoteAddress,
    client: clientOf(remoteAddress),
  });
  return true;
}

const bounceAddress = (): string =>
  `${returnPath.issue(recipientId, "bounce", office.parts.clock())}@${host}`;
const optOutAddress = (): string =>
  `${returnPath.issue(recipientId, "unsubscribe", office.parts.clock())}@${host}`;

function textOf(name: string): string {
  const entry = returnedTexts.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no text ${name}`);
  return entry.text;
}

async function record(): Promise<string> {
  const { domain } = address("a@example.net");
  const { standing, suppressions } = await office.storage.ledger.lookUp({
    subject,
    domain: office.indexer.domain(domain),
    sender: "sample",
    stream: "newsletter",
    topic: "news",
    now: office.parts.clock(),
  });
  return [
    standing.kind,
    ...suppressions.map(
      (each) => `${each.kind} ${each.messageId === undefined ? "" : "of a message"}`,
    ),
  ].join(", ");
}

const unknownUser = textOf("Postfix, unknown in a virtual table");

test("a true bounce to the signed return path suppresses the person it was issued for, whomever the report names", async () => {
  expect(await come(bounceAddress().toUpperCase(), unknownUser)).toBe(true);
  expect(await record()).toBe("granted, hard-bounce of a message");
});

test("the message's trace shows what came back", async () => {
  await come(bounceAddress(), unknownUser);
  const { items } = await office.storage.audit.search({
    messageId: recipientId.slice(0, 26),
    limit: 50,
  });
  expect(items.map((event) => event.type)).toEqual(
    expect.arrayContaining(["Delivery", "Returned"]),
  );
});

test("row 88: a forged return path is refused at RCPT and counted", async () => {
  const before = feedback.counts().forged;
  const forged = bounceAddress().replace(/.@/, (end) => (end === "0@" ? "1@" : "0@"));
  expect(await come(forged, unknownUser)).toBe(false);
  expect(feedback.counts().forged).toBe(before + 1);
  expect(await record()).toBe("granted");
});

test("row 88: a stale return path is refused and counted", async () => {
  const old = bounceAddress();
  office.pass(16 * 86_400);
  expect(await come(old, unknownUser)).toBe(false);
  expect(feedback.counts().stale).toBe(1);
});

test("row 88: nobody else's mailbox is taken: no relay", async () => {
  expect(await come("victim@example.net", unknownUser)).toBe(false);
  expect(await come(`anything@${host}`, unknownUser)).toBe(false);
  expect(await come(bounceAddress().replace(host, "example.net"), unknownUser)).toBe(false);
});

test("row 88: a genuine address of a copy that was never recorded teaches nothing", async () => {
  recipientId = `${createMessageId(new Date(0))}-1`;
  const before = feedback.counts().unknown;
  await come(bounceAddress(), unknownUser);
  expect(feedback.counts().unknown).toBe(before + 1);
});

test("row 88: what somebody writes to a return path in a sender's name is told to a person and goes nowhere", async () => {
  const passedOn = feedback.counts()["passed-on"];
  const letter = (from: string, subject: string): string =>
    `From: ${from}\nTo: accounting@example.jp\nSubject: ${subject}\n\npay here\n`;
  await writes(bounceAddress(), letter("ceo@example.jp", "urgent"));
  await writes(bounceAddress(), letter("ceo@example.jp", "Out of office: urgent"));
  const { items } = await office.storage.audit.search({
    types: ["Alarm"],
    messageId: recipientId.slice(0, 26),
    limit: 10,
  });
  const why = "mail to a return path that bears a sender's name and is no report; not passed on";
  expect(items.map(({ detail }) => detail?.["why"])).toEqual([why, why]);
  expect(items[0]?.personal).toMatchObject({ from: "ceo@example.jp", subject: "urgent" });
  expect(feedback.counts()["passed-on"]).toBe(passedOn);
  await writes(bounceAddress(), letter("hanako@example.net", "a question"));
  expect(feedback.counts()["passed-on"]).toBe(passedOn + 1);
});

test("a provider that blocks a campaign raises one alarm, not one a copy", async () => {
  const alarms = async (): Promise<number> =>
    (await office.storage.audit.search({ types: ["Alarm"], limit: 1000 })).items.length;
  const before = await alarms();
  for (let n = 0; n < 5; n += 1) await come(bounceAddress(), textOf("Postfix, Spamhaus at RCPT"));
  expect(await alarms()).toBe(before + 1);
});

test("a report that overtakes the record of its delivery is asked to come again", async () => {
  recipientId = `${createMessageId(office.parts.clock())}-1`;
  await expect(come(bounceAddress(), unknownUser)).rejects.toThrow("not recorded yet");
});

test.each([
  "Postfix, Spamhaus at RCPT",
  "Exim, spam after the data",
  "Google, rate",
  "Google, DMARC",
  "Postfix, connection refused",
  "Postfix, unknown user told after DATA",
])("%s suppresses nobody", async (name) => {
  await come(bounceAddress(), textOf(name));
  expect(await record()).toBe("granted");
});

test("row 88: a bounce to a known mailbox, without a token, teaches nothing", async () => {
  await come(`fbl@${host}`, unknownUser);
  expect(await record()).toBe("granted");
});

test("row 88: a complaint counts only with a token of ours in the mail it returns", async () => {
  const complaint = textOf("an abuse report");
  await come(`fbl@${host}`, complaint);
  expect(await record()).toBe("granted");
  await come(
    `fbl@${host}`,
    complaint.replace("From: 見本", `List-Unsubscribe: <mailto:${optOutAddress()}>\nFrom: 見本`),
  );
  expect(await record()).toBe("withdrawn, complaint of a message");
});

test.each(["base64", "quoted-printable"])(
  "row 88: a complaint whose returned mail came encoded as %s counts, too",
  async (encoding) => {
    const returned = Buffer.from(
      `From: news@example.jp\r\nTo: redacted\r\nList-Unsubscribe: <mailto:${optOutAddress()}>\r\n\r\nHello\r\n`,
    );
    const encoded =
      encoding === "base64"
        ? returned.toString("base64").replace(/.{76}/g, "$&\n")
        : returned.toString().replaceAll("\r", "").replaceAll("-", "=2D");
    await come(
      `fbl@${host}`,
      `From: fbl@example.net\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\n\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: ${encoding}\n\n${encoded}\n--b--\n`,
    );
    expect(await record()).toBe("withdrawn, complaint of a message");
  },
);

test("row 88: a complaint that has our address in a text in base64 counts, as a link in it does", async () => {
  const letter = `Return-Path: <${bounceAddress()}>\r\nSubject: offer\r\n`;
  await come(
    `fbl@${host}`,
    `From: fbl@example.net\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\n\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n${Buffer.from(letter).toString("base64")}\n--b--\n`,
  );
  expect(await record()).toBe("withdrawn, complaint of a message");
});

const writes = (to: string, content: string): Promise<boolean> =>
  come(to, content, "192.0.2.1", "hanako@example.net");
const lastAlarm = async (): Promise<string | undefined> => {
  const { items } = await office.storage.audit.search({
    types: ["Alarm"],
    messageId: recipientId.slice(0, 26),
    newestFirst: true,
    limit: 1,
  });
  return items[0]?.detail?.["why"]?.toString();
};

test.each([
  ["an empty mail", "From: hanako@example.net\nSubject: unsubscribe\n\n"],
  ["the mail of Apple Mail's button", textOf("Apple Mail's button, to the opt-out mailbox")],
  [
    "words of absence and a mark",
    textOf("a wish to stop, written by somebody whose mail program marks it"),
  ],
  ["a vacation answer, as nobody but a person has the address", textOf("out of office")],
  ["a complaint", textOf("an abuse report")],
])("mail to the opt-out mailbox is the wish: %s", async (_name, content) => {
  await writes(optOutAddress(), content);
  expect(await record()).toMatch(/^withdrawn/);
  expect(await lastAlarm()).toBeUndefined();
});

test.each([
  ["a bounce", unknownUser],
  ["a vacation answer", textOf("out of office")],
  ["a read receipt", textOf("a read receipt")],
])(
  "%s from the null sender that strays to the opt-out mailbox is no wish",
  async (_name, content) => {
    await come(optOutAddress(), content);
    expect(await record()).toBe("granted");
    expect(await lastAlarm()).toBeUndefined();
  },
);

test.each([
  [
    "from the null sender, and yet like a person's",
    null,
    "From: hanako@example.net\nSubject: unsubscribe\n\n",
  ],
  [
    "from the null sender, of an automatic answer that asks to stop",
    null,
    textOf("Apple Mail's button, to the opt-out mailbox"),
  ],
  [
    "in the words of a bounce, and yet from somebody",
    "hanako@example.net",
    "From: Mail Delivery <noreply@corp.test>\nSubject: Delivery failure? please unsubscribe me\n\nYour message could not be delivered nicely, unsubscribe me\n",
  ],
])("what is in doubt at the opt-out mailbox goes to a person: %s", async (_name, from, content) => {
  await come(optOutAddress(), content, "192.0.2.1", from);
  expect(await record()).toBe("granted");
  expect(await lastAlarm()).toBe("mail to an opt-out mailbox that may be a wish to stop");
});

test("Apple Mail's button at a mailbox of a sender's own is heard once From is proved", async () => {
  provenFrom = true;
  const apple = textOf("Apple Mail's button, to a mailbox of the tool's own");
  await come(`reply@${host}`, apple.replaceAll("hanako@icloud.com", `hanako${count}@example.net`));
  expect(await record()).toContain("withdrawn");
});

test("row 88: a written opt-out counts with a token or a proved From, and goes to a person otherwise", async () => {
  const reply = `From: hanako${count}@example.net\nTo: reply@${host}\nSubject: Re: News\n\nPlease unsubscribe me.\n`;
  await come(`reply@${host}`, reply);
  expect(await record()).toBe("granted");
  const { items } = await office.storage.audit.search({
    types: ["Alarm"],
    newestFirst: true,
    limit: 1,
  });
  expect(items[0]?.detail?.["why"]).toBe("somebody asks to stop, and it is not proved who");
  provenFrom = true;
  await come(`reply@${host}`, reply);
  expect(await record()).toContain("withdrawn");
});

test("a written opt-out that quotes our opt-out mailbox needs no other proof", async () => {
  await come(
    `reply@${host}`,
    `From: x@example.org\nTo: reply@${host}\nSubject: Re: News\n\nstop\n\n> List-Unsubscribe: <mailto:${optOutAddress()}>\n`,
  );
  expect(await record()).toBe("withdrawn");
});

test("a written opt-out that quotes its own opt-out link, broken over lines, needs no other proof", async () => {
  const token = tokens.issue({ subject, sender: "sample", topic: "news" });
  const reply = (quoted: string): string =>
    `From: x@example.org\nTo: reply@${host}\nSubject: Re: News\n\nstop\n\n> https://${host}/u/${quoted.slice(0, 30)}\n> ${quoted.slice(30)}\n`;
  await come(
    `reply@${host}`,
    reply(`${token.slice(0, 20)}${token[20] === "A" ? "B" : "A"}${token.slice(21)}`),
  );
  expect(await record()).toBe("granted");
  await come(`reply@${host}`, reply(token));
  expect(await record()).toBe("withdrawn");
});

test("row 88: one host that reports too many dead addresses in an hour is no longer believed", async () => {
  for (let n = 0; n < 3; n += 1) await come(bounceAddress(), unknownUser, "198.51.100.1");
  await deliver("late@example.net");
  await come(bounceAddress(), unknownUser, "198.51.100.1");
  expect(await record()).toBe("granted");
  expect(feedback.counts().held).toBe(1);
  await come(bounceAddress(), unknownUser, "192.0.2.77");
  expect(await record()).toBe("granted, hard-bounce of a message");
});

test("row 88: addresses of one IPv6 network are one host", async () => {
  for (let n = 0; n < 3; n += 1) await come(bounceAddress(), unknownUser, `2001:db8:0:1::${n + 1}`);
  await deliver("later@example.net");
  await come(bounceAddress(), unknownUser, "2001:db8:0:1:ffff::1");
  expect(await record()).toBe("granted");
});

test("row 88: a bombed return path is read no more than twenty times an hour, and a wish to stop still counts", async () => {
  const before = feedback.counts().repeated;
  for (let n = 0; n < 23; n += 1) await come(bounceAddress(), textOf("out of office"));
  expect(feedback.counts().repeated).toBe(before + 3);
  await writes(optOutAddress(), "From: hanako@example.net\nSubject: unsubscribe\n\n");
  expect(await record()).toBe("withdrawn");
  for (let n = 0; n < 23; n += 1) await come(optOutAddress(), textOf("out of office"));
  expect(feedback.counts().repeated).toBe(before + 6);
});

test("row 88: what only a person can judge is kept readable for one, and not without end", async () => {
  const letter = `From: Hanako <hanako${count}@example.net>\nTo: reply@${host}\nSubject: question\n\nWhen do you open?\n`;
  await come(`reply@${host}`, letter, "203.0.113.9");
  const { items } = await office.storage.audit.search({
    types: ["Alarm"],
    newestFirst: true,
    limit: 1,
  });
  expect(items[0]?.personal).toMatchObject({ subject: "question", text: "When do you open?" });
  expect(items[0]?.recipient).toBe(`hanako${count}@example.net`);
  for (let n = 1; n < 500; n += 1) await come(`reply@${host}`, letter, "203.0.113.9");
  await expect(come(`reply@${host}`, letter, "203.0.113.9")).rejects.toThrow("more than a person");
});

test("row 88: one host has no more than 500 written opt-outs proved in an hour; the rest comes again", async () => {
  const letter = `From: hanako${count}@example.net\nTo: reply@${host}\nSubject: stop\n\nplease stop\n`;
  for (let n = 0; n < 500; n += 1) await come(`reply@${host}`, letter, "203.0.113.10");
  provenFrom = true;
  await expect(come(`reply@${host}`, letter, "203.0.113.10")).rejects.toThrow("more than a person");
  expect(await record()).toBe("granted");
  office.pass(3600);
  await come(`reply@${host}`, letter, "203.0.113.10");
  expect(await record()).toContain("withdrawn");
});
