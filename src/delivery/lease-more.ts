// Asks the queue for more, when it was told to, and sees to what stands in lanes: too old, paused, or leased for too long.
import type { Domain } from "../mail/domain.ts";
import type { Lease, QueueStore } from "../queue/store.ts";
import type { Appetite } from "./appetite.ts";
import type { Kept } from "./claims.ts";
import type { DelayNotices } from "./delay-notices.ts";
import type { Lanes } from "./lanes.ts";
import type { Log } from "./log.ts";
import type { Overdue } from "./overdue.ts";
import type { Place } from "./pace/pace.ts";
import type { Pauses } from "./pauses.ts";
import type { Recovery } from "./recovery.ts";

export const leaseMs = 3_600_000; // outlasts waiting and attempt together
export const startWithinMs = leaseMs / 2; // what waited longer is given back rather than begun
export const pollMs = 30_000; // other processes accept mail too
const pastDueMs = 1000; // due, and yet not handed out: its lane is full or paused
const troubleMs = 5000; // the queue is away

export interface Entry {
  readonly lease: Lease;
  /** Monotonic milliseconds. */
  readonly since: number;
  /** Of a recipient that was claimed when it was stored. */
  readonly kept?: Kept;
}

/** The part of the pump's state that asking needs. */
export interface Asking {
  readonly parts: {
    readonly queue: Pick<QueueStore, "lease" | "nextDue">;
    readonly owner: string;
    readonly clock: () => Date;
    /** Milliseconds. */
    readonly monotonic: () => number;
    readonly log: Log;
    readonly giveBack: (lease: Lease) => Promise<void>;
    /** Records that it waited for too long. */
    readonly expire: (lease: Lease) => Promise<void>;
  };
  readonly lanes: Lanes<Entry, Place>;
  readonly appetite: Appetite;
  readonly pauses: Pauses;
  readonly recovery: Recovery;
  readonly overdue: Overdue;
  readonly notices: DelayNotices;
  /** Lanes that were left out of the last lease, or got all they may: more may wait behind them. */
  readonly mayHaveMore: Set<Domain>;
  readonly nudge: () => void;
  /** Work that must end before the pump has. */
  readonly track: (job: Promise<void>) => void;
  /** The queue should be asked again. */
  wanted: boolean;
  leasing: boolean;
  stopped: boolean;
  /** The last lease was a full one, or there was no room for it. */
  more: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Asks the queue for what is due, and sees to what waits for too long. Never rejects. */
export async function leaseMore(state: Asking): Promise<void> {
  clearTimeout(state.timer);
  try {
    await state.recovery.run();
    if (state.overdue.isTime()) {
      endWaiting(state);
      await state.overdue.run();
      await state.notices.run((which) => takeWaiting(state, which));
    }
    const limit = state.appetite.recipients();
    state.more = limit <= 0;
    if (limit > 0 && !state.pauses.stopsAll()) await leaseUpTo(state, limit);
    if (!state.wanted) await sleepUntilDue(state);
  } catch (error) {
    state.parts.log.error({ err: error }, "queue not available");
    wakeIn(state, troubleMs);
  } finally {
    state.leasing = false;
  }
}

async function leaseUpTo(state: Asking, limit: number): Promise<void> {
  const { lanes, parts, pauses, mayHaveMore } = state;
  const now = parts.clock();
  const full = lanes.full();
  const except = pauses.except();
  const perDestination = state.appetite.ofOneDestination();
  const leases = await parts.queue.lease({
    owner: parts.owner,
    now,
    leaseUntil: new Date(now.getTime() + leaseMs),
    limit,
    perDestination,
    except: { ...except, destinations: [...except.destinations, ...full] },
  });
  const since = parts.monotonic();
  const got = new Map<Domain, number>();
  mayHaveMore.clear();
  for (const destination of full) mayHaveMore.add(destination);
  for (const lease of leases) {
    lanes.add(lease, { lease, since });
    const count = (got.get(lease.destination) ?? 0) + 1;
    got.set(lease.destination, count);
    if (count >= perDestination) mayHaveMore.add(lease.destination);
  }
  state.more = leases.length >= limit;
  giveBackWaiting(state);
  if (state.more && state.appetite.isLow()) state.wanted = true;
}

async function sleepUntilDue(state: Asking): Promise<void> {
  const due = await state.parts.queue.nextDue();
  const left = due === undefined ? pollMs : due.getTime() - state.parts.clock().getTime();
  wakeIn(state, Math.min(left <= 0 ? pastDueMs : left, pollMs));
}

function wakeIn(state: Asking, milliseconds: number): void {
  clearTimeout(state.timer);
  if (!state.stopped) state.timer = setTimeout(state.nudge, milliseconds);
}

/** What has waited here for too long: given up where its message is too old, else leased anew before its lease ends. */
function endWaiting(state: Asking): void {
  const { lanes, overdue, parts } = state;
  const oldest = parts.monotonic() - startWithinMs;
  for (const { lease, kept } of lanes.take(
    (entry) => entry.since < oldest || overdue.isOver(entry.lease),
  )) {
    kept?.end();
    state.track(overdue.isOver(lease) ? parts.expire(lease) : parts.giveBack(lease));
  }
}

function takeWaiting({ lanes }: Asking, which: (lease: Lease) => boolean): readonly Lease[] {
  return lanes
    .take(({ lease }) => which(lease))
    .map(({ lease, kept }) => {
      kept?.end();
      return lease;
    });
}

/** What may not begin now, though it waits here. */
export function giveBackWaiting(state: Asking): void {
  const { lanes, pauses, parts } = state;
  for (const { lease, kept } of lanes.take((entry) => state.stopped || pauses.stops(entry.lease))) {
    kept?.end();
    state.track(parts.giveBack(lease));
  }
}
