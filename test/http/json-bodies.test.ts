// What a JSON body may be made of, whichever route takes it.
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
