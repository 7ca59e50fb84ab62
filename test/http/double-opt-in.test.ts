// Double opt-in from the sign-up form's call to the recorded consent: real stores, real intake, the real judge.
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { AddressIndex } from "../../src/consent/address-index.ts";
import type { ConsentEvent } from "../../src/consent/event.ts";
import { createTokens } from "../../src/consent/token.ts";
import { createDoubleOptIn, type DoubleOptIn } from "../../src/feedback/double-opt-in.ts";
import { createIntake, type Intake } from "../../src/intake/intake.ts";
import { judgeMessage } from "../../src/intake/judge-worker.ts";
import { parseAddress } from "../../src/mail/address.ts";
import { createToReply } from "../../src/smtp/answer.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { registry } from "../support/judged-mail.ts";
import { makeStream } from "../support/smtp-gateway.ts";

const publicUrl = "https://gw.example.jp";
const request = makeStream({
  id: "request",
  sender: registry,
  class: "consent-request",
  topic: "news",
  rules: ["jp"],
});
const streams = [request, { ...request, id: "newsletter", class: "marketing" as const }];
const wording = "株式会社サンプル商事からの新商品のお知らせメールを受け取ることに同意します。";
const body = {
  email: "taro@example.com",
  sender: "sample",
  topic: "news",
  wording,
  policyVersion: "2026-04",
  source: "https://www.example.jp/form",
  ip: "192.0.2.7",
  userAgent: "Form/1.0",
};

let office: HttpOffice;
let intake: Intake;
let bearer: { readonly authorization: string };
beforeEach(async () => {
  let made: DoubleOptIn | undefined;
  const doubleOptIn = (): DoubleOptIn => {
    if (made === undefined) throw new Error("asked before it was made");
    return made;
  };
  office = await openHttpOffice({
    parts: {
      streams,
      senders: [registry],
      doubleOptIn: {
        ask: (ask) => doubleOptIn().ask(ask),
        pending: (token) => doubleOptIn().pending(token),
        confirm: (token, connection) => doubleOptIn().confirm(token, connection),
      },
    },
  });
  const { storage, indexer, parts } = office;
  const silent = (): void => undefined;
  intake = createIntake({
    ...storage,
    streams,
    indexer,
    clock: parts.clock,
    limits: { recipientsMax: 10, queuedRecipientsMax: 100, queuedBytesMax: 1_000_000 },
    messagesPerMinute: new Map(),
    judge: {
      judge: async (content, facts) => judgeMessage(content, facts),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    log: { info: silent, warn: silent, error: silent },
    hostname: "gw.example.jp",
    gatewayHosts: ["gw.example.jp"],
    deduplicate: true,
    toReply: createToReply(publicUrl),
  });
  const key = Buffer.alloc(32, 7);
  made = createDoubleOptIn({
    ledger: storage.ledger,
    indexer,
    streams,
    submit: async (message) => {
      const answer = await intake.submit(message);
      if (answer.kind === "accepted" || answer.kind === "held") return answer;
      if (answer.kind !== "refused") throw new Error("no answer");
      const { reason, row, detail = "" } = answer.no;
      return { kind: "refused", reason, temporary: row.code < 500, text: detail };
    },
    confirmTokens: createTokens(key, "confirm-consent"),
    optOutTokens: createTokens(key),
    publicUrl,
    clock: parts.clock,
  });
  bearer = await office.bearer(["consents:write", "consents:read"]);
});
afterEach(async () => {
  await intake[Symbol.asyncDispose]();
  await office[Symbol.asyncDispose]();
});

function indexOf(text: string): AddressIndex {
  const address = parseAddress(text);
  if (address.kind === "bad") throw new Error(address.problem);
  return office.indexer.address(address.value);
}

type Answer = Awaited<ReturnType<HttpOffice["app"]["inject"]>>;

const ask = (change: Partial<typeof body> = {}): Promise<Answer> =>
  office.app.inject({
    method: "POST",
    url: "/v1/consents/requests",
    headers: bearer,
    payload: { ...body, ...change },
  });

/** What the person reads: the mail's text, and the path of the link in it. */
async function mailOf(answer: Answer): Promise<{ readonly text: string; readonly path: string }> {
  const { messageId } = answer.json<{ messageId: string }>();
  const content = (await office.storage.queue.content(messageId))?.toString() ?? "";
  const encoded = content.slice(content.indexOf("\r\n\r\n"));
  const text = Buffer.from(encoded, "base64").toString();
  const path = /https:\/\/gw\.example\.jp(\/c\/[\w-]+)/.exec(text)?.[1] ?? "";
  return { text, path };
}

async function events(): Promise<readonly object[]> {
  const url = `/v1/consents/${encodeURIComponent(body.email)}`;
  const answer = await office.app.inject({ url, headers: bearer });
  return answer.json<{ events: object[] }>().events;
}

describe("POST /v1/consents/requests", () => {
  test("sends one mail that passes the sender's own rules, and says what it asks", async () => {
    const answer = await ask();
    expect([answer.statusCode, answer.json()]).toMatchObject([202, { state: "accepted" }]);
    const { text, path } = await mailOf(answer);
    for (const needed of [wording, "株式会社サンプル商事", "東京都架空区", "配信停止", "/u/"])
      expect(text).toContain(needed);
    expect(path).toMatch(/^\/c\/[\w-]{40,90}$/);
    const log = await office.storage.audit.search({ types: ["Reception"], limit: 10 });
    expect(log.items).toMatchObject([{ stream: "request" }]);
    expect(log.items[0]?.actor).toMatch(/^token:/);
    expect(await events()).toEqual([]);
  });

  test("asks each address once for each sender, ever: also after erasure, and when asked at once", async () => {
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b)).toEqual([
      202, 409, 409,
    ]);
    expect(answers.find((answer) => answer.statusCode === 409)?.json()).toMatchObject({
      reason: "already-asked",
    });
    office.pass(10 * 24 * 3600);
    const again = { status: 409, reason: "already-asked" };
    expect((await ask({ email: "TARO@example.com" })).json()).toMatchObject(again);
    const { ledger } = office.storage;
    expect(await ledger.erase(indexOf(body.email), { actor: "test" })).toEqual({ erased: true });
    expect((await ask()).json()).toMatchObject(again);
  });

  test("refuses whoever has answered already", async () => {
    const grant = { ...body, basis: "consent", method: "web-form" };
    const { ip: _ip, userAgent: _agent, ...payload } = grant;
    await office.app.inject({ method: "POST", url: "/v1/consents", headers: bearer, payload });
    expect((await ask()).json()).toMatchObject({ status: 409, reason: "already-asked" });
  });

  test.each([
    ["any_notice", { method: "phone" }],
    ["written_notice", { evidence: { refusal_on_card: "false" } }],
  ])("asks whoever stands there on %s, and the answer is a consent", async (basis, more) => {
    const { ip: _ip, userAgent: _agent, ...rest } = body;
    const payload = { ...rest, basis, ...more };
    const noted = await office.app.inject({
      method: "POST",
      url: "/v1/consents",
      headers: bearer,
      payload,
    });
    expect(noted.statusCode).toBe(201);
    office.pass(60);
    const answer = await ask();
    expect(answer.statusCode).toBe(202);
    const { path } = await mailOf(answer);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    await office.app.inject({ method: "POST", url: path, headers });
    expect(await events()).toMatchObject([
      { basis },
      { basis: "consent", byPerson: true, evidence: { method: "double-opt-in" } },
    ]);
  });

  test.each([
    [{ email: "no address" }, 400],
    [{ topic: "other" }, 422],
    [{ wording: "" }, 400],
    [{ wording: "こんにちは、{{name}} 様" }, 422],
  ])("says no to %j", async (change, status) => {
    expect((await ask(change)).statusCode).toBe(status);
    expect((await office.storage.queue.counts()).states.waiting).toBe(0);
  });
});

describe("/c/{token}", () => {
  const open = (path: string, method: "GET" | "HEAD" | "POST" = "GET"): Promise<Answer> =>
    office.app.inject({
      method,
      url: path,
      headers: {
        "user-agent": "Browser/2.0",
        ...(method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      },
    });

  test("shows what is asked in both languages, and confirms nothing by being opened", async () => {
    const { path } = await mailOf(await ask());
    const page = await open(path);
    await open(path, "HEAD");
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain(wording);
    expect(page.body).toMatch(/<section lang="ja">[^]*<section lang="en">/);
    expect(page.body.match(/<form method="post">/g)).toHaveLength(2);
    expect(page.body).not.toMatch(/<script|<img|<link|\son\w+=/i);
    expect(await events()).toEqual([]);
  });

  test("opens also where a mail program took the full stop for a part of the link", async () => {
    const { path } = await mailOf(await ask());
    expect((await open(`${path}${encodeURIComponent("。")}`)).body).toContain(wording);
  });

  test("records the person's own consent once, with all that proves it", async () => {
    const asked = await ask();
    const { path } = await mailOf(asked);
    office.pass(3600);
    const [first, second] = await Promise.all([open(path, "POST"), open(path, "POST")]);
    expect([first.statusCode, second.statusCode]).toEqual([200, 200]);
    expect((await open(path, "POST")).statusCode).toBe(200);
    expect(await events()).toMatchObject([
      {
        kind: "granted",
        basis: "consent",
        byPerson: true,
        actor: "recipient",
        messageId: asked.json<{ messageId: string }>().messageId,
        evidence: {
          method: "double-opt-in",
          source: body.source,
          wording,
          policyVersion: body.policyVersion,
          more: {
            asked_from: body.ip,
            asked_with: body.userAgent,
            asked_at: "2026-11-25T00:00:00.000Z",
            confirmed_at: "2026-11-25T01:00:00.000Z",
            confirmed_from: "127.0.0.1",
            confirmed_with: "Browser/2.0",
          },
        },
      },
    ]);
    expect((await open(path)).body).toContain("登録しました");
  });

  const wish = (kind: "withdrawn" | "paused"): ConsentEvent => {
    office.pass(60);
    const at = office.parts.clock();
    const common = { subject: indexOf(body.email), sender: "sample", at, evidence: {} };
    return kind === "paused"
      ? { ...common, kind, topic: "news", until: new Date(at.getTime() + 3_600_000), actor: "test" }
      : { ...common, kind, topic: null, actor: "test" };
  };
  const record = async (event: ConsentEvent): Promise<void> => {
    const address = parseAddress(body.email);
    if (address.kind === "bad") throw new Error(address.problem);
    await office.storage.ledger.recordConsents([{ address: address.value, event }]);
  };
  const suppress = (scope: string): Promise<Answer> =>
    office.app.inject({
      method: "POST",
      url: "/v1/suppressions",
      headers: suppressing,
      payload: { email: body.email, kind: "complaint", scope },
    });
  let suppressing: { readonly authorization: string };
  beforeEach(async () => {
    suppressing = await office.bearer(["suppressions:write"]);
  });

  /** Page and button alike, in both languages. */
  async function says(path: string, what: "stopped" | "confirmed"): Promise<void> {
    for (const method of ["GET", "POST"] as const) {
      const { statusCode, body: page } = await open(path, method);
      expect([statusCode, /<h1>(.*?)<\/h1>[^]*<h1>(.*?)<\/h1>/.exec(page)?.slice(1)]).toEqual([
        200,
        what === "stopped"
          ? ["配信は停止されています", "Mail is stopped"]
          : ["登録しました", "Confirmed"],
      ]);
    }
  }

  test.each([
    ["has opted out", () => record(wish("withdrawn"))],
    ["has paused", () => record(wish("paused"))],
    ["was suppressed for the sender", () => suppress("sender:sample")],
    ["was suppressed for the stream", () => suppress("stream:newsletter")],
  ])(
    "tells who confirmed and %s since that mail is stopped, and grants nothing anew",
    async (_name, stop) => {
      const { path } = await mailOf(await ask());
      await open(path, "POST");
      await says(path, "confirmed");
      await stop();
      const before = await events();
      office.pass(60);
      await says(path, "stopped");
      expect(await events()).toEqual(before);
    },
  );

  test("tells who confirms a suppressed address that mail is stopped", async () => {
    const { path } = await mailOf(await ask());
    await suppress("all");
    expect((await open(path, "POST")).body).toContain("配信は停止されています");
    await says(path, "stopped");
    expect(await events()).toMatchObject([{ kind: "granted", byPerson: true }]);
  });

  test("once a pause has ended, or the person consented anew elsewhere, mail is not stopped", async () => {
    const { path } = await mailOf(await ask());
    await open(path, "POST");
    await record(wish("paused"));
    office.pass(2 * 3600);
    await says(path, "confirmed");
    await record(wish("withdrawn"));
    await says(path, "stopped");
    office.pass(60);
    const { sender, topic } = body;
    const anew = {
      email: body.email,
      sender,
      topic,
      basis: "consent",
      byPerson: true,
      method: "web-form",
      source: body.source,
    };
    await office.app.inject({
      method: "POST",
      url: "/v1/consents",
      headers: bearer,
      payload: anew,
    });
    await says(path, "confirmed");
    expect(await events()).toHaveLength(4); // Only what was recorded above.
  });

  test("a link expires after seven days, and dies with the person's record", async () => {
    const { path } = await mailOf(await ask());
    const other = await mailOf(await ask({ email: "hana@example.com" }));
    const { items } = await office.storage.audit.search({ types: ["Reception"], limit: 10 });
    expect(items).toHaveLength(2);
    await office.storage.ledger.erase(indexOf("hana@example.com"), { actor: "test" });
    expect((await open(other.path, "POST")).statusCode).toBe(404);
    office.pass(7 * 24 * 3600 + 1);
    expect((await open(path)).statusCode).toBe(404);
    expect((await open(path, "POST")).statusCode).toBe(404);
    expect(await events()).toEqual([]);
  });

  test("row 89: answers alike for what is no link of ours", async () => {
    const { path, text } = await mailOf(await ask());
    const optOut = /\/u\/([\w-]+)/.exec(text)?.[1] ?? "";
    const last = path.at(-1) === "A" ? "B" : "A";
    const bad = [`/c/${optOut}`, `${path.slice(0, -1)}${last}`, "/c/x", `/c/${"a".repeat(400)}`];
    const pages = await Promise.all(bad.map((one) => open(one, "POST")));
    expect(new Set(pages.map((page) => `${page.statusCode} ${page.body}`)).size).toBe(1);
    expect(pages[0]?.statusCode).toBe(404);
    expect(await events()).toEqual([]);
  });
});
