// One batch of operations in one transaction: all are durable when it returns; one that fails takes back only itself.
import { dirname, join } from "node:path";

import Database, { type Database as Connection, type Statement } from "better-sqlite3";

import { StorageUnavailable } from "../../audit/unavailable.ts";
import { createCommands, type Commands } from "./commands.ts";
import { createContext, type WriterContext } from "./context.ts";
import { asUnavailable, assertDurable, openForWriting } from "./database.ts";
import { createMaintenance } from "./maintenance.ts";
import { openTurn, type Turn } from "./turn.ts";
import type { Answer, Operation, Trouble, WriterSettings } from "./wire.ts";

const lockWaitMilliseconds = { gateway: 200, office: 10_000 }; // threats.md row 56: longer, and the client gets 451
const lockPollMilliseconds = 1; // SQLite's own waiting grows to 100 ms and would miss the gaps that a busy importer leaves

export interface Session {
  readonly db: Connection;
  readonly context: WriterContext;
  readonly commands: Commands;
  readonly maintain: (now: number) => void;
  readonly role: WriterSettings["role"];
  readonly turn: Turn;
  /** Prepared: parsing them anew for each batch would cost as much as a small operation. */
  readonly steps: Readonly<
    Record<"begin" | "commit" | "rollback" | "savepoint" | "release" | "undo", Statement>
  >;
}

export function openSession({ path, secrets, role }: WriterSettings): Session {
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
    role,
    turn: openTurn(join(dirname(path), "turn.lock")),
    steps: {
      begin: db.prepare("BEGIN IMMEDIATE"),
      commit: db.prepare("COMMIT"),
      rollback: db.prepare("ROLLBACK"),
      savepoint: db.prepare("SAVEPOINT operation"),
      release: db.prepare("RELEASE operation"),
      undo: db.prepare("ROLLBACK TO operation"),
    },
  };
}

/**
 * Runs the operations and commits. A savepoint for each would make SQLite copy every page that each one touches, so the
 * batch runs without; only where an operation fails is all taken back and run again with savepoints.
 * Throws where the lock, the medium or the file fails: then nothing of the batch is stored.
 */
export function commitBatch(
  session: Session,
  operations: readonly Operation[],
  maintainAt: number | undefined,
): readonly Answer[] {
  const { context, maintain, steps } = session;
  begin(session);
  const answers = runPlain(session, operations) ?? runGuarded(session, operations);
  if (maintainAt !== undefined) maintain(maintainAt);
  context.counters.flush();
  steps.commit.run();
  return answers;
}

/** Undefined where an operation failed; the transaction then stands at its beginning. */
function runPlain(
  session: Session,
  operations: readonly Operation[],
): readonly Answer[] | undefined {
  try {
    return operations.map((operation) => ({ id: operation.id, value: call(session, operation) }));
  } catch (error) {
    if (asUnavailable(error) !== undefined) throw error; // the medium or the file, not the call
    session.steps.rollback.run();
    session.context.forget();
    begin(session);
    return undefined;
  }
}

function runGuarded(session: Session, operations: readonly Operation[]): readonly Answer[] {
  const { context, steps } = session;
  return operations.map((operation) => {
    const head = context.audit.mark();
    const figures = context.counters.mark();
    steps.savepoint.run();
    let answer: Answer;
    try {
      answer = { id: operation.id, value: call(session, operation) };
    } catch (error) {
      if (asUnavailable(error) !== undefined) throw error;
      steps.undo.run();
      context.audit.back(head);
      context.counters.back(figures);
      context.forget();
      answer = { id: operation.id, trouble: asTrouble(error) };
    }
    steps.release.run();
    return answer;
  });
}

function call({ commands }: Session, { name, args }: Operation): unknown {
  // The posting side is typed by Commands: client.ts.
  const verb = commands[name] as (...values: readonly unknown[]) => unknown;
  return verb(...args);
}

/** Takes the write lock; whatever was remembered of earlier transactions is read anew. */
function begin(session: Session): void {
  const { context, turn } = session;
  try {
    takeLock(session);
  } finally {
    turn.leave();
  }
  context.audit.begin();
  context.counters.begin();
  context.subjects.begin();
}

/** The gateway asks for the lock at once, and lines up where another has it; a command lines up first. */
function takeLock({ steps, turn, role }: Session): void {
  const deadline = performance.now() + lockWaitMilliseconds[role];
  const mayAsk = (): boolean => turn.take() || role === "gateway";
  if (role === "gateway" && isTaken(steps.begin)) return;
  while (!(mayAsk() && isTaken(steps.begin))) {
    if (performance.now() >= deadline)
      throw new StorageUnavailable("busy", "another process holds the database's lock");
    pause(lockPollMilliseconds);
  }
}

/** False where another connection has the lock. */
function isTaken(begin: Statement): boolean {
  try {
    begin.run();
    return true;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY")) return false;
    throw error;
  }
}

/** Blocks this thread: never to be called in the one that speaks SMTP. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** An error in the form that survives the way between threads. */
export function asTrouble(error: unknown): Trouble {
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
