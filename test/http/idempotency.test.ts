// Repeated writes: one act and one answer for each Idempotency-Key, over restarts, between callers, and when cut off.
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

import { expect, test } from "vitest";

import { StorageUnavailable } from "../../src/audit/unavailable.ts";
import { createApp } from "../../src/http/server.ts";
import type { AnswerClaim } from "../../src/identity/kept-answers.ts";
import { claimSeconds, keptSeconds } from "../../src/identity/kept-answers.ts";
import { createToken } from "../../src/identity/issue.ts";
import { createClient } from "../support/http-client.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { accept, submission } from "../support/storage-facts.ts";

const body = { email: "twice@example.net", reason: "asked by phone" };
const keyed = { "idempotency-key": "6f1c2b7e-8a35-4f0e-9c55-2f4f6f0c8f11" };

async function suppressionsOf(office: HttpOffice, email: string): Promise<number> {
  const reader = createClient(office.app, await office.bearer(["suppressions:read"]));
  const answer = await reader("GET", `/v1/suppressions/${email}`);
  return (answer.json["items"] as unknown[]).length;
}

test("a repeated write gets the first answer, status included, also from a gateway that was restarted", async () => {
  await using office = await openHttpOffice();
  const token = await office.bearer(["suppressions:write"]);
  const first = await createClient(office.app, token)("POST", "/v1/suppressions", body, keyed);
  expect(first.status).toBe(201);
  office.pass(60);
  const restarted = await createApp(office.settings, office.parts);
  try {
    const again = await createClient(restarted, token)("POST", "/v1/suppressions", body, keyed);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect(first.headers["idempotency-replayed"]).toBeUndefined();
  } finally {
    await restarted.close();
  }
});

test("a refusal is an answer too: the same key does not do later what was refused before", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["suppressions:write"]));
  const url = "/v1/suppressions/late@example.net?scope=all&reason=mistake";
  expect((await call("DELETE", url, undefined, keyed)).status).toBe(404);
  await call("POST", "/v1/suppressions", { email: "late@example.net" });
  expect((await call("DELETE", url, undefined, keyed)).status).toBe(404);
  expect(await suppressionsOf(office, "late@example.net")).toBe(1);
});

test("a key longer than the schema of the header allows is 400, and nothing is done", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["suppressions:write"]));
  const long = { "idempotency-key": "k".repeat(2049) };
  const answer = await call("POST", "/v1/suppressions", body, long);
  expect([answer.status, answer.json["errors"]]).toEqual([
    400,
    [{ field: "idempotency-key", problem: expect.stringMatching(/2048/) as string }],
  ]);
  expect(await suppressionsOf(office, body.email)).toBe(0);
});

test("the same key with another body, path or If-Match is 422; of another caller or route it is another key", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["suppressions:write"]));
  await call("POST", "/v1/suppressions", body, keyed);
  const other = await call("POST", "/v1/suppressions", { email: "b@example.net" }, keyed);
  expect([other.status, other.json["detail"]]).toEqual([422, expect.stringMatching(/another/)]);
  const matched = await call("POST", "/v1/suppressions", body, { ...keyed, "if-match": "*" });
  expect(matched.status).not.toBe(201);
  const stranger = createClient(office.app, await office.bearer(["suppressions:write"]));
  const theirs = await stranger("POST", "/v1/suppressions", body, keyed);
  expect([theirs.status, theirs.headers["idempotency-replayed"]]).toEqual([201, undefined]);
  const lifted = await call(
    "DELETE",
    `/v1/suppressions/${body.email}?scope=all&reason=over`,
    undefined,
    keyed,
  );
  expect(lifted.status).toBe(200);
});

test("of two at the same time one is done and the other told to wait", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["credentials:write"]));
  const made = { stream: "newsletter", name: "MA tool" };
  const both = await Promise.all([1, 2, 3].map(() => call("POST", "/v1/credentials", made, keyed)));
  const statuses = both.map(({ status }) => status);
  // Whoever comes behind the answer gets the answer; whoever comes before it is told that it is under way.
  expect(statuses).toContain(201);
  expect(new Set(both.filter(({ status }) => status === 201).map((each) => each.body)).size).toBe(
    1,
  );
  expect(statuses.filter((status) => status !== 201).every((status) => status === 409)).toBe(true);
  expect(await office.storage.credentials.list()).toHaveLength(1);
});

test("a request that is under way is told of, one that was cut off too, and neither is done twice", async () => {
  await using office = await openHttpOffice();
  const token = await office.bearer(["suppressions:write"]);
  const call = createClient(office.app, token);
  let claimed: AnswerClaim | undefined;
  const app = await createApp(office.settings, {
    ...office.parts,
    answers: {
      ...bound(office),
      claim: (claim) => {
        claimed = claim;
        return office.storage.answers.claim(claim);
      },
      keep: () => Promise.reject(new StorageUnavailable("closed", "cut off")),
    },
  });
  try {
    // The act is done; the process dies before its answer is kept.
    expect((await createClient(app, token)("POST", "/v1/suppressions", body, keyed)).status).toBe(
      201,
    );
  } finally {
    await app.close();
  }
  expect(claimed?.route).toBe("POST /v1/suppressions");
  const soon = await call("POST", "/v1/suppressions", body, keyed);
  expect([soon.status, soon.json["detail"]]).toEqual([409, expect.stringMatching(/under way/)]);
  office.pass(claimSeconds);
  const late = await call("POST", "/v1/suppressions", body, keyed);
  expect([late.status, late.json["detail"]]).toEqual([409, expect.stringMatching(/not on record/)]);
  expect(late.json["remedy"]).toMatch(/new key/);
});

test("what could not be done just now may be asked for again with the same key", async () => {
  await using office = await openHttpOffice();
  const token = await office.bearer(["suppressions:write"]);
  const { ledger } = office.storage;
  const app = await createApp(office.settings, {
    ...office.parts,
    ledger: Object.assign(Object.create(ledger) as typeof ledger, {
      suppress: () => Promise.reject(new StorageUnavailable("full", "no room")),
    }),
  });
  try {
    expect((await createClient(app, token)("POST", "/v1/suppressions", body, keyed)).status).toBe(
      503,
    );
  } finally {
    await app.close();
  }
  const again = await createClient(office.app, token)("POST", "/v1/suppressions", body, keyed);
  expect(again.status).toBe(201);
});

test("a day later the key is free again", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["suppressions:write"]));
  await call("POST", "/v1/suppressions", body, keyed);
  office.pass(keptSeconds);
  const later = await call("POST", "/v1/suppressions", { ...body, reason: "anew" }, keyed);
  expect([later.status, later.headers["idempotency-replayed"]]).toEqual([201, undefined]);
});

test("a token is shown again to whoever repeats the request, and stands in no file", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["tokens:write", "held:read"]));
  const wanted = { name: "CRM", scopes: ["held:read"] };
  const first = await call("POST", "/v1/tokens", wanted, keyed);
  const again = await call("POST", "/v1/tokens", wanted, keyed);
  const token = String(first.json["token"]);
  expect(again.json["token"]).toBe(token);
  expect(await office.storage.tokens.list()).toHaveLength(2);
  const files = readdirSync(office.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`));
  expect(files.some((bytes) => bytes.includes(Buffer.from("CRM")))).toBe(true);
  expect(dirname(office.directory)).not.toBe("/");
  for (const bytes of files) {
    expect(bytes.includes(Buffer.from(token))).toBe(false);
    expect(bytes.includes(Buffer.from(keyed["idempotency-key"]))).toBe(false);
  }
});

/** Methods of a class as plain values. */
function bound({ storage }: HttpOffice): HttpOffice["storage"]["answers"] {
  const { answers } = storage;
  return {
    claim: (claim) => answers.claim(claim),
    keep: (claim, answer) => answers.keep(claim, answer),
    release: (claim) => answers.release(claim),
  };
}

test.each(["release", "reject"])(
  "a repeated %s of a held message gets the first answer, also for a caller limited to its sender",
  async (verdict) => {
    await using office = await openHttpOffice();
    const made = createToken({
      name: "limited",
      scopes: ["held:write"],
      senders: ["sample"],
      now: office.parts.clock(),
    });
    const act = { actor: "test", at: office.parts.clock() };
    await office.storage.tokens.save(made.token, "create", act);
    const call = createClient(office.app, { authorization: `Bearer ${made.text}` });
    const held = { reason: "judge-timeout", detail: "", findings: [] } as const;
    const id = await accept(office.storage, submission(["a@example.net"], { held }));
    const url = `/v1/held/${id}/${verdict}`;
    const first = await call("POST", url, {}, keyed);
    expect(first.status).toBe(200);
    const again = await call("POST", url, {}, keyed);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(again.headers["idempotency-replayed"]).toBe("true");
    // Without the key, and with another one, it is gone.
    expect((await call("POST", url, {})).status).toBe(404);
    expect((await call("POST", url, {}, { "idempotency-key": "another" })).status).toBe(404);
  },
);
