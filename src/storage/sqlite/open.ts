// Opens the stores on SQLite: one writer thread, one reading connection.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import Database from "better-sqlite3";

import { StorageUnavailable } from "../../audit/unavailable.ts";
import { describeLack } from "../disk-room.ts";
import type { OpenSettings, Storage } from "../open.ts";
import { openKeyFiles, type KeyFiles } from "../key-files.ts";
import { OtherMasterKey } from "../master-key.ts";
import { storageKeys, type MasterKeySecrets } from "../sealing.ts";
import { SqliteAnswers } from "./answer-store.ts";
import { SqliteAuditLog } from "./audit-store.ts";
import { startWriter } from "./client.ts";
import { asUnavailable, migrate, openForReading, openForWriting, reading } from "./database.ts";
import { SqliteApprovals, SqliteCampaigns } from "./approval-store.ts";
import { SqliteFreezes } from "./freeze-store.ts";
import { lockForGateway } from "./gateway-lock.ts";
import { SqliteCredentials, SqliteTokens } from "./identity-store.ts";
import { SqliteKeys } from "./key-store.ts";
import { SqliteLedger } from "./ledger-store.ts";
import { SqliteSettings } from "./settings-store.ts";
import { SqliteSessions, SqliteUsers } from "./user-store.ts";
import { describeLogSize } from "./log-size.ts";
import { keepFingerprint, keptFingerprint } from "./master-key.ts";
import { createNames } from "./names.ts";
import { lostDatabaseRemedy, rememberPlace, type Place } from "./place.ts";
import { SqliteQueue } from "./queue-store.ts";

/** `file` is relative to the data directory. */
export async function openSqlite(file: string, settings: OpenSettings): Promise<Storage> {
  const { secrets, role } = settings;
  const clock = settings.clock ?? ((): Date => new Date());
  const path = resolve(settings.dataDir, file);
  await using stack = new AsyncDisposableStack();

  if (!existsSync(path)) expectNoGateway(settings.dataDir, path);
  const kept = reading(() => {
    const db = openForWriting(path);
    try {
      if (role === "gateway") stack.use(lockForGateway(join(settings.dataDir, "gateway.lock")));
      const fingerprint = keptFingerprint(db);
      if (fingerprint === undefined || fingerprint === secrets.fingerprint) migrate(db);
      return fingerprint;
    } finally {
      db.close();
    }
  });
  if (kept !== undefined) expectKey(path, kept, secrets);
  const files = await openKeyFiles(settings.keysDir, secrets.dkim);
  if (kept === undefined) expectKey(path, await recordKey(path, files, secrets), secrets);
  const writer = await startWriter({ path, secrets, role }, clock);
  stack.defer(async () => {
    await writer.close();
  });
  const db = reading(() => openForReading(path));
  const place = rememberPlace(path);
  stack.defer(async () => {
    // The last to close empties the log into the database, but for one that only reads: where the names are another's, it is
    // that one.
    if (place.isTaken()) await writer.close();
    db.close();
  });
  const parts = { db, path, writer, names: createNames(db), keys: storageKeys(secrets), clock };
  const ledger = new SqliteLedger(parts);
  const open = stack.move();
  return {
    ledger,
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
    lost: writer.lost,
    health: async () => {
      const problem = writer.problem() ?? displacement(place) ?? ledger.problem();
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

/**
 * A new database beside a gateway that still has the old one open would take what people say and never be asked, and stand in
 * the way of what is saved of the old one.
 */
function expectNoGateway(dataDir: string, path: string): void {
  const lock = join(dataDir, "gateway.lock");
  if (!existsSync(lock)) return; // none has run here yet
  try {
    lockForGateway(lock)[Symbol.dispose]();
  } catch (error) {
    const { cause } = error as Error;
    const isHeld = cause instanceof Database.SqliteError && cause.code.startsWith("SQLITE_BUSY");
    if (!isHeld) return; // a folder that is closed to us: the database's own opening says how
    throw new StorageUnavailable(
      "closed",
      `${path} is gone, but a gateway runs on it: ${lostDatabaseRemedy}`,
      { cause },
    );
  }
}

function displacement(place: Place): string | undefined {
  try {
    place.expect();
    return undefined;
  } catch (error) {
    if (error instanceof StorageUnavailable) return error.message;
    throw error;
  }
}

/** Another key would answer for nobody whom this one knows: suppressed people would be strangers (threats.md row 85). */
function expectKey(path: string, kept: string | undefined, secrets: MasterKeySecrets): void {
  if (kept !== secrets.fingerprint) throw new OtherMasterKey(path, kept);
}

async function recordKey(
  path: string,
  files: KeyFiles,
  secrets: MasterKeySecrets,
): Promise<string | undefined> {
  const db = reading(() => openForWriting(path));
  try {
    return await keepFingerprint(db, files, secrets);
  } catch (error) {
    throw asUnavailable(error) ?? error;
  } finally {
    db.close();
  }
}
