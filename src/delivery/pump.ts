// Leases recipients that are due, and gives each its turn at one attempt.
//
// A recipient here is  leased → waiting in its destination's lane → running → settling → gone.
//   leased     handed out by the queue for an hour; nobody else has it meanwhile
//   waiting    until its lane has a place; given back unspent where its stream is paused, its lease grows old, or we stop
//   running    one attempt (attempt.ts), bounded by its own deadlines to less than half of the lease
//   settling   the outcome is being made durable; the connection it used carries nothing until then, so that a crash can
//              cost one copy for each connection and no more
// The queue is asked again when it was told of new mail (nudge), when a lane ran low that may have more behind it, when
// the next recipient is due, and every half minute in any case. A process that dies leaves leases: `recover` gives its
// own back at the next start, and those of others once they have run out.
import type { Domain } from "../mail/domain.ts";
import type { Lease, QueueStore } from "../queue/store.ts";
import { createLanes } from "./lanes.ts";
import type { Log } from "./log.ts";
import { matchRoute, type DeliverySettings } from "./settings.ts";

/** What `pause` stops. */
export type Pausable =
  | { readonly kind: "all" }
  | { readonly kind: "destination"; readonly name: Domain }
  | { readonly kind: "stream" | "sender"; readonly name: string };

export interface Pump {
  readonly nudge: () => void;
  readonly pause: (what: Pausable) => void;
  readonly resume: (what: Pausable) => void;
  readonly counts: () => { readonly running: number; readonly waiting: number };
  /** Begins nothing new and gives back what waits. */
  readonly stop: () => void;
  /** Resolves once nothing runs any more; after `stop`. */
  readonly done: () => Promise<void>;
}

export interface PumpParts {
  readonly queue: Pick<QueueStore, "lease" | "nextDue" | "recover">;
  readonly owner: string;
  readonly settings: Pick<
    DeliverySettings,
    "routes" | "maxConnections" | "maxConnectionsPerDestination" | "retryScheduleSeconds"
  >;
  readonly clock: () => Date;
  readonly log: Log;
  /** One attempt, recorded. `queuedMore`: it put something into the queue itself. */
  readonly run: (
    lease: Lease,
  ) => Promise<{ readonly omen: "good" | "bad" | "none"; readonly queuedMore: boolean }>;
  readonly giveBack: (lease: Lease) => Promise<void>;
}

const leaseMs = 3_600_000; // outlasts waiting and attempt together
const startWithinMs = leaseMs / 2; // what waited longer is given back rather than begun
const batchMax = 200; // recipients a lease: one transaction stays short
const waitingMax = 5000; // leases in memory: a few hundred destinations in trouble, at about 1 KB each
const pollMs = 30_000; // other processes accept mail too
const pastDueMs = 1000; // due, and yet not handed out: its lane is full or paused
const troubleMs = 5000; // the queue is away
const recoverEveryMs = 60_000;
const nobody = ""; // owns no lease: recovering in its name frees only what has run out

interface Entry {
  readonly lease: Lease;
  /** Monotonic milliseconds. */
  readonly since: number;
}

export function createPump(parts: PumpParts): Pump {
  const { queue, settings, log } = parts;
  const perDestination = settings.maxConnectionsPerDestination;
  const lanes = createLanes<Entry>((destination) =>
    // A smarthost is the operator's own: bounded by all connections only.
    matchRoute(settings.routes, destination)?.via.kind === "host"
      ? settings.maxConnections
      : perDestination,
  );
  const paused: Pausable[] = [];
  const jobs = new Set<Promise<void>>();
  /** Lanes that were left out of a lease, or got all they may: more may wait behind them. */
  const mayHaveMore = new Set<Domain>();
  let wanted = true;
  let leasing = false;
  let stopped = false;
  let more = false;
  let timer: NodeJS.Timeout | undefined;
  let ownRecovered = false;
  let recoveredAt = Number.NEGATIVE_INFINITY;

  /** Enough to keep every connection busy. What waits for a destination in trouble takes no room from the others. */
  const room = (): number =>
    Math.min(
      2 * settings.maxConnections - lanes.running() - lanes.runnable(),
      waitingMax - lanes.waiting(),
    );
  const isLow = (): boolean => lanes.runnable() < settings.maxConnections / 2;
  const track = (job: Promise<void>): void => {
    jobs.add(job);
    void job.finally(() => {
      jobs.delete(job);
      work();
    });
  };
  const work = (): void => {
    while (!stopped && lanes.running() < settings.maxConnections) {
      const turn = lanes.next();
      if (turn === undefined) break;
      track(runOne(turn.destination, turn.entry));
    }
    if (wanted && !leasing && !stopped) {
      leasing = true;
      wanted = false;
      track(leaseMore());
    }
  };
  const runOne = async (destination: Domain, entry: Entry): Promise<void> => {
    let omen: "good" | "bad" | "none" = "none";
    try {
      if (performance.now() - entry.since > startWithinMs) await parts.giveBack(entry.lease);
      else {
        const ran = await parts.run(entry.lease);
        omen = ran.omen;
        if (ran.queuedMore) wanted = true;
      }
    } catch (error) {
      log.error({ recipientId: entry.lease.recipientId, err: error }, "attempt broke");
    } finally {
      lanes.end(destination, omen);
      if (mayHaveMore.has(destination) && lanes.isLow(destination)) wanted = true;
      if (more && isLow()) wanted = true;
    }
  };
  const leaseMore = async (): Promise<void> => {
    clearTimeout(timer);
    try {
      await recover();
      const limit = Math.min(room(), batchMax);
      if (limit > 0 && !paused.some(({ kind }) => kind === "all")) await leaseUpTo(limit);
      else more = limit <= 0;
      if (!wanted) await sleepUntilDue();
    } catch (error) {
      log.error({ err: error }, "queue not available");
      wakeIn(troubleMs);
    } finally {
      leasing = false;
    }
  };
  const leaseUpTo = async (limit: number): Promise<void> => {
    const now = parts.clock();
    const full = lanes.full();
    const named = (kind: Pausable["kind"]): string[] =>
      paused.flatMap((what) => (what.kind === kind && what.kind !== "all" ? [what.name] : []));
    const leases = await queue.lease({
      owner: parts.owner,
      now,
      leaseUntil: new Date(now.getTime() + leaseMs),
      limit,
      perDestination,
      except: {
        destinations: [
          ...full,
          ...paused.flatMap((what) => (what.kind === "destination" ? [what.name] : [])),
        ],
        streams: named("stream"),
        senders: named("sender"),
      },
    });
    const since = performance.now();
    const got = new Map<Domain, number>();
    mayHaveMore.clear();
    for (const destination of full) mayHaveMore.add(destination);
    for (const lease of leases) {
      lanes.add(lease.destination, { lease, since });
      const count = (got.get(lease.destination) ?? 0) + 1;
      got.set(lease.destination, count);
      if (count >= perDestination) mayHaveMore.add(lease.destination);
    }
    more = leases.length >= limit;
    if (stopped || leases.some((lease) => isPaused(lease))) giveBackWaiting();
    if (more && isLow()) wanted = true;
  };
  const recover = async (): Promise<void> => {
    const monotonic = performance.now();
    if (ownRecovered && monotonic - recoveredAt < recoverEveryMs) return;
    const now = parts.clock();
    const owner = ownRecovered ? nobody : parts.owner;
    // It may have been delivered: not at once (threats.md §2).
    const retryAt = new Date(now.getTime() + (settings.retryScheduleSeconds[0] ?? 300) * 1000);
    let sum = 0;
    for (let recovered = 1; recovered > 0; sum += recovered)
      ({ recovered } = await queue.recover({ owner, now, retryAt }));
    ownRecovered = true;
    recoveredAt = monotonic;
    if (sum > 0) log.warn({ recovered: sum }, "attempts of a process that died: outcome uncertain");
  };
  const sleepUntilDue = async (): Promise<void> => {
    const due = await queue.nextDue();
    const left = due === undefined ? pollMs : due.getTime() - parts.clock().getTime();
    wakeIn(Math.min(left <= 0 ? pastDueMs : left, pollMs));
  };
  const wakeIn = (milliseconds: number): void => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(nudge, milliseconds);
  };
  const nudge = (): void => {
    wanted = true;
    work();
  };
  const isPaused = (lease: Lease): boolean =>
    paused.some((what) => {
      switch (what.kind) {
        case "all":
          return true;
        case "destination":
          return what.name === lease.destination;
        case "stream":
          return what.name === lease.stream;
        case "sender":
          return what.name === lease.sender;
      }
    });
  const giveBackWaiting = (): void => {
    for (const { lease } of lanes.take((entry) => stopped || isPaused(entry.lease)))
      track(parts.giveBack(lease));
  };

  setImmediate(work);
  return {
    nudge,
    pause: (what) => {
      paused.push(what);
      giveBackWaiting();
    },
    resume: (what) => {
      const kept = paused.filter((other) => !isSame(other, what));
      paused.splice(0, paused.length, ...kept);
      nudge();
    },
    counts: () => ({ running: lanes.running(), waiting: lanes.waiting() }),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      giveBackWaiting();
    },
    done: async () => {
      while (jobs.size > 0) await Promise.all(jobs);
    },
  };
}

function isSame(one: Pausable, other: Pausable): boolean {
  return (
    one.kind === other.kind &&
    ("name" in one ? one.name : undefined) === ("name" in other ? other.name : undefined)
  );
}
