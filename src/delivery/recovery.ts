// Keeps this process known as alive to those that share the queue, and gives back what dead ones had leased: ours of a
// former life at the start, that of others once they have been silent for minutes, or their leases have run out.
//
// Clocks are not compared: a process is silent when we have seen no new beat of it for minutes of our own time (threats.md
// row 62). Nor does a clock that is set forward end what is leased (row 61). One that could not tell that it lives begins
// nothing more, before others take its leases for those of a dead one.
import type { NodeBeat, QueueStore } from "../queue/store.ts";
import type { Log } from "./log.ts";

export interface RecoveryParts {
  readonly queue: Pick<QueueStore, "beat" | "recover">;
  readonly owner: string;
  readonly retryDelaySeconds: number;
  readonly clock: () => Date;
  /** Milliseconds. */
  readonly monotonic: () => number;
  readonly log: Log;
}

export interface Recovery {
  /** Does both where it is time. To be called before leases are taken: what is ours and leased at the first call is of a former life. */
  readonly run: () => Promise<void>;
  /**
   * Whether what we leased at `since` (monotonic milliseconds), or lease now, is certainly ours: others may have taken
   * over what was ours before we fell silent.
   */
  readonly isTrusted: (since?: number) => boolean;
}

const everyMs = 60_000;
const silentMs = 300_000; // without a new beat of another one: five are missing
const trustedMs = 150_000; // without one of ours: half of that, so that what was begun then is over or known
const unsetMs = 7_200_000; // a lease of before the clock was set has ended by then, by any clock: it is for an hour
const nobody = ""; // owns no lease: recovering in its name frees only what is nobody's any more

export function createRecovery(parts: RecoveryParts): Recovery {
  const { queue, owner, clock, monotonic, log } = parts;
  let doneAt: number | undefined;
  let trustedSince = 0;
  const others = createWatch();
  const unset = createUnsetClock();
  const run = async (): Promise<void> => {
    const begunAt = monotonic();
    if (doneAt !== undefined && begunAt - doneAt < everyMs) return;
    const now = clock();
    // Before we take over from others, they know of us.
    const silent = others.silent(await queue.beat(owner, now), begunAt);
    const { recovered, quarantined } = await recoverAll(queue, {
      owner: doneAt === undefined ? owner : nobody,
      now,
      // It may have been delivered: not at once (delivery.md, After a crash).
      retryAt: new Date(now.getTime() + parts.retryDelaySeconds * 1000),
      silent,
      endedBefore: unset(now, begunAt),
    });
    if (doneAt === undefined || monotonic() - doneAt >= trustedMs) trustedSince = begunAt;
    doneAt = begunAt;
    if (recovered > 0)
      log.warn({ recovered }, "attempts of a process that died: outcome uncertain");
    if (quarantined > 0)
      log.error(
        { quarantined },
        "copies whose attempts crashed again and again are paused; see: sekisho queue list --state paused",
      );
  };
  return {
    run,
    isTrusted: (since = trustedSince) =>
      doneAt !== undefined && monotonic() - doneAt < trustedMs && since >= trustedSince,
  };
}

/** Notes when each process was first seen at its last beat; times are our own monotonic milliseconds. */
function createWatch(): {
  readonly silent: (beats: readonly NodeBeat[], now: number) => readonly string[];
} {
  let known: ReadonlyMap<string, { readonly beat: number; readonly at: number }> = new Map();
  return {
    silent: (beats, now) => {
      known = new Map(
        beats.map(({ name, beat }) => {
          const before = known.get(name);
          return [name, before?.beat === beat ? before : { beat, at: now }];
        }),
      );
      return [...known].flatMap(([name, { at }]) => (now - at >= silentMs ? [name] : []));
    },
  };
}

/** What the clock would show had it not been set forward of late; `at` is our own monotonic milliseconds. */
function createUnsetClock(): (now: Date, at: number) => Date {
  let seen: readonly { readonly offset: number; readonly at: number }[] = [];
  return (now, at) => {
    const recent = seen.filter((each) => at - each.at < unsetMs);
    seen = [...recent, { offset: now.getTime() - at, at }];
    return new Date(at + Math.min(...seen.map(({ offset }) => offset)));
  };
}

async function recoverAll(
  queue: Pick<QueueStore, "recover">,
  request: Parameters<QueueStore["recover"]>[0],
): Promise<{ readonly recovered: number; readonly quarantined: number }> {
  let recovered = 0;
  let quarantined = 0;
  for (let last = 1; last > 0; recovered += last) {
    const step = await queue.recover(request);
    last = step.recovered;
    quarantined += step.quarantined ?? 0;
  }
  return { recovered, quarantined };
}
