// Makes settlements durable: gathers those that come while a commit is under way, and never lets go of one.
import type { QueueStore, Settlement } from "../queue/store.ts";
import type { Log } from "./log.ts";

export interface Settler {
  /** Resolves once the settlement is durable, or will never be: the lease was lost, or the settler was stopped. */
  readonly settle: (settlement: Settlement) => Promise<void>;
  /** Gives up what cannot be stored now: such recipients stay leased and count as uncertain at the next start. */
  readonly stop: () => void;
}

const batchMax = 200;
const retryDelaysMs = [200, 1000, 5000, 15_000] as const; // the store is away: the remote's answer must not be forgotten

interface Waiting {
  readonly settlement: Settlement;
  readonly done: () => void;
}

export function createSettler(queue: QueueStore, owner: string, log: Log): Settler {
  const waiting: Waiting[] = [];
  const stopped = new AbortController();
  let running = false;

  const store = async (batch: readonly Waiting[]): Promise<void> => {
    const { lost } = await queue.settle(
      owner,
      batch.map(({ settlement }) => settlement),
    );
    if (lost.length > 0) log.warn({ lost }, "settled by another owner meanwhile");
    for (const { done } of batch) done();
  };
  const storeOne = async (one: Waiting): Promise<void> => {
    for (let failures = 0; ; failures += 1) {
      try {
        await store([one]);
        return;
      } catch (error) {
        log.error(
          { recipientId: one.settlement.recipientId, outcome: one.settlement.kind, err: error },
          "settlement not stored",
        );
        if (stopped.signal.aborted) break;
        await pause(
          retryDelaysMs[Math.min(failures, retryDelaysMs.length - 1)] ?? 0,
          stopped.signal,
        );
      }
    }
    one.done();
  };
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchMax);
      try {
        await store(batch);
      } catch {
        // One that cannot be stored must not hold the others.
        await Promise.all(batch.map(storeOne));
      }
    }
    running = false;
  };

  return {
    settle: (settlement) =>
      new Promise((resolve) => {
        waiting.push({ settlement, done: resolve });
        if (running) return;
        running = true;
        void run();
      }),
    stop: () => {
      stopped.abort();
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
