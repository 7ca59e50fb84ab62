// Work on one message at a time in worker threads, with limits on time, memory and backlog: what a message can do to a
// parser ends with the worker.
import { availableParallelism } from "node:os";

import { Piscina } from "piscina";

const taskMilliseconds = 2000; // threats.md row 25: CPU time that one message may cost
const queueWaitMilliseconds = 30_000; // from handing over to the start, worker start included
const heapMegabytes = 256; // threats.md row 25
const backlogPerThread = 64; // at 10 ms a message, less than a second of waiting

/** What a worker is given, beside what the pool's user adds. Its first act is to post `taskId` to its parent. */
export interface TimedTask {
  readonly taskId: number;
  /** Shared with the main thread, which keeps the message should the worker die. */
  readonly content: Uint8Array;
}

export type TimedResult<Result> =
  | { readonly kind: "done"; readonly result: Result }
  /** Too long, out of memory or crashed. `why` and `cause` are for the log. */
  | { readonly kind: "failed"; readonly why: "timeout" | "crash"; readonly cause?: unknown }
  /** More messages wait than may. */
  | { readonly kind: "busy" };

export interface TimedPool<Given extends object, Result> extends AsyncDisposable {
  /** `content` is not changed and stays the caller's. Never rejects. */
  readonly run: (content: Buffer, given: Given) => Promise<TimedResult<Result>>;
}

export interface TimedPoolLimits {
  /** Default: the machine's cores. */
  readonly threads?: number;
  readonly milliseconds?: number;
  readonly heapMegabytes?: number;
  readonly backlogMax?: number;
}

/** `name`: the function that the module at `worker` exports; `workerData`: what every worker starts with. */
export function createTimedPool<Given extends object, Result>(
  work: { readonly worker: URL; readonly name: string; readonly workerData?: unknown },
  limits: TimedPoolLimits = {},
): TimedPool<Given, Result> {
  const threads = limits.threads ?? availableParallelism();
  const backlogMax = limits.backlogMax ?? threads * backlogPerThread;
  const limit = limits.milliseconds ?? taskMilliseconds;
  const pool = new Piscina<Given & TimedTask, Result>({
    filename: work.worker.href,
    name: work.name,
    workerData: work.workerData,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMegabytes ?? heapMegabytes },
  });
  pool.on("error", () => {
    // A worker that dies between two tasks: the pool starts another. A task's own failure rejects its run.
  });
  const started = new Map<number, () => void>();
  pool.on("message", (taskId: unknown) => {
    if (typeof taskId === "number") started.get(taskId)?.();
  });
  let lastTask = 0;
  let open = 0;
  return {
    run: async (content, given) => {
      if (open >= backlogMax + threads) return { kind: "busy" };
      open += 1;
      lastTask += 1;
      const taskId = lastTask;
      const aborter = new AbortController();
      let timer = setTimeout(() => aborter.abort(), queueWaitMilliseconds);
      // The clock starts when the worker does: a message does not fail because others were before it.
      started.set(taskId, () => {
        clearTimeout(timer);
        timer = setTimeout(() => aborter.abort(), limit);
      });
      try {
        const task = { ...given, taskId, content: share(content) };
        return { kind: "done", result: await pool.run(task, { signal: aborter.signal }) };
      } catch (cause) {
        return { kind: "failed", why: aborter.signal.aborted ? "timeout" : "crash", cause };
      } finally {
        clearTimeout(timer);
        started.delete(taskId);
        open -= 1;
      }
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

/** One copy into memory that both threads see; the message itself never crosses, so a dead worker cannot lose it. */
function share(content: Buffer): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(content.length));
  shared.set(content);
  return shared;
}
