// threats.md row 89: the opt-out page and its one-click POST, on real stores.
import { randomBytes } from "node:crypto";
import { once } from "node:events";

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import type { AddressIndex } from "../../src/consent/address-index.ts";
import type { ConsentEvent } from "../../src/consent/event.ts";
import { createTokens } from "../../src/consent/token.ts";
import { createDesk } from "../../src/feedback/desk.ts";
import { createOptOutDesk } from "../../src/feedback/opt-out-desk.ts";
import type { App } from "../../src/http/app.ts";
import type { HttpParts } from "../../src/http/parts.ts";
import { createApp, startHttp } from "../../src/http/server.ts";
import { createMessageId } from "../../src/mail/message-id.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { address } from "../support/memory-stores.ts";
import { dial } from "../support/raw-client.ts";

const tokens = createTokens(randomBytes(32));
const known = [{ sender: "sample", topic: "news" }];
let office: HttpOffice;
let parts: HttpParts;
let app: App;
let subject: AddressIndex;
let token: string;
let person = 0;

beforeAll(async () => {
  office = await openHttpOffice();
  const { clock } = office.parts;
  const desk = createDesk({ ledger: office.storage.ledger, audit: office.storage.audit });
  const optOut = createOptOutDesk({ tokens, known: () => known, desk, clock });
  parts = { ...office.parts, optOut };
  app = await createApp(office.settings, parts);
});
afterAll(async () => {
  await app.close();
  await office[Symbol.asyncDispose]();
});

beforeEach(async () => {
  person += 1;
  const to = address(`hanako${person}@example.net`);
  subject = office.indexer.address(to);
  const at = office.parts.clock();
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
  office.pass(60);
  token = tokens.issue({
    subject,
    sender: "sample",
    topic: "news",
    messageId: createMessageId(at),
  });
});

async function standing(topic = "news"): Promise<string> {
  const { domain } = address("hanako@example.net");
  const record = await office.storage.ledger.lookUp({
    subject,
    domain: office.indexer.domain(domain),
    sender: "sample",
    stream: "newsletter",
    topic,
    now: office.parts.clock(),
  });
  return record.standing.kind;
}

async function send(
  method: "GET" | "HEAD" | "POST",
  text: string,
  payload?: string,
  type = "application/x-www-form-urlencoded",
): Promise<{ status: number; body: string; headers: Readonly<Record<string, unknown>> }> {
  const answer = await app.inject({
    method,
    url: `/u/${text}`,
    ...(payload === undefined ? {} : { payload, headers: { "content-type": type } }),
  });
  return { status: answer.statusCode, body: answer.body, headers: answer.headers };
}

const oneClick = "List-Unsubscribe=One-Click";

test("row 89: GET and HEAD show the page in both languages and opt nobody out", async () => {
  const page = await send("GET", token);
  expect(page.status).toBe(200);
  expect(page.body).toContain('<section lang="ja">');
  expect(page.body).toContain('<section lang="en">');
  expect(page.body).not.toContain("<script");
  expect((await send("HEAD", token)).status).toBe(200);
  expect(await standing()).toBe("granted");
});

test.each([
  ["a form", oneClick, "application/x-www-form-urlencoded"],
  [
    "multipart/form-data",
    `--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n`,
    "multipart/form-data; boundary=b",
  ],
  ["no body at all", undefined, ""],
  ["text/plain", oneClick, "text/plain"],
  ["JSON that is none", oneClick, "application/json"],
  ["JSON with __proto__", '{"__proto__":1}', "application/json"],
  ["a type that is none", oneClick, "foo"],
  ["an empty type", oneClick, ""],
  ["a form of another charset", oneClick, "application/x-www-form-urlencoded; charset=utf-16"],
  [
    "a form of 5000 octets",
    `${oneClick}&x=${"a".repeat(5000)}`,
    "application/x-www-form-urlencoded",
  ],
  [
    "multipart/form-data of 70,000 octets",
    `--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n${"a".repeat(70_000)}`,
    "multipart/form-data; boundary=b",
  ],
])(
  "row 89: one-click as %s opts out of the topic, without cookie or redirect",
  async (_name, payload, type) => {
    const answer = await send("POST", token, payload, type);
    expect(answer.status).toBe(200);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers["location"]).toBeUndefined();
    expect(await standing()).toBe("withdrawn");
    expect(await standing("other")).toBe("none");
  },
);

async function record(event: Pick<ConsentEvent, "at"> & { kind: "granted" | "withdrawn" }) {
  const { ledger } = office.storage;
  const text = await ledger.addressOf(subject);
  const common = { subject, sender: "sample", topic: "news", evidence: {}, actor: "test" };
  await ledger.recordConsents([
    {
      address: address(text ?? ""),
      event:
        event.kind === "granted"
          ? { ...common, ...event, kind: "granted", basis: "consent", byPerson: true }
          : { ...common, ...event, kind: "withdrawn" },
    },
  ]);
}

test("row 89: an opt-out outlasts a grant of the person's that is dated a little ahead", async () => {
  await record({ kind: "granted", at: new Date(office.parts.clock().getTime() + 100_000) });
  await send("POST", token, oneClick);
  expect(await standing()).toBe("withdrawn");
  office.pass(105);
  expect(await standing()).toBe("withdrawn");
});

test("row 89: a link opts out where a stop was recorded last, but lies before the grant", async () => {
  await record({ kind: "withdrawn", at: new Date(office.parts.clock().getTime() - 600_000) });
  expect(await standing()).toBe("granted");
  await send("POST", token, oneClick);
  expect(await standing()).toBe("withdrawn");
});

test("row 89: what was read of a long form counts, and so does one that ends in a line break", async () => {
  await send("POST", token, `choice=all&x=${"a".repeat(5000)}`);
  expect(await standing("other")).toBe("withdrawn");
  office.pass(60);
  await send("POST", token, "choice=pause&until=2026-12-31\r\n");
  expect((await office.storage.ledger.events(subject)).at(-1)).toMatchObject({ kind: "paused" });
});

/** What a client hears that sends these octets behind the header, and hangs up where `hangsUp` says so. */
async function sendRaw(octets: string, hangsUp = false): Promise<string> {
  const server = await startHttp(office.settings, parts);
  const client = await dial(server.port, { greeting: false });
  const fields = "Host: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n";
  const goOn = once(client.socket, "data");
  await client.write(`POST /u/${token} HTTP/1.1\r\n${fields}`);
  await client.write("\r\n");
  await goOn; // The server waits for the body.
  await client.write(octets);
  if (hangsUp) client.end();
  const heard = hangsUp ? "" : await client.untilClosed();
  client.end();
  await server.close();
  return heard;
}

test("row 89: a body without end is cut, and its wish holds", async () => {
  const heard = await sendRaw(`4000\r\n${" ".repeat(0x4000)}\r\n`.repeat(5));
  expect(heard).toMatch(/\r\nHTTP\/1\.1 200 OK\r\n[^]*<\/html>/);
  expect(await standing()).toBe("withdrawn");
});

test("row 89: a body that breaks off is no wish", async () => {
  await sendRaw("c\r\nchoice=topic\r\n", true);
  expect(await standing()).toBe("granted");
  expect(office.logged()).not.toContain("request failed");
});

test("row 89: a used, an edited, a guessed and an oversized token are answered alike", async () => {
  const first = await send("POST", token, oneClick);
  const others = [
    token,
    `${token.slice(0, -1)}A`,
    randomBytes(62).toString("base64url"),
    "x",
    "A".repeat(101),
    "A".repeat(700),
  ];
  for (const other of others) {
    const answer = await send("POST", other, oneClick);
    expect([answer.status, answer.body]).toEqual([first.status, first.body]);
    const page = await send("GET", other);
    expect(page.body).toBe((await send("GET", token)).body);
  }
});

test("row 89: replays add nothing to the ledger", async () => {
  for (let replay = 0; replay < 5; replay += 1) {
    office.pass(60);
    await send("POST", token, oneClick);
  }
  const events = await office.storage.ledger.events(subject);
  expect(events.map((event) => event.kind)).toEqual(["granted", "withdrawn"]);
});

test("row 89: an edited token opts nobody out", async () => {
  await send(
    "POST",
    `${token.slice(0, 40)}${token[40] === "A" ? "B" : "A"}${token.slice(41)}`,
    oneClick,
  );
  expect(await standing()).toBe("granted");
});

test.each([
  "。",
  "）をご覧ください。お問い合わせは下記の窓口まで、お電話またはメールにてお気軽にお寄せください（平日9時から17時まで）",
  ")",
  ".",
  "&gt;",
  "_",
  "click",
])("what a mail program took for the end of the link is none: %s", async (more) => {
  await send("POST", encodeURIComponent(`${token}${more}`), oneClick);
  expect(await standing()).toBe("withdrawn");
});

test("the form stops all advertising, or pauses until a day in Japan", async () => {
  await send("POST", token, "choice=pause&until=2026-12-31");
  expect(await standing()).toBe("paused");
  await send("POST", token, "choice=all&until=");
  expect(await standing("anything")).toBe("withdrawn");
});

test("the form offers to pause until tomorrow at the earliest, as days go in Japan", async () => {
  const { body } = await send("GET", token);
  const [today, tomorrow] = [0, 1].map((days) =>
    new Date(office.parts.clock().getTime() + (days * 24 + 9) * 3_600_000)
      .toISOString()
      .slice(0, 10),
  );
  expect(body.match(/min="[^"]*"/g)).toEqual([`min="${tomorrow}"`, `min="${tomorrow}"`]);
  await send("POST", token, `choice=pause&until=${tomorrow}`);
  expect(await standing()).toBe("paused");
  await send("POST", token, `choice=pause&until=${today}`);
  expect(await standing()).toBe("withdrawn");
});

const topicStopped = ["この種類のメールを停止しました", "This kind of mail is stopped"];
test.each([
  [oneClick, topicStopped],
  ["choice=topic&until=2026-12-31", topicStopped],
  [
    "choice=all",
    ["広告・案内メールをすべて停止しました", "All advertising mail of this sender is stopped"],
  ],
  [
    "choice=pause&until=2026-12-31",
    [
      "この種類のメールを休止しました。2026年12月31日から再開します。",
      "This kind of mail is paused, and starts again on 31 December 2026.",
    ],
  ],
  [
    "choice=pause&until=",
    [
      "休止できる日付が選ばれていなかったため、この種類のメールを停止しました",
      "No date was given that mail can be paused until, so this kind of mail is stopped.",
    ],
  ],
])("the answer to %j says what was recorded, alike for an unknown token", async (form, texts) => {
  const { body } = await send("POST", token, form);
  for (const text of texts) expect(body).toContain(text);
  expect((await send("POST", "x", form)).body).toBe(body);
});

test.each(["", "2026-02-30", "2020-01-01", "2099-01-01", "tomorrow"])(
  "a pause until %j is no date to come: the topic stops, the wish is not lost",
  async (until) => {
    await send("POST", token, `choice=pause&until=${encodeURIComponent(until)}`);
    expect(await standing()).toBe("withdrawn");
  },
);
