// threats.md row 56: another process holds the database's lock; the gateway says "come back", and its loop keeps turning.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

import { expect, test } from "vitest";

import { openStorage } from "../../src/storage/open.ts";
import {
  accept,
  granted,
  query,
  settingsFor,
  submission,
  temporaryFolder,
} from "../support/storage-facts.ts";

const holder = `
  const db = new (require("better-sqlite3"))(process.argv[1]);
  db.exec("BEGIN IMMEDIATE");
  process.stdout.write("held");
  process.stdin.on("data", () => process.exit());
`;

test("row 56: a held lock gives StorageUnavailable busy while reads answer and the loop ticks", async () => {
  using folder = temporaryFolder();
  await using storage = await openStorage(settingsFor(folder.path));
  await storage.ledger.recordConsents([granted("taro@example.jp")]);
  const other = spawn(process.execPath, ["-e", holder, join(folder.path, "sekisho.db")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(other.stdout, "data");

  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
  }, 5);
  const before = performance.eventLoopUtilization();
  const { message, recipients, events } = submission(["taro@example.jp"]);
  await expect(storage.queue.accept(message, recipients, events)).rejects.toMatchObject({
    name: "StorageUnavailable",
    kind: "busy",
  });
  const used = performance.eventLoopUtilization(before);
  clearInterval(ticking);
  // 200 ms of waiting in the writer thread: were it in this one, no timer would have fired and the loop been fully used.
  expect(ticks).toBeGreaterThan(3);
  expect(used.utilization).toBeLessThan(0.9);
  const { standing } = await storage.ledger.lookUp(query("taro@example.jp"));
  expect(standing.kind).toBe("granted");

  other.stdin.write("go");
  await once(other, "exit");
  await accept(storage, submission(["taro@example.jp"]));
  expect(await storage.health()).toEqual({ ok: true });
  expect((await storage.queue.counts()).states.waiting).toBe(1);
});

test("row 64: a backlog over its limit is refused at once, and nothing of the rest is lost", async () => {
  using folder = temporaryFolder();
  await using storage = await openStorage(settingsFor(folder.path));
  const event = { type: "Operation", at: new Date(0) } as const;
  const posted = Array.from({ length: 12_000 }, () => storage.audit.append([event]));
  const results = await Promise.allSettled(posted);
  const refused = results.filter(({ status }) => status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  for (const result of refused) {
    expect(result).toMatchObject({ reason: { name: "StorageUnavailable", kind: "busy" } });
  }
  expect(await storage.audit.counts()).toEqual({ Operation: 12_000 - refused.length });
});
