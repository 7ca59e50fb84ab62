// What waits behind a rate, a warm-up or a receiver's pause is in nobody's hands: here its age is looked at, once a minute.
//
// A copy that waited for longer than its message may (RFC 5321 §4.5.4.1) is given up and its sender told, as one that was
// tried in vain is. What an operator has paused waits for the operator. What stands in a lane for half of its lease is
// leased anew: behind the lease's end it would count as a dead process's.
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Domain } from "../mail/domain.ts";
import type { Lease, QueueStore } from "../queue/store.ts";
import type { Log } from "./log.ts";
import type { Pauses } from "./pauses.ts";

/** How long a message may wait, from its reception, by its recipient's domain, and the shortest of these; milliseconds. */
export interface MaxAge {
  readonly of: (destination: Domain) => number;
  readonly least: number;
}

export interface OverdueParts {
  readonly queue: Pick<QueueStore, "list" | "leaseThese">;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: () => Date;
  /** Milliseconds. */
  readonly monotonic: () => number;
  readonly log: Log;
  readonly pauses: Pick<Pauses, "stops">;
  readonly maxAge: MaxAge;
  /** Records that it was given up. */
  readonly expire: (lease: Lease) => Promise<void>;
}

type Aging = Pick<Lease, "destination" | "stream" | "sender" | "receivedAt">;

export interface Overdue {
  /** Whether the copy has waited for too long, and no operator keeps it. */
  readonly isOver: (one: Aging) => boolean;
  /** Whether the last look was a minute ago. */
  readonly isTime: () => boolean;
  /** Looks through the queue. */
  readonly run: () => Promise<void>;
}

const everyMs = 60_000;
// A last attempt is due at the very end of the time (retry.ts): it goes first.
const graceMs = 600_000;
const pageSize = 100; // read in one go by the thread that takes mail
const pagesMax = 20; // the next look goes on where this one ended

export function createOverdue(parts: OverdueParts): Overdue {
  const { clock, monotonic, pauses } = parts;
  let doneAt: number | undefined;
  let cursor: string | null = null;
  const isOver = (one: Aging): boolean =>
    clock().getTime() - one.receivedAt.getTime() > parts.maxAge.of(one.destination) + graceMs &&
    !pauses.stops(one);
  return {
    isOver,
    isTime: () => doneAt === undefined || monotonic() - doneAt >= everyMs,
    run: async () => {
      doneAt = monotonic();
      for (let page = 0; page < pagesMax; page += 1) {
        cursor = await lookThrough(parts, isOver, cursor);
        if (cursor === null) break;
        await nextTurn(); // the store may answer at once: others have their turn between two pages
      }
    },
  };
}

/** One page, oldest message first; gives where to go on, null behind the last that may be too old. */
async function lookThrough(
  parts: OverdueParts,
  isOver: Overdue["isOver"],
  cursor: string | null,
): Promise<string | null> {
  const now = parts.clock();
  const page = await parts.queue.list({
    states: ["waiting"],
    limit: pageSize,
    ...(cursor === null ? {} : { cursor }),
  });
  // What has a time to come is waiting for its next attempt, which decides.
  const over = page.items.filter(
    (entry) => (entry.nextAttemptAt?.getTime() ?? 0) <= now.getTime() && isOver(entry),
  );
  if (over.length > 0) {
    const leases = await parts.queue.leaseThese({
      owner: parts.owner,
      now,
      leaseUntil: new Date(now.getTime() + parts.leaseMs),
      ids: over.map(({ id }) => id),
    });
    await Promise.all(leases.map(parts.expire)); // together: they share commits
    parts.log.warn({ expired: leases.length }, "copies that waited for too long were given up");
  }
  const last = page.items.at(-1);
  const mayBeOlder =
    last !== undefined && now.getTime() - last.receivedAt.getTime() > parts.maxAge.least;
  return mayBeOlder ? page.next : null;
}
