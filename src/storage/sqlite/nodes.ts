// Processes that share the queue, and how often each has told that it lives.
import type { NodeBeat } from "../../queue/store.ts";
import type { WriterContext } from "./context.ts";

const keptMilliseconds = 24 * 3600 * 1000; // its leases have run out long before; names that change with each start go too

export interface NodeVerbs {
  readonly beat: (name: string, now: number) => readonly NodeBeat[];
}

export function createNodeVerbs({ db }: WriterContext): NodeVerbs {
  const note = db.prepare<[string, number]>(
    `INSERT INTO nodes (name, beat, seen_at) VALUES (?, 1, ?)
     ON CONFLICT (name) DO UPDATE SET beat = beat + 1, seen_at = excluded.seen_at`,
  );
  const forget = db.prepare<[number]>("DELETE FROM nodes WHERE seen_at < ?");
  const list = db.prepare<[], NodeBeat>("SELECT name, beat FROM nodes");
  return {
    beat: (name, now) => {
      note.run(name, now);
      forget.run(now - keptMilliseconds);
      return list.all();
    },
  };
}
