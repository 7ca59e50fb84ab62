// The writer thread: runs what has arrived in one transaction and answers only after its commit has reached the disk.
//
// ready: a connection is open · broken: a write failed, the connection was closed, the next batch opens a new one (what
// was not committed is not there, since readers and the log's index never saw it) · dead: fsync failed, so nobody knows
// what the disk holds: every batch is refused until the process starts anew. Where the files have other places than they
// had, batches are refused and the connection stays open: its files are the only way to what is in them.
import assert from "node:assert";
import { isMainThread, parentPort, workerData } from "node:worker_threads";

import Database, { type Database as Connection } from "better-sqlite3";

import { StorageUnavailable } from "../../audit/unavailable.ts";
import { freeOctets } from "../../mail/free-octets.ts";
import { asTrouble, commitBatch, openSession, type Session } from "./batch.ts";
import type { Commands } from "./commands.ts";
import { asUnavailable } from "./database.ts";
import { maintenanceMilliseconds } from "./maintenance.ts";
import { rememberPlace, type Place } from "./place.ts";
import type { Answer, FromWriter, Operation, ToWriter, WriterSettings } from "./wire.ts";

if (!isMainThread && parentPort !== null) serve(parentPort, workerData as WriterSettings);

type Port = NonNullable<typeof parentPort>;

function serve(port: Port, settings: WriterSettings): void {
  const say = (message: FromWriter): void => {
    port.postMessage(message);
  };
  const writer = createWriter(settings);
  try {
    writer.open();
    say({ kind: "ready" });
  } catch (error) {
    say({ kind: "refused", trouble: asTrouble(error) });
    return;
  }
  port.on("message", (message: ToWriter) => {
    switch (message.kind) {
      case "batch":
        say({
          kind: "done",
          answers: writer.run(message.operations, message.now),
          problem: writer.problem(),
          isDead: writer.isDead(),
        });
        for (const { name, args } of message.operations)
          if (name === "accept") freeOctets((args as Parameters<Commands["accept"]>)[0].content);
        return;
      case "close":
        writer.close();
        say({ kind: "closed" });
        port.close();
        return;
    }
  });
}

export interface Writer {
  readonly open: () => void;
  readonly run: (operations: readonly Operation[], now: number) => readonly Answer[];
  readonly problem: () => string | undefined;
  /** True: it will refuse whatever comes. */
  readonly isDead: () => boolean;
  readonly close: () => void;
}

export function createWriter(settings: WriterSettings): Writer {
  let session: Session | undefined;
  let problem: string | undefined;
  let dead = false;
  let maintainedAt = 0;
  let place: Place | undefined;

  const open = (): Session => {
    if (dead) throw new StorageUnavailable("closed", "the disk failed; the process must restart");
    place?.expect(); // before a connection is opened anew, too: it would make an empty file where there is none
    session ??= openSession(settings);
    place ??= rememberPlace(settings.path);
    return session;
  };
  const fail = (error: unknown): void => {
    if (error instanceof StorageUnavailable && error.kind === "busy") return;
    const code = error instanceof Database.SqliteError ? error.code : "";
    if (code.startsWith("SQLITE_BUSY")) return;
    problem = error instanceof Error ? error.message : String(error);
    if (error instanceof StorageUnavailable) return;
    if (code === "SQLITE_FULL") return; // rolled back whole; the connection is as it was
    dead ||= code === "SQLITE_IOERR_FSYNC" || code === "SQLITE_IOERR_DIR_FSYNC";
    closeQuietly(session);
    session = undefined;
  };
  return {
    open: () => {
      open();
    },
    problem: () => problem,
    isDead: () => dead,
    run: (operations, now) => {
      try {
        const current = open();
        const due =
          settings.role === "gateway" && Math.abs(now - maintainedAt) > maintenanceMilliseconds;
        const answers = commitBatch(current, operations, due ? now : undefined);
        if (due) maintainedAt = now;
        problem = undefined;
        try {
          scrub(current);
        } catch (error) {
          fail(error); // what was committed is committed
        }
        return answers;
      } catch (error) {
        rollbackQuietly(session?.db);
        session?.context.forget();
        const trouble = asTrouble(asUnavailable(error) ?? error);
        fail(error);
        return operations.map(({ id }) => ({ id, trouble }));
      }
    },
    close: () => {
      if (session === undefined) return;
      try {
        // A command does not stop a running gateway's writes for it; the last to close the file empties the log anyhow.
        const mode = settings.role === "gateway" ? "TRUNCATE" : "PASSIVE";
        // What was deleted and replaced by nobody's is saved so; into what another has made meanwhile it must not be mixed.
        if (place?.isTaken() !== true) session.db.pragma(`wal_checkpoint(${mode})`);
      } catch {
        // The log stays, and the next open reads it.
      }
      closeQuietly(session);
      session = undefined;
    },
  };
}

/** After an erasure: copies everything out of the write-ahead log and cuts it, so that no old page remains there. */
function scrub({ db, context }: Session): void {
  if (!context.scrub) return;
  const [result] = db.pragma("wal_checkpoint(TRUNCATE)") as readonly { readonly busy: number }[];
  assert(result !== undefined);
  context.scrub = result.busy !== 0; // somebody reads: with the next batch again
}

function rollbackQuietly(db: Connection | undefined): void {
  try {
    if (db?.inTransaction === true) db.exec("ROLLBACK");
  } catch {
    // SQLite rolled back by itself, or the connection is about to be closed.
  }
}

function closeQuietly(session: Session | undefined): void {
  try {
    session?.turn[Symbol.dispose]();
    session?.db.close();
  } catch {
    // Nothing more can be done with it.
  }
}
