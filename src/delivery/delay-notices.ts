// Tells senders of copies that wait for long without an attempt, once a minute: behind a rate, a pause, a receiver that is down.
//
// What is attempted meanwhile is told of by its attempt (due-report.ts). The walk goes on where it ended, so that each copy
// is looked at once, when it has waited for long enough; after a restart it looks back, and the store knows what was told.
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Lease, QueueEntry, QueueStore, Settlement } from "../queue/store.ts";
import { dueDelayNotice, noticeWindowMs } from "./due-report.ts";
import type { Pauses } from "./pauses.ts";
import type { SettlementContext } from "./settlement.ts";

export interface DelayNoticeParts {
  readonly queue: Pick<QueueStore, "list" | "leaseThese">;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: () => Date;
  /** A notice about mail of a paused stream would wait with it, and be of no use afterwards. */
  readonly pauses: Pick<Pauses, "stopsStream">;
  /** From reception; absent or 0: nobody is told. */
  readonly delayNoticeMs?: number;
  /** Gives the copy back, with its notice. */
  readonly notify: (lease: Lease) => Promise<void>;
}

export interface DelayNotices {
  /** `takeWaiting`: takes out of memory what waits there and has come to its time. */
  readonly run: (
    takeWaiting: (which: (lease: Lease) => boolean) => readonly Lease[],
  ) => Promise<void>;
}

const pageSize = 100; // read in one go by the thread that takes mail
const pagesMax = 20; // the next look goes on where this one ended
const soonMs = 120_000; // so long at most is what no attempt could be made of put off (settlement.ts), again and again

export function createDelayNotices(parts: DelayNoticeParts): DelayNotices {
  const { queue, owner, clock, delayNoticeMs = 0 } = parts;
  /** Milliseconds: what was received until then has been looked at. */
  let seenUntil: number | undefined;
  let cursor: string | undefined;
  const leaseThese = (due: readonly QueueEntry[], now: Date): Promise<readonly Lease[]> =>
    due.length === 0
      ? Promise.resolve([])
      : queue.leaseThese({
          owner,
          now,
          leaseUntil: new Date(now.getTime() + parts.leaseMs),
          ids: due.map(({ id }) => id),
        });
  const notify = (leases: readonly Lease[]): Promise<unknown> =>
    Promise.all(leases.map(parts.notify)); // together: they share commits
  return {
    run: async (takeWaiting) => {
      if (delayNoticeMs <= 0) return;
      const now = clock();
      const until = now.getTime() - delayNoticeMs;
      const since = seenUntil ?? until - noticeWindowMs;
      const hasWaited = (one: Pick<Lease, "receivedAt" | "stream" | "sender">): boolean =>
        one.receivedAt.getTime() > since &&
        one.receivedAt.getTime() <= until &&
        !parts.pauses.stopsStream(one);
      const inMemory = takeWaiting(hasWaited);
      const told = new Set(inMemory.map(({ recipientId }) => recipientId)); // and waiting in the queue now
      await notify(inMemory);
      let reached = until;
      for (let page = 1; ; page += 1) {
        const { items, next } = await queue.list({
          states: ["waiting"],
          limit: pageSize,
          ...(cursor === undefined ? {} : { cursor }),
        });
        // What has a later time to come was told of when that was set, where it is late.
        const due = items.filter(
          (entry) =>
            hasWaited(entry) &&
            !told.has(entry.id) &&
            (entry.nextAttemptAt?.getTime() ?? 0) <= now.getTime() + soonMs,
        );
        await notify(await leaseThese(due, now));
        const last = items.at(-1)?.receivedAt.getTime() ?? Infinity;
        if (next === null || last > until) break;
        cursor = next;
        if (page >= pagesMax) {
          reached = last;
          break;
        }
        await nextTurn(); // the store may answer at once: others have their turn between two pages
      }
      seenUntil = Math.max(since, reached);
    },
  };
}

/** The copy goes on waiting; its sender is told, unless NOTIFY says otherwise or too many were. */
export async function noticeSettlement(
  lease: Lease,
  context: SettlementContext,
): Promise<Settlement> {
  const { report } = await dueDelayNotice(lease, context.now, waitingReply, context);
  return {
    kind: "deferred",
    recipientId: lease.recipientId,
    nextAttemptAt: context.now,
    counted: false,
    ...(report === undefined ? {} : { report }),
  };
}

const waitingReply = {
  code: 451,
  enhanced: "4.4.0",
  text: "the message waits for its turn at the gateway: behind a rate or a pause, or for the receiving host",
};
