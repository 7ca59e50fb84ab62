// Suppressions and consents over HTTP, on real stores.
import { afterAll, beforeAll, expect, test } from "vitest";

import { StorageUnavailable } from "../../src/audit/unavailable.ts";
import { createClient, eventsOf, fieldsOf, type Call } from "../support/http-client.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";

let office: HttpOffice;
let token: { readonly authorization: string };
let call: Call;
beforeAll(async () => {
  office = await openHttpOffice();
  token = await office.bearer(["*"]);
  call = createClient(office.app, token);
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

test("a suppression is added, found by its address, listed, and lifted with a reason that the log keeps", async () => {
  const added = await call("POST", "/v1/suppressions", {
    email: "a@example.net",
    reason: "asked by phone",
  });
  expect([added.status, added.json["email"], added.json["scope"]]).toEqual([
    201,
    "a@example.net",
    "all",
  ]);
  const found = await call("GET", "/v1/suppressions/A%40example.net");
  expect(found.json).toMatchObject({
    items: [{ email: "a@example.net", kind: "manual", active: true }],
    next: null,
  });
  const listed = await call("GET", "/v1/suppressions?kind=manual&scope=all");
  expect(listed.json["items"]).toHaveLength(1);
  expect((await call("DELETE", "/v1/suppressions/a@example.net?scope=all")).status).toBe(400);
  const lifted = await call("DELETE", "/v1/suppressions/a@example.net?scope=all&reason=mistake");
  expect(lifted.json["removed"]).toHaveLength(1);
  expect(
    (await call("DELETE", "/v1/suppressions/a@example.net?scope=all&reason=again")).status,
  ).toBe(404);
  const changes = (await eventsOf(call, "Suppression")).map((event) => event["actor"]);
  expect(changes).toHaveLength(2);
  expect(new Set(changes).size).toBe(1);
});

test("a reason of blanks, and an end that is past, are named, and nothing is done", async () => {
  const email = "blank@example.net";
  const refused = [
    await call("POST", "/v1/suppressions", { email, reason: " \u3000" }),
    await call("POST", "/v1/suppressions", { email, expiresAt: "2026-11-01T00:00:00Z" }),
    await call("DELETE", `/v1/suppressions/${email}?scope=all&reason=%20`),
    await call("DELETE", `/v1/suppressions/${email}?scope=everybody&reason=x`),
  ];
  expect(refused.map(({ status, json }) => [status, json["detail"]])).toEqual([
    [400, "reason is empty"],
    [400, "expiresAt has passed already"],
    [400, "reason is empty"],
    [400, "scope must be all, sender:ID or stream:ID"],
  ]);
  expect((await call("GET", `/v1/suppressions/${email}`)).json["items"]).toEqual([]);
});

test("the suppression of a domain is found by any address in it", async () => {
  await call("POST", "/v1/suppressions", { domain: "closed.example", scope: "sender:sample" });
  const found = await call("GET", "/v1/suppressions/anyone@closed.example");
  expect(found.json).toMatchObject({
    items: [{ domain: "closed.example", scope: "sender:sample" }],
  });
});

test("a withdrawal of now outlasts a grant dated ahead; one that is dated keeps its time", async () => {
  const stop = { email: "ahead@example.net", sender: "sample", topic: "news" };
  const now = office.parts.clock().getTime();
  const grantedAt = new Date(now + 100_000).toISOString();
  const proof = { basis: "consent", method: "web-form", source: "https://example.jp/form" };
  await call("POST", "/v1/consents", { ...stop, ...proof, grantedAt, byPerson: true });
  const dated = { ...stop, at: new Date(now).toISOString() };
  const standing = async (): Promise<unknown> =>
    (await call("GET", "/v1/consents/ahead@example.net")).json["standings"];
  await call("POST", "/v1/consents/withdrawals", dated);
  office.pass(105);
  expect(await standing()).toMatchObject([{ standing: "granted" }]);
  await call("POST", "/v1/consents", {
    ...stop,
    ...proof,
    grantedAt: new Date(now + 300_000).toISOString(),
    byPerson: true,
  });
  expect((await call("POST", "/v1/consents/withdrawals", stop)).json).toEqual({
    recorded: 1,
    known: 0,
  });
  office.pass(300);
  const since = new Date(now + 300_000).toISOString();
  expect(await standing()).toEqual([
    { sender: "sample", topic: "news", standing: "withdrawn", since, scope: "topic" },
  ]);
});

test.each([
  [{}, "email"],
  [{ email: "a@example.net", domain: "example.net" }, "email"],
  [{ email: "nonsense" }, "email"],
  [{ domain: "a@example.net" }, "domain"],
  [{ email: "a@example.net", scope: "stream:nowhere" }, "scope"],
  [{ email: "a@example.net", kind: "bad" }, "kind"],
  [{ email: "a@example.net", expiresAt: "tomorrow" }, "expiresAt"],
  [{ email: "a@example.net", unknown: 1 }, "unknown"],
])("a wrong suppression %j is refused by the name of its field", async (body, field) => {
  const answer = await call("POST", "/v1/suppressions", body);
  expect([answer.status, fieldsOf(answer)[0]]).toEqual([400, field]);
});

test("lists go on by cursor until next is null, and a foreign cursor is refused", async () => {
  for (let count = 0; count < 5; count += 1)
    await call("POST", "/v1/suppressions", { email: `page${count}@example.net`, kind: "import" });
  const seen: unknown[] = [];
  let next: unknown = null;
  let pages = 0;
  do {
    const cursor = typeof next === "string" ? `&cursor=${next}` : "";
    const { json } = await call("GET", `/v1/suppressions?kind=import&limit=2${cursor}`);
    seen.push(...(json["items"] as object[]));
    ({ next } = json);
    pages += 1;
  } while (next !== null && pages < 10);
  expect([seen.length, pages]).toEqual([5, 3]);
  expect((await call("GET", "/v1/suppressions?cursor=AAAA")).status).toBe(400);
});

const grant = {
  email: "taro@example.net",
  sender: "sample",
  topic: "news",
  basis: "consent",
  method: "web-form",
  source: "https://www.example.jp/join",
};

test("a consent is recorded and shown as a standing; a withdrawal ends it", async () => {
  expect((await call("POST", "/v1/consents", grant)).json).toEqual({ recorded: 1, known: 0 });
  const shown = await call("GET", "/v1/consents/taro@example.net");
  expect(shown.json).toMatchObject({
    email: "taro@example.net",
    standings: [{ sender: "sample", topic: "news", standing: "granted", basis: "consent" }],
    events: [{ kind: "granted", evidence: { method: "web-form" } }],
  });
  office.pass(60);
  const stop = { email: "taro@example.net", sender: "sample" };
  expect((await call("POST", "/v1/consents/withdrawals", stop)).status).toBe(201);
  const after = await call("GET", "/v1/consents/taro@example.net");
  expect(after.json["standings"]).toMatchObject([{ topic: "news", standing: "withdrawn" }]);
  const byEmail = await call("GET", "/v1/consents?email=taro%40example.net");
  expect(byEmail.json["items"]).toHaveLength(2);
});

test.each([
  [{ ...grant, sender: "nobody" }, 422, "sender"],
  [{ ...grant, topic: "nothing" }, 422, "topic"],
  [{ ...grant, email: "nonsense" }, 422, "email"],
  [{ ...grant, grantedAt: "2099-01-01T00:00:00Z" }, 422, "grantedAt"],
  [{ ...grant, basis: "hearsay" }, 400, "basis"],
  [{ ...grant, evidence: { a: { b: 1 } } }, 400, "evidence.a"],
])("a wrong consent %# is refused by the name of its field", async (body, status, field) => {
  const answer = await call("POST", "/v1/consents", body);
  expect([answer.status, fieldsOf(answer)[0]]).toEqual([status, field]);
});

test("a card number or My Number in the evidence is refused, and shown nowhere", async () => {
  for (const number of ["4111 1111 1111 1111", "123456789018"]) {
    const evidence = { customer: number };
    const answer = await call("POST", "/v1/consents", { ...grant, evidence });
    expect(fieldsOf(answer)).toEqual(["evidence.customer"]);
    expect(answer.body).not.toContain(number);
  }
});

function line(name: string): string {
  return JSON.stringify({
    ...grant,
    email: `${name}@example.net`,
    grantedAt: "2026-01-01T00:00:00Z",
  });
}
const ndjson = { "content-type": "application/x-ndjson" };

test("many consents are recorded at once, and a repetition records only what is new", async () => {
  const first = await call("POST", "/v1/consents", `${line("m1")}\r\n${line("m2")}\n`, ndjson);
  expect(first.json).toEqual({ recorded: 2, known: 0 });
  const second = await call("POST", "/v1/consents", `${line("m2")}\n${line("m3")}`, ndjson);
  expect(second.json).toEqual({ recorded: 1, known: 1 });
});

test("blank lines are none, and what is wrong in a line is told as in a body of one", async () => {
  const body = `\r\n${line("b1")}\r\n \r\n${line("b2")}\r\n\r\n`;
  expect((await call("POST", "/v1/consents", body, ndjson)).json).toEqual({
    recorded: 2,
    known: 0,
  });
  const wrong = `\n{"grantedAt":"2026-01-01T00:00:00Z","email":"b3@example.net","mail":1,"basis":"hope"}`;
  const answer = await call("POST", "/v1/consents", wrong, ndjson);
  expect([answer.status, answer.json["errors"]]).toEqual([
    422,
    expect.arrayContaining([
      { field: "line 2: sender", problem: "is missing" },
      { field: "line 2: mail", problem: "is not a field of this request" },
      {
        field: "line 2: basis",
        problem: expect.stringMatching(/^must be one of consent, /) as unknown,
      },
    ]),
  ]);
  expect(answer.body).not.toContain("schema is false");
});

test("one wrong line of many leaves all of them out, and is named", async () => {
  const body = [
    line("n1"),
    "{oops",
    JSON.stringify({ ...grant, email: "x@example.net" }),
    '{"email":1}',
  ].join("\n");
  const answer = await call("POST", "/v1/consents", body, ndjson);
  expect(answer.status).toBe(422);
  const fields = fieldsOf(answer).map((field) => field.slice(0, 7));
  expect([...new Set(fields)]).toEqual(["line 2:", "line 3:", "line 4:"]);
  expect((await call("GET", "/v1/consents/n1@example.net")).json["events"]).toEqual([]);
});

test("a repeated write with the same Idempotency-Key gets the first answer and does nothing", async () => {
  const key = { "idempotency-key": "abc" };
  const body = { ...grant, email: "once@example.net" };
  const first = await call("POST", "/v1/consents", body, key);
  office.pass(5);
  const second = await call("POST", "/v1/consents", body, key);
  expect(second.body).toBe(first.body);
  expect(second.headers["idempotency-replayed"]).toBe("true");
  expect((await call("GET", "/v1/consents/once@example.net")).json["events"]).toHaveLength(1);
  const other = await call("POST", "/v1/consents", { ...body, email: "other@example.net" }, key);
  expect(other.status).toBe(422);
  expect((await call("POST", "/v1/consents", body, { "idempotency-key": "a b" })).status).toBe(400);
});

test("many lines are recorded in short transactions, and what a failing store left out can be sent again", async () => {
  await using office = await openHttpOffice();
  const { ledger } = office.storage;
  const recordConsents = ledger.recordConsents.bind(ledger);
  const sizes: number[] = [];
  Object.assign(ledger, {
    recordConsents: (consents: Parameters<typeof recordConsents>[0]) => {
      sizes.push(consents.length);
      return sizes.length === 3
        ? Promise.reject(new StorageUnavailable("full", "no room"))
        : recordConsents(consents);
    },
  });
  const send = createClient(office.app, await office.bearer(["consents:write"]));
  const lines = Array.from({ length: 1700 }, (_each, n) => line(`p${n}`)).join("\n");
  const failed = await send("POST", "/v1/consents", lines, ndjson);
  expect([failed.status, failed.json["detail"]]).toEqual([
    503,
    expect.stringContaining("the first 1000 lines are on record"),
  ]);
  const again = await send("POST", "/v1/consents", lines, ndjson);
  expect([again.status, again.json]).toEqual([201, { recorded: 700, known: 1000 }]);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
});
