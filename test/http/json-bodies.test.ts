// What a JSON body may be made of, whichever route takes it.
import { gzipSync } from "node:zlib";

import iconv from "iconv-lite";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createClient, fieldsOf, type Answer, type Call } from "../support/http-client.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { listApiRoutes } from "../support/http-routes.ts";

let office: HttpOffice;
let call: Call;
let authorization: { readonly authorization: string };
beforeAll(async () => {
  office = await openHttpOffice();
  authorization = await office.bearer(["*"]);
  call = createClient(office.app, authorization);
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

const routes = (await listApiRoutes()).filter(
  ({ headers }) => headers["content-type"] === "application/json",
);
const json = { "content-type": "application/json" };
const lines = { "content-type": "application/x-ndjson" };
const grant = {
  email: "taro@example.net",
  sender: "sample",
  topic: "news",
  basis: "consent",
  grantedAt: "2026-11-01T09:00:00+09:00",
  method: "web-form",
  source: "https://www.example.jp/signup",
  wording: "お知らせを受け取ります。",
};
const withdrawal = '{"email":"taro@example.net","sender":"sample","topic":"news"';

async function isAsBefore(): Promise<void> {
  expect(await office.storage.audit.verify()).toMatchObject({ kind: "intact" });
  expect((await office.storage.ledger.listConsents({ limit: 10 })).items).toEqual([]);
}

test.each(routes)("$method $pattern takes no half of a character", async ({ method, url }) => {
  const payload = '{"reason":"\\ud800"}';
  const answer = await office.app.inject({
    method,
    url,
    headers: { ...authorization, ...json },
    payload,
  });
  expect([answer.statusCode, answer.json()]).toMatchObject([
    400,
    { errors: [{ field: "reason", problem: expect.stringContaining("RFC 8259") as string }] },
  ]);
});

test.each([
  ["a value", `${withdrawal},"method":"bad\\ud800"}`, "method"],
  ["the second half alone", `${withdrawal},"method":"\\uDC00"}`, "method"],
  ["the same in small letters", `${withdrawal},"method":"\\udc00"}`, "method"],
  ["halves in the wrong order", `${withdrawal},"method":"\\ude00\\ud83d"}`, "method"],
  ["a value inside", `${withdrawal},"evidence":{"a":"\\ud800"}}`, "evidence.a"],
  ["a key inside", `${withdrawal},"evidence":{"x\\ud800":"a"}}`, "evidence.x\ufffd"],
  ["an entry of a list", `[1,["\\ud800"]]`, "1.0"],
  ["the body itself", `"\\ud800"`, "body"],
])("%s that is not well-formed is named, and nothing is recorded", async (_name, body, field) => {
  const answer = await call("POST", "/v1/consents/withdrawals", body, json);
  expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
  await isAsBefore();
});

test("a line of NDJSON that is not well-formed is named, and nothing is recorded", async () => {
  const bad = JSON.stringify({ ...grant, wording: "bad\ud800" });
  const answer = await call("POST", "/v1/consents", `${JSON.stringify(grant)}\n${bad}\n`, lines);
  expect([answer.status, fieldsOf(answer)]).toEqual([422, ["line 2: wording"]]);
  await isAsBefore();
});

test("a character that is written as an escaped pair is one", async () => {
  const escaped = JSON.stringify({ ...grant, email: "hana@example.net" }).replace(
    '"web-form"',
    '"\\ud83d\\ude00"',
  );
  expect((await call("POST", "/v1/consents", escaped, json)).status).toBe(201);
  const shown: Answer = await call("GET", "/v1/consents/hana@example.net");
  expect(shown.body).toContain('"method":"😀"');
});

const written = (email: string): string => JSON.stringify({ ...grant, email });
const ofType = (type: string): Readonly<Record<string, string>> => ({ "content-type": type });

async function send(
  body: string | Buffer,
  type: string,
): Promise<Awaited<ReturnType<typeof office.app.inject>>> {
  return office.app.inject({
    method: "POST",
    url: "/v1/consents",
    headers: { ...authorization, ...ofType(type) },
    payload: body,
  });
}

test.each([
  ["application/json", "shift_jis"],
  ["application/json", "utf16-le"],
  ["application/json; charset=utf-8", "euc-jp"],
  ["application/x-ndjson", "shift_jis"],
])("%s whose octets are %s is refused, and nothing is recorded", async (type, charset) => {
  const answer = await send(iconv.encode(written("sjis@example.net"), charset), type);
  expect([answer.statusCode, answer.json()]).toMatchObject([
    400,
    { detail: "the body is not UTF-8", remedy: expect.stringContaining("RFC 8259") as string },
  ]);
  expect(await eventsOf("sjis@example.net")).toEqual([]);
});

test.each([
  "application/json; charset=shift_jis",
  'application/json; charset="Shift_JIS"',
  "application/json;charset=utf-16",
  "application/x-ndjson; charset=cp932",
  "application/json; charset=utf-8; charset=euc-jp",
])("%s is refused with the remedy, before the body is looked at", async (type) => {
  const answer = await send(written("label@example.net"), type);
  expect([answer.statusCode, answer.json()]).toMatchObject([
    415,
    { remedy: "Send the body as UTF-8, with charset=utf-8 or without a charset." },
  ]);
  expect(await eventsOf("label@example.net")).toEqual([]);
});

test.each([
  "application/json; charset=utf-8",
  'application/json; charset="UTF-8"',
  "application/json; Charset=utf8",
  "application/x-ndjson; charset=utf-8",
])("%s is taken, and one byte order mark at the start with it", async (type) => {
  office.pass(1);
  const email = `mark${office.parts.clock().getTime()}@example.net`;
  expect((await send(`\ufeff${written(email)}`, type)).statusCode).toBe(201);
  expect(await eventsOf(email)).toMatchObject([{ evidence: { wording: grant.wording } }]);
});

async function eventsOf(email: string): Promise<readonly object[]> {
  const { json: person } = await call("GET", `/v1/consents/${email}`);
  return person["events"] as readonly object[];
}

test.each(["  ", "a\u0000b", "two\nlines", "\u202etxt.loot", "\u2067x", ""])(
  "a token or credential cannot be called %j",
  async (name) => {
    for (const [url, more] of [
      ["/v1/tokens", { scopes: ["keys:read"] }],
      ["/v1/credentials", { stream: "newsletter" }],
    ] as const) {
      const answer = await call("POST", url, { name, ...more });
      expect([answer.status, fieldsOf(answer)]).toEqual([400, ["name"]]);
    }
  },
);

test("a name may be in any script", async () => {
  const name = "顧客管理 (CRM) – اختبار 👨‍👩‍👧";
  const made = await call("POST", "/v1/tokens", { name, scopes: ["keys:read"] });
  expect([made.status, made.json["name"]]).toEqual([201, name]);
});

test.each([
  ['{"email":"a@example.net",}', "the body is not valid JSON, from character 26 on"],
  ['{"email":"a@example', "the body is not valid JSON"],
  ["email=a@example.net", "the body is not valid JSON"],
  ['{"email":"a@example.net","__proto__":{}}', "__proto__ is not a field of any request"],
])("%s is told what is wrong with it", async (payload, detail) => {
  const headers = { ...authorization, ...json };
  const url = "/v1/suppressions";
  const answer = await office.app.inject({ method: "POST", url, headers, payload });
  expect([answer.statusCode, answer.json()]).toMatchObject([
    400,
    { detail: expect.stringContaining(detail) as string },
  ]);
  expect(answer.json()).toSatisfy((body: object) => "remedy" in body || "errors" in body);
});

test.each([
  ["application/json", "/v1/consents", JSON.stringify(grant)],
  ["application/x-ndjson", "/v1/consents", JSON.stringify(grant)],
  ["message/rfc822", "/v1/explain?stream=newsletter", "Subject: x\r\n\r\nx\r\n"],
])("%s in gzip is refused, and not read as what it is not", async (type, url, text) => {
  const coded = { "content-type": type, "content-encoding": "gzip" };
  const answer = await office.app.inject({
    method: "POST",
    url,
    headers: { ...authorization, ...coded },
    payload: gzipSync(text),
  });
  expect([answer.statusCode, answer.headers["accept-encoding"]]).toEqual([415, "identity"]);
  expect(answer.json()).toMatchObject({
    remedy: "Send the body as it is, without Content-Encoding.",
  });
  const plain = { ...coded, "content-encoding": "identity" };
  const asItIs = await office.app.inject({
    method: "POST",
    url: url.replace("consents", "consents/withdrawals"), // not to record one
    headers: { ...authorization, ...plain },
    payload: text,
  });
  expect(asItIs.body).not.toContain("content coding");
});
