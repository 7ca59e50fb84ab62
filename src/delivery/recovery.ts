// Gives back what a process had leased that died: ours at the start, that of others once their leases have run out.
import type { QueueStore } from "../queue/store.ts";
import type { Log } from "./log.ts";

export interface RecoveryParts {
  readonly queue: Pick<QueueStore, "recover">;
  readonly owner: string;
  readonly retryDelaySeconds: number;
  readonly clock: () => Date;
  readonly log: Log;
}

const everyMs = 60_000;
const nobody = ""; // owns no lease: recovering in its name frees only what has run out

/** Does so where it is time. To be called before leases are taken: what is ours and leased then is of a former life. */
export function createRecovery(parts: RecoveryParts): () => Promise<void> {
  let doneAt: number | undefined;
  return async () => {
    if (doneAt !== undefined && performance.now() - doneAt < everyMs) return;
    const now = parts.clock();
    const request = {
      owner: doneAt === undefined ? parts.owner : nobody,
      now,
      // It may have been delivered: not at once (threats.md §2).
      retryAt: new Date(now.getTime() + parts.retryDelaySeconds * 1000),
    };
    let sum = 0;
    let quarantined = 0;
    for (let last = 1; last > 0; sum += last) {
      const step = await parts.queue.recover(request);
      last = step.recovered;
      quarantined += step.quarantined ?? 0;
    }
    doneAt = performance.now();
    if (sum > 0)
      parts.log.warn({ recovered: sum }, "attempts of a process that died: outcome uncertain");
    if (quarantined > 0)
      parts.log.error(
        { quarantined },
        "copies whose attempts crashed again and again are paused; see: sekisho queue list --state paused",
      );
  };
}
