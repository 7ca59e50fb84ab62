// Lanes: one for each stream and destination that has waiting recipients. They take turns, so that a million due
// recipients of one destination, or of one stream, do not make the others wait.
import type { Database } from "better-sqlite3";

export interface Lane {
  readonly stream: number;
  readonly destination: number;
  /** The stream's: a stream has one. */
  readonly sender: number;
  readonly due_at: number;
  readonly turn: number;
}

export interface Lanes {
  /** A recipient of this lane waits, due at `dueAt` (milliseconds). */
  readonly add: (lane: Pick<Lane, "stream" | "destination" | "sender">, dueAt: number) => void;
  /** Streams that have lanes. */
  readonly streams: () => readonly number[];
  /** Lanes of the stream that are due, those that waited longest first. */
  readonly due: (stream: number, now: number, limit: number) => readonly Lane[];
  /** After its turn a lane goes behind all that are due, or away if nobody waits in it. */
  readonly serve: (lane: Lane, now: number) => void;
}

export function createLanes(db: Database): Lanes {
  const add = db.prepare<[number, number, number, number]>(
    `INSERT INTO lanes (stream, destination, sender, due_at, turn) VALUES (?, ?, ?, ?, 0)
     ON CONFLICT (stream, destination) DO UPDATE SET due_at = excluded.due_at WHERE excluded.due_at < due_at`,
  );
  const due = db.prepare<[number, number, number], Lane>(
    "SELECT stream, destination, sender, due_at, turn FROM lanes WHERE stream = +? AND due_at <= ? ORDER BY due_at, turn LIMIT +?",
  );
  const earliest = db
    .prepare<[number, number], number>(
      `SELECT next_attempt_at FROM recipients INDEXED BY recipients_waiting
       WHERE state = 1 AND stream = +? AND destination = +? ORDER BY next_attempt_at LIMIT 1`,
    )
    .pluck();
  const move = db.prepare<[number, number, number, number]>(
    "UPDATE lanes SET due_at = ?, turn = ? WHERE stream = ? AND destination = ?",
  );
  const remove = db.prepare<[number, number]>(
    "DELETE FROM lanes WHERE stream = ? AND destination = ?",
  );
  const streams = createLaneStreams(db);
  let turn = Date.now() * 1000; // grows over restarts too; it only breaks ties of the same millisecond
  return {
    add: ({ stream, destination, sender }, dueAt) => {
      add.run(stream, destination, sender, dueAt);
    },
    streams,
    due: (stream, now, limit) => due.all(stream, now, limit),
    serve: ({ stream, destination }, now) => {
      const next = earliest.get(stream, destination);
      turn += 1;
      if (next === undefined) remove.run(stream, destination);
      else move.run(Math.max(next, now), turn, stream, destination);
    },
  };
}

/** Streams that have lanes: one step into the index for each, however many lanes there are. */
export function createLaneStreams(db: Database): () => readonly number[] {
  const next = db
    .prepare<[number], number>("SELECT stream FROM lanes WHERE stream > ? ORDER BY stream LIMIT 1")
    .pluck();
  return () => {
    const found: number[] = [];
    let stream = next.get(-1);
    while (stream !== undefined) {
      found.push(stream);
      stream = next.get(stream);
    }
    return found;
  };
}
