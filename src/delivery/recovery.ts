// Keeps this process known as alive to those that share the queue, and gives back what dead ones had leased: ours of a
// former life at the start, that of others once they have been silent for minutes, or their leases have run out.
//
// Times of beats are each process's own clock: a difference of a minute between two of them changes nothing. One that could
// not tell that it lives begins nothing more, before others take its leases for those of a dead one.
import type { QueueStore } from "../queue/store.ts";
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
  /** Whether what we have leased is certainly still ours. */
  readonly isTrusted: () => boolean;
}

const everyMs = 60_000;
const silentMs = 300_000; // of another one: five beats
const trustedMs = 150_000; // of ours; half of that, so that clocks may differ and an attempt get under way
const nobody = ""; // owns no lease: recovering in its name frees only what is nobody's any more

export function createRecovery(parts: RecoveryParts): Recovery {
  const { queue, owner, clock, monotonic, log } = parts;
  let doneAt: number | undefined;
  const run = async (): Promise<void> => {
    const begunAt = monotonic();
    if (doneAt !== undefined && begunAt - doneAt < everyMs) return;
    const now = clock();
    const { recovered, quarantined } = await recoverAll(queue, {
      owner: doneAt === undefined ? owner : nobody,
      now,
      // It may have been delivered: not at once (threats.md §2).
      retryAt: new Date(now.getTime() + parts.retryDelaySeconds * 1000),
      silentSince: new Date(now.getTime() - silentMs),
    });
    await queue.beat(owner, now);
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
    isTrusted: () => doneAt !== undefined && monotonic() - doneAt < trustedMs,
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
