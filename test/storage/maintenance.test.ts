// What has had its time goes, step by step, and nothing else: fingerprints after a day, settled messages after a month.
import { join } from "node:path";

import type { Database } from "better-sqlite3";
import { expect, test } from "vitest";

import { commitBatch, openSession } from "../../src/storage/sqlite/batch.ts";
import { migrate, openForWriting } from "../../src/storage/sqlite/database.ts";
import type { Operation } from "../../src/storage/sqlite/wire.ts";
import { noon, settingsFor, submission, temporaryFolder } from "../support/storage-facts.ts";

const day = 24 * 3600 * 1000;
const stepsMax = 10;

function count(db: Database, table: "fingerprints" | "messages" | "recipients"): number {
  return Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
}

test("fingerprints go after a day and settled messages after a month, however many stand before them", () => {
  using folder = temporaryFolder();
  const { secrets } = settingsFor(folder.path);
  const path = join(folder.path, "sekisho.db");
  const made = openForWriting(path);
  migrate(made);
  made.close();
  const session = openSession({ path, secrets, role: "gateway" });
  const { db } = session;
  let id = 0;
  const operations: Operation[] = [];
  const accept = (receivedAt: Date, settled: boolean): void => {
    const { message, recipients } = submission(["taro@example.jp"], {
      receivedAt,
      fingerprint: `number ${(id += 1)}`,
    });
    const args = [message, recipients, [], { owner: "a", leaseUntil: noon(40 * day) }];
    const [recipient] = recipients;
    const event = { type: "Delivery", at: receivedAt };
    const settlements = [
      {
        kind: "delivered",
        recipientId: recipient?.recipientId,
        reply: { code: 250, text: "" },
        event,
      },
    ];
    operations.push({ id, name: "accept", args });
    if (settled)
      operations.push({ id, name: "settle", args: ["a", settlements, receivedAt.getTime()] });
  };
  for (let n = 0; n < 400; n += 1) accept(noon(n), false); // more than one step walks past
  for (let n = 0; n < 700; n += 1) accept(noon(1000 + n), true);
  accept(noon(100 * day), true); // the clock was wrong for a moment
  accept(noon(2000), true);
  accept(noon(20 * day), true);
  commitBatch(session, operations, undefined);
  const step = (now: Date): void => {
    for (let steps = 0; steps < stepsMax; steps += 1) commitBatch(session, [], now.getTime());
  };

  step(noon(day - 1));
  expect([count(db, "fingerprints"), count(db, "messages")]).toEqual([1103, 1103]);
  step(noon(day + 3000));
  expect([count(db, "fingerprints"), count(db, "messages")]).toEqual([2, 1103]);
  step(noon(30 * day + 3000));
  expect([count(db, "fingerprints"), count(db, "messages")]).toEqual([1, 402]);
  expect(count(db, "recipients")).toBe(402);
  session.turn[Symbol.dispose]();
  db.close();
});
