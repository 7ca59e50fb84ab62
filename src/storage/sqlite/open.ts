// Opens the stores on SQLite: one writer thread, one reading connection.
import { join, resolve } from "node:path";

import { describeLack } from "../disk-room.ts";
import type { OpenSettings, Storage } from "../open.ts";
import { openKeyFiles } from "../key-files.ts";
import { storageKeys } from "../sealing.ts";
import { SqliteAnswers } from "./answer-store.ts";
import { SqliteAuditLog } from "./audit-store.ts";
import { startWriter } from "./client.ts";
import { migrate, openForReading, openForWriting, reading } from "./database.ts";
import { SqliteApprovals, SqliteCampaigns } from "./approval-store.ts";
import { SqliteFreezes } from "./freeze-store.ts";
import { lockForGateway } from "./gateway-lock.ts";
import { SqliteCredentials, SqliteTokens } from "./identity-store.ts";
import { SqliteKeys } from "./key-store.ts";
import { SqliteLedger } from "./ledger-store.ts";
import { SqliteSettings } from "./settings-store.ts";
import { SqliteSessions, SqliteUsers } from "./user-store.ts";
import { describeLogSize } from "./log-size.ts";
import { createNames } from "./names.ts";
import { SqliteQueue } from "./queue-store.ts";

/** `file` is relative to the data directory. */
export async function openSqlite(file: string, settings: OpenSettings): Promise<Storage> {
  const { secrets, role } = settings;
  const clock = settings.clock ?? ((): Date => new Date());
  const path = resolve(settings.dataDir, file);
  await using stack = new AsyncDisposableStack();

  reading(() => {
    const db = openForWriting(path);
    try {
      if (role === "gateway") stack.use(lockForGateway(join(settings.dataDir, "gateway.lock")));
      migrate(db);
    } finally {
      db.close();
    }
  });
  const files = await openKeyFiles(settings.keysDir, secrets.dkim);
  const writer = await startWriter({ path, secrets, role }, clock);
  stack.defer(async () => {
    await writer.close();
  });
  const db = reading(() => openForReading(path));
  stack.defer(() => {
    db.close();
  });
  const parts = { db, path, writer, names: createNames(db), keys: storageKeys(secrets), clock };
  const open = stack.move();
  return {
    ledger: new SqliteLedger(parts),
    queue: new SqliteQueue(parts),
    audit: new SqliteAuditLog(parts),
    credentials: new SqliteCredentials(db, writer),
    tokens: new SqliteTokens(db, writer),
    users: new SqliteUsers(db, writer, parts.keys.seal),
    sessions: new SqliteSessions(db, writer),
    freezes: new SqliteFreezes(db, writer),
    answers: new SqliteAnswers(writer, parts.keys.seal),
    settings: new SqliteSettings(db, writer),
    approvals: new SqliteApprovals(db, writer, parts.keys.seal),
    campaigns: new SqliteCampaigns(db, writer),
    keys: new SqliteKeys(db, writer, files),
    health: async () => {
      const problem = writer.problem();
      if (problem !== undefined) return { ok: false, problem };
      const lack = await describeLack(settings.dataDir);
      if (lack !== undefined) return { ok: false, full: true, problem: lack };
      const log = describeLogSize(path);
      return log === undefined ? { ok: true } : { ok: false, problem: log };
    },
    [Symbol.asyncDispose]: async () => {
      await open.disposeAsync();
    },
  };
}
