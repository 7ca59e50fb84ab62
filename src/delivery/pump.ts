// Leases recipients that are due, and gives each its turn at one attempt.
//
// A recipient here is  leased → waiting in its destination's lane → running → settling → gone.
//   leased     handed out by the queue for an hour; nobody else has it meanwhile
//   waiting    until its lane has a place; given back unspent where its stream is paused, its lease grows old, or we stop
//   running    one attempt (attempt.ts), bounded by its own deadlines to less than half of the lease
//   settling   the outcome is being made durable; the connection it used carries nothing until then, so that a crash can
//              cost one copy for each connection and no more
// Which lane may go on, and when, is the pace's to say (pace/pace.ts).
// The queue is asked again when it was told of new mail (nudge), when a lane ran low that may have more behind it, when
// the next recipient is due, and every half minute in any case (lease-more.ts). A process that dies leaves leases: recovery.ts gives them
// back, and tells whether ours are still ours.
import type { Lease, QueueStore } from "../queue/store.ts";
import { createAppetite } from "./appetite.ts";
import { createClaims, type Claims } from "./claims.ts";
import { createDelayNotices } from "./delay-notices.ts";
import type { HeadStart } from "./head-start.ts";
import type { AtHand } from "./prepare.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import {
  giveBackWaiting,
  leaseMore,
  leaseMs,
  pollMs,
  startWithinMs,
  type Asking,
  type Entry,
} from "./lease-more.ts";
import type { Log } from "./log.ts";
import { createOverdue, type MaxAge } from "./overdue.ts";
import { createPauses, type Pausable } from "./pauses.ts";
import { createRecovery } from "./recovery.ts";
import type { Pace, PaceResult, Place } from "./pace/pace.ts";
import type { DeliverySettings } from "./settings.ts";

export interface Pump {
  readonly nudge: () => void;
  readonly handOver: Claims["handOver"];
  readonly pause: (what: Pausable, by: string) => void;
  readonly resume: (what: Pausable, by: string) => void;
  readonly counts: () => { readonly running: number; readonly waiting: number };
  /** What waits in memory, and why. */
  readonly waits: () => ReturnType<Lanes<Entry, Place>["waits"]>;
  /** Begins nothing new and gives back what waits. */
  readonly stop: () => void;
  /** Resolves once nothing runs any more; after `stop`. */
  readonly done: () => Promise<void>;
}

export interface PumpParts {
  readonly queue: Pick<
    QueueStore,
    "lease" | "leaseThese" | "list" | "nextDue" | "beat" | "recover"
  >;
  readonly owner: string;
  readonly settings: Pick<
    DeliverySettings,
    "routes" | "maxConnections" | "maxConnectionsPerDestination" | "retryScheduleSeconds"
  >;
  readonly pace: Pace;
  readonly clock: () => Date;
  /** Milliseconds. */
  readonly monotonic: () => number;
  readonly log: Log;
  /** One attempt, recorded. `queuedMore`: it put something into the queue itself. */
  readonly run: (
    lease: Lease,
    atHand: AtHand | undefined,
  ) => Promise<{ readonly pace: PaceResult; readonly queuedMore: boolean }>;
  readonly giveBack: (lease: Lease) => Promise<void>;
  /** Records that it waited for too long. */
  readonly expire: (lease: Lease) => Promise<void>;
  readonly maxAge: MaxAge;
  /** From reception until the sender is told that a copy waits; absent or 0: never. */
  readonly delayNoticeMs?: number;
  /** Gives it back, and tells its sender that it waits. */
  readonly notify: (lease: Lease) => Promise<void>;
  readonly headStart: Pick<HeadStart, "begin" | "forget">;
}

interface State extends Asking {
  readonly parts: PumpParts;
  readonly jobs: Set<Promise<void>>;
  /** Wakes a lane that the pace lets go on. */
  paceTimer: NodeJS.Timeout | undefined;
}

export function createPump(parts: PumpParts): Pump {
  const { settings, queue, owner, clock, log } = parts;
  const [retryDelaySeconds = 300] = settings.retryScheduleSeconds;
  const lanes = createLanes<Entry, Place>({
    begin: (_name, { lease }, now) => {
      const begun = parts.pace.begin(lease, now);
      return "why" in begun ? { kind: "wait", ...begun } : { kind: "go", place: begun };
    },
    places: parts.pace.places,
  });
  const pauses = createPauses();
  const state: State = {
    parts,
    lanes,
    appetite: createAppetite(settings, lanes),
    pauses,
    overdue: createOverdue({ ...parts, leaseMs, pauses }),
    notices: createDelayNotices({ ...parts, leaseMs, pauses }),
    recovery: createRecovery({
      queue,
      owner,
      retryDelaySeconds,
      clock,
      monotonic: parts.monotonic,
      log,
    }),
    jobs: new Set(),
    mayHaveMore: new Set(),
    wanted: true,
    leasing: false,
    stopped: false,
    more: false,
    timer: undefined,
    paceTimer: undefined,
    nudge: () => {
      nudge(state);
    },
    track: (job) => {
      track(state, job);
    },
  };
  setImmediate(work, state);
  return {
    nudge: state.nudge,
    handOver: claimsOf(state).handOver,
    pause: (what, by) => {
      state.pauses.add(what, by);
      giveBackWaiting(state);
    },
    resume: (what, by) => {
      state.pauses.remove(what, by);
      nudge(state);
    },
    waits: () => state.lanes.waits(performance.now()),
    counts: () => ({ running: state.lanes.running(), waiting: state.lanes.waiting() }),
    stop: () => {
      state.stopped = true;
      clearTimeout(state.timer);
      clearTimeout(state.paceTimer);
      giveBackWaiting(state);
    },
    done: async () => {
      while (state.jobs.size > 0) await Promise.all(state.jobs);
    },
  };
}

function nudge(state: State): void {
  state.wanted = true;
  work(state);
}

/** Gives turns as long as there are places, and asks the queue where that is wanted. */
function work(state: State): void {
  const { lanes, parts } = state;
  while (!state.stopped && lanes.running() < parts.settings.maxConnections) {
    const turn = lanes.next(performance.now());
    if (turn === undefined) break;
    track(state, runOne(state, turn.entry, turn.place));
  }
  wakeForPace(state);
  if (state.wanted && !state.leasing && !state.stopped) {
    state.leasing = true;
    state.wanted = false;
    track(state, leaseMore(state));
  }
}

function track(state: State, job: Promise<void>): void {
  state.jobs.add(job);
  void job.finally(() => {
    state.jobs.delete(job);
    work(state);
  });
}

function wakeForPace(state: State): void {
  const at = state.lanes.wakeAt();
  clearTimeout(state.paceTimer);
  if (at === undefined || state.stopped) return;
  const left = Math.min(Math.max(at - performance.now(), 1), pollMs);
  state.paceTimer = setTimeout(work, left, state);
}

async function runOne(state: State, entry: Entry, place: Place): Promise<void> {
  const { lanes, parts, mayHaveMore } = state;
  const { destination } = entry.lease;
  let result: PaceResult = "unsent";
  try {
    const isOld = parts.monotonic() - entry.since > startWithinMs;
    if (isOld || !state.recovery.isTrusted(entry.since)) await parts.giveBack(entry.lease);
    else {
      const ran = await parts.run(entry.lease, entry.kept);
      result = ran.pace;
      if (ran.queuedMore) state.wanted = true;
    }
  } catch (error) {
    parts.log.error({ recipientId: entry.lease.recipientId, err: error }, "attempt broke");
  } finally {
    entry.kept?.end();
    lanes.end();
    parts.pace.end(place, result, performance.now());
    if (mayHaveMore.has(destination) && lanes.isLow(destination)) state.wanted = true;
    if (state.more && state.appetite.isLow()) state.wanted = true;
  }
}

function claimsOf(state: State): Claims {
  const { parts, lanes, mayHaveMore } = state;
  return createClaims({
    ...parts,
    leaseMs,
    isOpen: (leases) =>
      state.recovery.isTrusted() &&
      !state.stopped &&
      !state.more &&
      state.appetite.takes(leases) &&
      !leases.some((lease) => mayHaveMore.has(lease.destination) || state.pauses.stops(lease)),
    begin: (lease, kept) => {
      lanes.add(lease, { lease, since: parts.monotonic(), kept });
      if (state.stopped || state.pauses.stops(lease)) giveBackWaiting(state);
      else work(state);
    },
    nudge: state.nudge,
  });
}
