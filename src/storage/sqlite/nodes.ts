// Processes that share the queue, and when each was last known to live.
import type { WriterContext } from "./context.ts";

const keptMilliseconds = 24 * 3600 * 1000; // its leases have run out long before; names that change with each start go too

export interface NodeVerbs {
  readonly beat: (name: string, now: number) => void;
}

export function createNodeVerbs({ db }: WriterContext): NodeVerbs {
  const note = db.prepare<[string, number]>(
    `INSERT INTO nodes (name, seen_at) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at`,
  );
  const forget = db.prepare<[number]>("DELETE FROM nodes WHERE seen_at < ?");
  return {
    beat: (name, now) => {
      note.run(name, now);
      forget.run(now - keptMilliseconds);
    },
  };
}
