// Keys, credentials, held mail and the record over HTTP, on real stores: every act and reading leaves its trace.
import { afterAll, beforeAll, expect, test } from "vitest";

import { createCredential } from "../../src/identity/issue.ts";
import { parseAddress } from "../../src/mail/address.ts";
import { createClient, eventsOf, fieldsOf, type Call } from "../support/http-client.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { domainOf } from "../support/signing-office.ts";

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

test("a key signs only after its record was seen, and every change is on record", async () => {
  const made = await call("POST", "/v1/keys", { domain: "example.jp" });
  const { selector, record } = made.json as {
    selector: string;
    record: { name: string; value: string };
  };
  expect([made.status, made.json["state"], made.json["bits"]]).toEqual([201, "pending", 2048]);
  const path = `/v1/keys/example.jp/${selector}`;
  const early = await call("POST", `${path}/activate`);
  expect([early.status, (early.json["key"] as typeof made.json)["record"]]).toEqual([
    409,
    made.json["record"],
  ]);
  office.zone.set(record.name, [record.value]);
  expect((await call("POST", `${path}/activate`)).json["state"]).toBe("active");
  const retired = await call("POST", `${path}/retire`, { reason: "rotation" });
  expect([retired.json["state"], typeof retired.json["warning"]]).toEqual(["retiring", "string"]);
  expect((await call("POST", `${path}/retire`)).json["state"]).toBe("retired");
  expect((await call("POST", `${path}/retire`)).status).toBe(409);
  expect((await call("POST", "/v1/keys/example.jp/nothing/retire")).status).toBe(404);
  const changes = await eventsOf(call, "KeyChange");
  expect(changes.length).toBe(4);
  for (const { detail } of changes) expect(detail).toMatchObject({ address: "127.0.0.1" });
  const cef = await call("GET", "/v1/exports/audit?type=KeyChange&format=cef");
  const sources = [...cef.body.matchAll(/ src=(\S+)/g)].map(([, source]) => source);
  expect(sources).toEqual(Array.from({ length: 4 }, () => "127.0.0.1")); // a SIEM reads an IP address there
});

test("of several who make a domain's key at once, one is told of it, the others that they were overtaken", async () => {
  const body = { domain: "example.jp", algorithm: "ed25519" };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => call("POST", "/v1/keys", body)),
  );
  const made = answers.filter(({ status }) => status === 201);
  expect(made.length).toBeGreaterThan(0);
  for (const { json } of made)
    await office.storage.keys.privateKey(domainOf("example.jp"), String(json["selector"]));
  for (const { status, json } of answers.filter((answer) => !made.includes(answer)))
    expect([status, json["detail"]]).toEqual([409, expect.stringContaining("at this moment")]);
});

test.each([
  [{ domain: "example.jp", bits: 1024 }, "bits"],
  [{ domain: "elsewhere.example" }, "domain"],
  [{ domain: "example.jp", algorithm: "dsa" }, "algorithm"],
])("key %j is refused", async (body, field) => {
  const answer = await call("POST", "/v1/keys", body);
  expect([answer.status, fieldsOf(answer)[0]]).toEqual([400, field]);
});

test("a list that is short comes in pages for whoever asks for them, whatever changes in between", async () => {
  await using other = await openHttpOffice();
  const ask = createClient(other.app, await other.bearer(["*"]));
  const names = ["a", "b", "c", "d"].map((name) => `paged-${name}`);
  for (const name of names)
    await other.storage.credentials.save(
      {
        ...createCredential({ stream: "newsletter", name, now: other.parts.clock() }).credential,
        username: name,
      },
      "create",
      { actor: "test", at: other.parts.clock() },
    );
  const seen: string[] = [];
  let page = "/v1/credentials?limit=2";
  for (;;) {
    const { json } = await ask("GET", page);
    const items = json["items"] as readonly { readonly username: string }[];
    expect(items.length).toBeLessThanOrEqual(2);
    seen.push(...items.map(({ username }) => username));
    const next = json["next"] as string | null;
    if (next === null) break;
    page = `/v1/credentials?limit=2&cursor=${next}`;
    await ask("POST", "/v1/credentials", { stream: "newsletter", name: "made meanwhile" });
  }
  expect(seen.filter((name) => names.includes(name))).toEqual(names);
  expect(new Set(seen).size).toBe(seen.length);
  expect(fieldsOf(await ask("GET", "/v1/credentials?cursor=MQ"))).toEqual(["cursor"]);
  expect(fieldsOf(await ask("GET", "/v1/tokens?limit=0"))).toEqual(["limit"]);
});

test("a credential is shown once, rotates with an overlap, and ends when revoked", async () => {
  const made = await call("POST", "/v1/credentials", {
    stream: "newsletter",
    name: "MA tool",
    ranges: ["192.0.2.0/24"],
  });
  const { username, password } = made.json as { username: string; password: string };
  const rotated = await call("POST", `/v1/credentials/${username}/rotate`, { overlapSeconds: 60 });
  const listed = await call("GET", "/v1/credentials");
  expect(listed.json).toMatchObject({ items: [{ username, ranges: ["192.0.2.0/24"] }] });
  expect(listed.body).not.toMatch(/hash|secret|password/i);
  expect(listed.body).not.toContain(password);
  expect(String(rotated.json["password"])).not.toBe(password);
  expect((await call("POST", `/v1/credentials/${username}/revoke`)).json).toHaveProperty(
    "revokedAt",
  );
  expect((await call("POST", `/v1/credentials/${username}/rotate`)).status).toBe(409);
  expect((await call("POST", "/v1/credentials/nobody/revoke")).status).toBe(404);
});

test.each([
  [{ stream: "nowhere", name: "x" }, "stream"],
  [{ stream: "newsletter", name: "x", ranges: ["10.0.0.0/99"] }, "ranges"],
  [{ stream: "newsletter", name: "x", expiresAt: "2020-01-01T00:00:00Z" }, "expiresAt"],
  [{ stream: "newsletter" }, "name"],
])("credential %j is refused", async (body, field) => {
  const answer = await call("POST", "/v1/credentials", body);
  expect([answer.status, fieldsOf(answer)[0]]).toEqual([400, field]);
});

test("a held message is read as it came, released once, and seen in its trace", async () => {
  const messageId = await holdMessage("held1");
  const listed = await call("GET", "/v1/held?stream=newsletter");
  const [entry] = listed.json["items"] as { id: string; reason: string }[];
  expect([entry?.reason, (listed.json["items"] as object[]).length]).toEqual(["placeholder", 1]);
  const raw = await call("GET", `/v1/held/${entry?.id}/message`);
  expect([raw.headers["content-type"], raw.headers["x-content-type-options"]]).toEqual([
    "message/rfc822",
    "nosniff",
  ]);
  expect(raw.headers["content-disposition"]).toContain("attachment");
  expect(raw.body).toContain("{{name}}");
  expect((await call("GET", `/v1/held/${entry?.id}`)).json).toHaveProperty("findings");
  expect(
    (await call("POST", `/v1/held/${entry?.id}/release`, { reason: "looked at" })).status,
  ).toBe(200);
  expect((await call("POST", `/v1/held/${entry?.id}/release`)).status).toBe(404);
  const trace = await call("GET", `/v1/messages/${messageId}`);
  const types = (trace.json["events"] as { type: string }[]).map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(["Held", "Released"]));
  const queued = await call("GET", `/v1/queue?messageId=${messageId}`);
  const [recipient] = queued.json["items"] as { id: string; recipient: string; state: string }[];
  expect([recipient?.recipient, recipient?.state]).toEqual(["taro@example.net", "waiting"]);
  for (const [change, status] of [
    ["hold", 200],
    ["release", 200],
    ["retry", 200],
    ["drop", 200],
    ["drop", 409],
    ["retry", 409],
  ] as const)
    expect([change, (await call("POST", `/v1/queue/${recipient?.id}/${change}`)).status]).toEqual([
      change,
      status,
    ]);
  const over = await call("POST", `/v1/queue/${recipient?.id}/hold`);
  expect(over.json["detail"]).toBe(
    "the recipient is dropped, a state to which hold does not apply",
  );
  expect((await call("POST", "/v1/queue/nobody-1/hold")).status).toBe(404);
});

test("a held message that is rejected goes nowhere", async () => {
  const messageId = await holdMessage("held2");
  const listed = await call("GET", "/v1/held");
  const [entry] = listed.json["items"] as { id: string }[];
  expect(
    (await call("POST", `/v1/held/${entry?.id}/reject`, { reason: "template error" })).status,
  ).toBe(200);
  const states = (await call("GET", `/v1/queue?messageId=${messageId}&state=waiting`)).json[
    "items"
  ];
  expect(states).toEqual([]);
});

test("a message is explained for a stream, and nothing else is taken as its body", async () => {
  const rfc822 = { "content-type": "message/rfc822" };
  const message = "From: a@example.jp\r\n\r\nhello\r\n";
  const answer = await call(
    "POST",
    "/v1/explain?stream=newsletter&to=t@example.net&lang=ja",
    message,
    rfc822,
  );
  expect(answer.json).toMatchObject({ decision: "accept", bytes: message.length, findings: [] });
  expect((await call("POST", "/v1/explain?stream=nowhere", message, rfc822)).status).toBe(400);
  const json = await call("POST", "/v1/explain?stream=newsletter", { a: 1 });
  expect([json.status, json.json["detail"]]).toEqual([415, "application/json is not taken here"]);
  const large = "x".repeat(1_000_001);
  const tooLarge = await call("POST", "/v1/explain?stream=newsletter", large, rfc822);
  expect([tooLarge.status, tooLarge.json]).toEqual([
    413,
    expect.objectContaining({
      detail: "the body is larger than is taken here: 1000000 octets",
      remedy: expect.any(String) as unknown,
    }),
  ]);
});

test("readings of personal data are on record with who, whom and how much; without the record nothing is shown", async () => {
  await call("GET", "/v1/suppressions");
  await call("GET", "/v1/consents/reader@example.net");
  const parsed = parseAddress("reader@example.net");
  const subject = parsed.kind === "ok" ? office.indexer.address(parsed.value) : undefined;
  const page = await office.storage.audit.search({
    types: ["Operation"],
    limit: 1000,
    newestFirst: true,
  });
  const reading = page.items.find((event) => event.subject === subject);
  expect(reading).toMatchObject({
    actor: expect.stringMatching(/^token:/) as string,
    detail: { change: "read", what: "consents", from: "127.0.0.1" },
  });
  const lists = (await eventsOf(call, "Export")).map(
    (event) => (event["detail"] as { what: string }).what,
  );
  expect(lists).toEqual(expect.arrayContaining(["suppressions", "held", "queue", "audit"]));
  const closed = await openHttpOffice({
    parts: { audit: { ...office.storage.audit, append: () => Promise.reject(new Error("disk")) } },
  });
  const strong = await closed.bearer(["*"]);
  const answer = await closed.app.inject({ url: "/v1/suppressions", headers: strong });
  await closed[Symbol.asyncDispose]();
  expect(answer.statusCode).toBe(500);
});

test("the whole record verifies", async () => {
  expect((await call("GET", "/v1/audit/verify")).json).toMatchObject({ kind: "intact" });
});

test("neither log nor record holds a secret, a token or an address in a URL", async () => {
  await call("GET", "/v1/suppressions/private@example.net");
  await call("GET", "/v1/consents?email=private@example.net");
  const { credential, password } = createCredential({
    stream: "newsletter",
    name: "x",
    now: new Date(),
  });
  await office.storage.credentials.save(credential, "create", { actor: "test", at: new Date() });
  const log = office.logged();
  expect(log).toContain("/v1/suppressions/:address");
  for (const secret of [
    token.authorization.slice(7),
    password,
    "private@example.net",
    "PRIVATE KEY",
  ])
    expect(log).not.toContain(secret);
});

async function holdMessage(messageId: string): Promise<string> {
  const address = parseAddress("taro@example.net");
  const from = parseAddress("news@example.jp");
  if (address.kind === "bad" || from.kind === "bad") throw new Error("address");
  const at = office.parts.clock();
  const subject = office.indexer.address(address.value);
  await office.storage.queue.accept(
    {
      messageId,
      stream: "newsletter",
      sender: "sample",
      envelope: { mailFrom: from.value, eightBit: false, smtpUtf8: false },
      content: Buffer.from("From: news@example.jp\r\nSubject: hello {{name}}\r\n\r\nbody\r\n"),
      fromDomain: from.value.domain,
      receivedAt: at,
      trace: { helo: "ma.example.jp", protocol: "ESMTPSA" },
      held: { reason: "placeholder", detail: "subject: {{name}}", findings: [] },
    },
    [
      {
        recipientId: `${messageId}-1`,
        address: address.value,
        subject,
        destination: address.value.domain,
      },
    ],
    [
      {
        type: "Held",
        at,
        messageId,
        stream: "newsletter",
        sender: "sample",
        reason: "placeholder",
      },
    ],
  );
  return messageId;
}
