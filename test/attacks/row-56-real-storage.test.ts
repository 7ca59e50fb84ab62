// The whole way in on the real store: consent looked up, message judged, durable, and told what happened.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadSecrets } from "../../src/config/secrets.ts";
import { createIndexer } from "../../src/consent/address-index.ts";
import { createJudge } from "../../src/intake/judge.ts";
import { openStorage, type Storage } from "../../src/storage/open.ts";
import { address } from "../support/memory-stores.ts";
import { dial } from "../support/raw-client.ts";
import { makeStream, startSmtpGateway } from "../support/smtp-gateway.ts";

let folder: string;
let storage: Storage;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sekisho-intake-"));
  storage = await openStorage({
    url: "sqlite:sekisho.db",
    dataDir: folder,
    keysDir: join(folder, "keys"),
    secrets: loadSecrets(join(folder, "master.key"), {}),
    role: "gateway",
  });
});

afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

describe("on the real store", () => {
  test("row 56: consent decides at RCPT, what is accepted is in the queue, and each no is in the log", async () => {
    const indexer = createIndexer(loadSecrets(join(folder, "master.key"), {}).index);
    const taro = address("taro@example.net");
    await storage.ledger.recordConsents([
      {
        address: taro,
        event: {
          kind: "granted",
          subject: indexer.address(taro),
          sender: "sample",
          topic: "news",
          basis: "consent",
          byPerson: true,
          at: new Date(0),
          evidence: { method: "web-form" },
          actor: "test",
        },
      },
    ]);
    await using judge = createJudge({ threads: 1 });
    await using gateway = await startSmtpGateway({
      intake: {
        ...storage,
        indexer,
        judge,
        streams: [makeStream({ class: "marketing", topic: "news" })],
      },
    });
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    await client.command("MAIL FROM:<news@example.jp>");
    expect(await client.command("RCPT TO:<hanako@example.net>")).toMatch(
      /^550 5\.7\.1 no-consent: /,
    );
    expect(await client.command("RCPT TO:<taro@example.net>")).toMatch(/^250/);
    await client.command("DATA");
    await client.write(
      "From: news@example.jp\r\nTo: taro@example.net\r\nSubject: hello\r\nDate: Mon, 1 Jun 2026 09:00:00 +0900\r\nMessage-ID: <1@example.jp>\r\n\r\nhello\r\n.\r\n",
    );
    const reply = await client.reply();
    const id = /^250 2\.0\.0 accepted id=(\S+)$/.exec(reply)?.[1] ?? "";
    client.end();
    const queued = await storage.queue.list({ messageId: id, limit: 10 });
    expect(queued.items.map(({ recipient, state }) => ({ recipient, state }))).toEqual([
      { recipient: "taro@example.net", state: "waiting" },
    ]);
    expect((await storage.queue.content(id))?.toString()).toContain("Subject: hello\r\n");
    const log = await storage.audit.search({ messageId: id, limit: 10 });
    expect(log.items.map(({ type, reason, recipient }) => ({ type, reason, recipient }))).toEqual([
      { type: "Refusal", reason: "no-consent", recipient: "hanako@example.net" },
      { type: "Reception", reason: undefined, recipient: undefined },
    ]);
    expect(await storage.audit.verify()).toMatchObject({ kind: "intact" });
  });

  test("row 56: while another process holds the database, mail is 451 and goes again afterwards", async () => {
    await using gateway = await startSmtpGateway({ intake: { ...storage } });
    const client = await dial(gateway.port);
    await client.command("EHLO x");
    const send = async (): Promise<string> => {
      await client.command("MAIL FROM:<a@example.jp>");
      await client.command("RCPT TO:<b@example.net>");
      await client.command("DATA");
      await client.write("From: a@example.jp\r\n\r\nx\r\n.\r\n");
      return client.reply();
    };
    const other = new Database(join(folder, "sekisho.db"));
    other.exec("BEGIN IMMEDIATE");
    try {
      expect(await send()).toMatch(/^451 4\.3\.0 /);
    } finally {
      other.exec("ROLLBACK");
      other.close();
    }
    expect(await send()).toMatch(/^250 2\.0\.0 accepted/);
    client.end();
  });
});
