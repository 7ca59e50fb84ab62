// threats.md row 56: an opt-out that meets a database which another process holds waits for it and is not refused.
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import Database from "better-sqlite3";
import { expect, test } from "vitest";

import { createTokens } from "../../src/consent/token.ts";
import { createDesk } from "../../src/feedback/desk.ts";
import { createOptOutDesk } from "../../src/feedback/opt-out-desk.ts";
import { createApp } from "../../src/http/server.ts";
import { createMessageId } from "../../src/mail/message-id.ts";
import { createClient } from "../support/http-client.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { address } from "../support/memory-stores.ts";

const heldMilliseconds = 500; // the gateway's writer itself waits for 200

/** Holds the database's lock, as an importer does; lets it go by itself. Resolves when it has. */
function holdLock(office: HttpOffice): Promise<void> {
  const other = new Database(join(office.directory, "data", "sekisho.db"));
  other.exec("BEGIN IMMEDIATE");
  return new Promise((resolve) => {
    setTimeout(() => {
      other.exec("ROLLBACK");
      other.close();
      resolve();
    }, heldMilliseconds);
  });
}

async function grant(office: HttpOffice, email: string): Promise<void> {
  const to = address(email);
  const event = {
    kind: "granted",
    subject: office.indexer.address(to),
    sender: "sample",
    topic: "news",
    basis: "consent",
    byPerson: true,
    at: office.parts.clock(),
    evidence: {},
    actor: "test",
  } as const;
  await office.storage.ledger.recordConsents([{ address: to, event }]);
  office.pass(60);
}

async function standing(office: HttpOffice, email: string): Promise<string> {
  const to = address(email);
  const record = await office.storage.ledger.lookUp({
    subject: office.indexer.address(to),
    domain: office.indexer.domain(to.domain),
    sender: "sample",
    stream: "newsletter",
    topic: "news",
    now: office.parts.clock(),
  });
  return record.standing.kind;
}

test("row 56: a one-click POST that meets a held lock is recorded, with its line in the log", async () => {
  await using office = await openHttpOffice({ role: "gateway" });
  const { ledger, audit } = office.storage;
  const tokens = createTokens(randomBytes(32));
  const optOut = createOptOutDesk({
    tokens,
    known: () => [{ sender: "sample", topic: "news" }],
    desk: createDesk({ ledger, audit }),
    clock: office.parts.clock,
  });
  const app = await createApp(office.settings, { ...office.parts, optOut });
  try {
    await grant(office, "hanako@example.net");
    const token = tokens.issue({
      subject: office.indexer.address(address("hanako@example.net")),
      sender: "sample",
      topic: "news",
      messageId: createMessageId(office.parts.clock()),
    });
    const released = holdLock(office);
    const answer = await app.inject({
      method: "POST",
      url: `/u/${token}`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      payload: "List-Unsubscribe=One-Click",
    });
    expect(answer.statusCode).toBe(200);
    await released;
    expect(await standing(office, "hanako@example.net")).toBe("withdrawn");
    const { items } = await audit.search({ types: ["Unsubscribe"], limit: 10 });
    expect(items).toHaveLength(1);
  } finally {
    await app.close();
  }
});

test("row 56: a withdrawal and a suppression by HTTP that meet a held lock are recorded, each once", async () => {
  await using office = await openHttpOffice({ role: "gateway" });
  const call = createClient(
    office.app,
    await office.bearer(["consents:write", "suppressions:write", "suppressions:read"]),
  );
  await grant(office, "taro@example.net");
  const first = holdLock(office);
  const withdrawn = await call(
    "POST",
    "/v1/consents/withdrawals",
    { email: "taro@example.net", sender: "sample", topic: "news" },
    { "idempotency-key": "wish-1" },
  );
  expect([withdrawn.status, withdrawn.json["recorded"]]).toEqual([201, 1]);
  await first;
  expect(await standing(office, "taro@example.net")).toBe("withdrawn");

  const second = holdLock(office);
  const suppressed = await call("POST", "/v1/suppressions", { email: "jiro@example.net" });
  expect(suppressed.status).toBe(201);
  await second;
  const { json } = await call("GET", "/v1/suppressions/jiro@example.net");
  expect(json["items"]).toHaveLength(1);
});
