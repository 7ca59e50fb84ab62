// The writer thread: runs what has arrived in one transaction and answers only after its commit has reached the disk.
//
// ready: a connection is open · broken: a write failed, the connection was closed, the next batch opens a new one (what
// was not committed is not there, since readers and the log's index never saw it) · dead: fsync failed, so nobody knows
// what the disk holds: every batch is refused until the process starts anew.
import assert from "node:assert";
import { isMainThread, parentPort, workerData } from "node:worker_threads";

import Database, { type Database as Connection, type Statement } from "better-sqlite3";

import { StorageUnavailable } from "../../audit/unavailable.ts";
import { createCommands, type Commands } from "./commands.ts";
import { createContext, type WriterContext } from "./context.ts";
import { assertDurable, asUnavailable, openForWriting } from "./database.ts";
import { createMaintenance } from "./maintenance.ts";
import type { Answer, FromWriter, Operation, ToWriter, Trouble, WriterSettings } from "./wire.ts";

const lockWaitMilliseconds = 200; // threats.md row 56: longer, and the client gets 451
const lockPollMilliseconds = 1; // SQLite's own waiting grows to 100 ms and would miss the gaps that a busy importer leaves
const officePauseMilliseconds = 4; // after each commit of a CLI process, so that a running gateway gets its turn
const maintenanceMilliseconds = 60_000;

interface Session {
  readonly db: Connection;
  readonly context: WriterContext;
  readonly commands: Commands;
  readonly maintain: (now: number) => void;
  /** Prepared: parsing them anew for each operation would cost as much as a small operation. */
  readonly steps: Readonly<
    Record<"begin" | "commit" | "savepoint" | "release" | "undo", Statement>
  >;
}

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
        });
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
  readonly close: () => void;
}

export function createWriter(settings: WriterSettings): Writer {
  let session: Session | undefined;
  let problem: string | undefined;
  let dead = false;
  let maintainedAt = 0;

  const open = (): Session => {
    if (dead) throw new StorageUnavailable("closed", "the disk failed; the process must restart");
    session ??= openSession(settings);
    return session;
  };
  const fail = (error: unknown): void => {
    const code = error instanceof Database.SqliteError ? error.code : "";
    if (code.startsWith("SQLITE_BUSY")) return;
    problem = error instanceof Error ? error.message : String(error);
    if (code === "SQLITE_FULL") return; // rolled back whole; the connection is as it was
    dead ||= code === "SQLITE_IOERR_FSYNC" || code === "SQLITE_IOERR_DIR_FSYNC";
    closeQuietly(session?.db);
    session = undefined;
  };
  return {
    open: () => {
      open();
    },
    problem: () => problem,
    run: (operations, now) => {
      try {
        const current = open();
        const due =
          settings.role === "gateway" && Math.abs(now - maintainedAt) > maintenanceMilliseconds;
        const answers = commitAll(current, operations, due ? now : undefined);
        if (due) maintainedAt = now;
        problem = undefined;
        scrub(current);
        if (settings.role === "office") pause(officePauseMilliseconds);
        return answers;
      } catch (error) {
        rollbackQuietly(session?.db);
        session?.context.names.forget();
        const trouble = asTrouble(asUnavailable(error) ?? error);
        fail(error);
        return operations.map(({ id }) => ({ id, trouble }));
      }
    },
    close: () => {
      if (session === undefined) return;
      try {
        session.db.pragma("wal_checkpoint(TRUNCATE)");
      } finally {
        closeQuietly(session.db);
        session = undefined;
      }
    },
  };
}

function openSession({ path, secrets }: WriterSettings): Session {
  const db = openForWriting(path);
  db.pragma("busy_timeout = 0"); // begin() waits
  assertDurable(db);
  // Buffers come through the thread boundary as Uint8Array.
  const context = createContext(db, {
    index: Buffer.from(secrets.index),
    seal: Buffer.from(secrets.seal),
    content: Buffer.from(secrets.content),
    dkim: Buffer.from(secrets.dkim),
  });
  return {
    db,
    context,
    commands: createCommands(context),
    maintain: createMaintenance(context),
    steps: {
      begin: db.prepare("BEGIN IMMEDIATE"),
      commit: db.prepare("COMMIT"),
      savepoint: db.prepare("SAVEPOINT operation"),
      release: db.prepare("RELEASE operation"),
      undo: db.prepare("ROLLBACK TO operation"),
    },
  };
}

/** Each operation in its own savepoint: one that fails takes back only itself. Throws where the commit fails. */
function commitAll(
  { context, commands, maintain, steps }: Session,
  operations: readonly Operation[],
  maintainAt: number | undefined,
): readonly Answer[] {
  begin(steps.begin);
  context.audit.begin();
  context.subjects.forget();
  const answers: Answer[] = [];
  for (const operation of operations) {
    const head = context.audit.mark();
    const figures = context.counters.mark();
    steps.savepoint.run();
    try {
      answers.push({ id: operation.id, value: call(commands, operation) });
    } catch (error) {
      if (asUnavailable(error) !== undefined) throw error; // the medium or the file, not the call
      steps.undo.run();
      context.audit.back(head);
      context.counters.back(figures);
      context.names.forget();
      context.subjects.forget();
      answers.push({ id: operation.id, trouble: asTrouble(error) });
    }
    steps.release.run();
  }
  if (maintainAt !== undefined) maintain(maintainAt);
  context.counters.flush();
  steps.commit.run();
  return answers;
}

function call(commands: Commands, { name, args }: Operation): unknown {
  // The posting side is typed by Commands: client.ts.
  const verb = commands[name] as (...values: readonly unknown[]) => unknown;
  return verb(...args);
}

function begin(statement: Statement): void {
  const deadline = performance.now() + lockWaitMilliseconds;
  for (;;) {
    try {
      statement.run();
      return;
    } catch (error) {
      const busy = error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
      if (!busy || performance.now() >= deadline) throw error;
      pause(lockPollMilliseconds);
    }
  }
}

/** After an erasure: copies everything out of the write-ahead log and cuts it, so that no old page remains there. */
function scrub({ db, context }: Session): void {
  if (!context.scrub) return;
  const [result] = db.pragma("wal_checkpoint(TRUNCATE)") as readonly { readonly busy: number }[];
  assert(result !== undefined);
  context.scrub = result.busy !== 0; // somebody reads: with the next batch again
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function rollbackQuietly(db: Connection | undefined): void {
  try {
    if (db?.inTransaction === true) db.exec("ROLLBACK");
  } catch {
    // SQLite rolled back by itself, or the connection is about to be closed.
  }
}

function closeQuietly(db: Connection | undefined): void {
  try {
    db?.close();
  } catch {
    // Nothing more can be done with it.
  }
}

function asTrouble(error: unknown): Trouble {
  if (error instanceof StorageUnavailable) {
    return {
      message: error.message,
      unavailable: error.kind,
      ...(error.cause instanceof Error ? { cause: error.cause.message } : {}),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof RangeError ? { message, isRange: true } : { message };
}
