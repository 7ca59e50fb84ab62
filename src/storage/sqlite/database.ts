// Opens the database file as durable as SQLite can be, or refuses; brings its schema up to date.
import { mkdirSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";

import Database, { type Database as Connection } from "better-sqlite3";

import { StorageUnavailable } from "../../audit/unavailable.ts";

const applicationId = 0x534b5348; // "SKSH" in the file's header: nobody else's database is migrated by mistake
const lockWaitMilliseconds = 200; // threats.md row 56
const readerCacheKibibytes = 16 * 1024; // the upper pages of the indexes; with 32 MB look-ups among 10 million people took as long
const writerCacheKibibytes = 8 * 1024; // the ends of the tables, where it writes; some commits walk through the whole cache
const walCheckpointPages = 4000; // 16 MB: fewer, larger checkpoints than SQLite's 1000 pages
const walKeptBytes = 64 * 1024 * 1024; // what a burst may leave behind before the file is cut again
/** No room is SQLITE_FULL; a quota, or a limit on the size of files, is one of the others. */
const fullCodes: ReadonlySet<string> = new Set([
  "SQLITE_FULL",
  "SQLITE_IOERR_WRITE",
  "SQLITE_IOERR_TRUNCATE",
  "SQLITE_IOERR_SHMSIZE",
]);
const migrationsFolder = join(import.meta.dirname, "migrations");

/** Types of statfs(2) on which SQLite's locks and shared memory do not hold: threats.md row 54. */
const networkFileSystems: Readonly<Record<number, string>> = {
  0x6969: "NFS",
  0x517b: "SMB",
  0xfe534d42: "SMB",
  0xff534d42: "CIFS",
  0x01021997: "9P",
  0x00c36400: "Ceph",
  0x5346414f: "AFS",
  0x0bd00bd0: "Lustre",
  0x01161970: "GFS2",
};

/** The network file system that `folder` is on, if that can be told. */
export function networkFileSystem(
  folder: string,
  statfs: (path: string) => { readonly type: number } = statfsSync,
): string | undefined {
  return process.platform === "linux" ? networkFileSystems[statfs(folder).type >>> 0] : undefined;
}

/** Opens for writing: WAL and synchronous=FULL, set and asserted at every open (libraries.md 1.7, 1: a reopened file is at NORMAL). */
export function openForWriting(path: string): Connection {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const network = networkFileSystem(dirname(path));
  if (network !== undefined) {
    throw new Error(
      `the data directory ${dirname(path)} is on ${network}, where SQLite cannot lock safely: name one on a local disk (data_dir)`,
    );
  }
  const db = open(path, { timeout: lockWaitMilliseconds });
  try {
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = ON");
    db.pragma("trusted_schema = OFF");
    db.pragma("secure_delete = FAST");
    db.pragma("temp_store = MEMORY"); // nothing of a batch goes to a file outside the data directory
    db.pragma(`cache_size = -${writerCacheKibibytes}`);
    db.pragma(`wal_autocheckpoint = ${walCheckpointPages}`);
    db.pragma(`journal_size_limit = ${walKeptBytes}`);
    assertDurable(db);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** What SQLite says of a file that it cannot open has no name in it. */
function open(path: string, options: Database.Options): Connection {
  try {
    return new Database(path, options);
  } catch (cause) {
    if (!(cause instanceof Database.SqliteError && cause.code.startsWith("SQLITE_CANTOPEN")))
      throw cause;
    throw new StorageUnavailable("closed", `the database file ${path} cannot be opened`, { cause });
  }
}

/** Opens for reading beside a writer. Never blocks it and sees only what was committed. */
export function openForReading(path: string): Connection {
  const db = open(path, {
    readonly: true,
    fileMustExist: true,
    timeout: lockWaitMilliseconds,
  });
  db.pragma(`cache_size = -${readerCacheKibibytes}`);
  db.pragma("trusted_schema = OFF");
  return db;
}

/** Refuses a connection whose commits would not survive a power cut. */
export function assertDurable(db: Connection): void {
  const journal = db.pragma("journal_mode", { simple: true });
  const synchronous = db.pragma("synchronous", { simple: true });
  if (journal !== "wal" || synchronous !== 2) {
    throw new Error(
      `the database must run with journal_mode=wal and synchronous=2 (FULL), but has ${String(journal)} and ${String(synchronous)}`,
    );
  }
}

/**
 * What shows that a file holds nothing that a gateway wrote; undefined where it does. An empty file is a valid database to
 * SQLite, and a migration would make it look like one of ours.
 */
export function strangeness(db: Connection): string | undefined {
  if (db.pragma("application_id", { simple: true }) !== applicationId)
    return hasTables(db) ? "belongs to another program" : "is empty";
  return db.prepare("SELECT 1 FROM audit_events LIMIT 1").get() === undefined
    ? "has no event in its log"
    : undefined;
}

/** Runs the migrations that the file lacks, in one transaction under the write lock. Refuses a schema newer than this program. */
export function migrate(db: Connection): void {
  const migrations = readMigrations();
  const isCurrent = (): boolean =>
    db.pragma("application_id", { simple: true }) === applicationId &&
    db.pragma("user_version", { simple: true }) === migrations.length;
  if (isCurrent()) return; // without the lock, which an import beside this command may hold again and again
  db.transaction(() => {
    const owner = Number(db.pragma("application_id", { simple: true }));
    const done = Number(db.pragma("user_version", { simple: true }));
    if (owner !== applicationId && (owner !== 0 || done !== 0 || hasTables(db)))
      throw new Error("the database file belongs to another program; choose another storage.url");
    if (done > migrations.length) {
      throw new Error(
        `the database has schema ${done}, this version knows up to ${migrations.length}: start the newer version, or restore a backup made before the upgrade`,
      );
    }
    for (const sql of migrations.slice(done)) db.exec(sql);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}

function hasTables(db: Connection): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
}

function readMigrations(): readonly string[] {
  return readdirSync(migrationsFolder)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .toSorted()
    .map((name, index) => {
      if (Number(name.slice(0, 4)) !== index + 1)
        throw new Error(`migration ${name} is out of order`);
      return readFileSync(join(migrationsFolder, name), "utf8");
    });
}

/** What an SQLite error means to the caller; undefined where it is none of the storage's troubles. */
export function asUnavailable(error: unknown): StorageUnavailable | undefined {
  if (error instanceof StorageUnavailable) return error;
  if (!(error instanceof Database.SqliteError)) return undefined;
  const { code } = error;
  const options = { cause: error };
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"))
    return new StorageUnavailable("busy", "another process holds the database's lock", options);
  if (fullCodes.has(code))
    return new StorageUnavailable("full", "the disk takes no more data", options);
  if (code.startsWith("SQLITE_IOERR"))
    return new StorageUnavailable("closed", "the disk fails: see the system's log", options);
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB")
    return new StorageUnavailable("corrupt", "the database file is damaged", options);
  if (code.startsWith("SQLITE_READONLY"))
    return new StorageUnavailable("closed", "the database's file or folder is read-only", options);
  if (code.startsWith("SQLITE_CANTOPEN"))
    return new StorageUnavailable("closed", "the database file cannot be opened", options);
  return undefined;
}

/** Wraps a read: what the caller catches is StorageUnavailable, never an SQLite word. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError && /connection is not open/.test(error.message))
      throw new StorageUnavailable("closed", "the store is closed", { cause: error });
    throw asUnavailable(error) ?? error;
  }
}
