// Judges messages off the SMTP thread: a pool of worker threads with limits on time, memory and backlog.
import { availableParallelism } from "node:os";

import { Piscina } from "piscina";

import type { Finding } from "../policy/finding.ts";
import type { JudgeFacts } from "../policy/judge.ts";
import type { Unfit } from "./prescan.ts";

const judgeMilliseconds = 2000; // threats.md row 25: CPU time that one message may cost
const queueWaitMilliseconds = 30_000; // from handing over to the start, worker start included
const heapMegabytes = 256; // threats.md row 25
const backlogPerThread = 64; // at 10 ms a message, less than a second of waiting

/** What a worker was given. */
export interface JudgeTask {
  readonly taskId: number;
  /** Shared with the main thread, which keeps the message should the worker die. */
  readonly content: Uint8Array;
  readonly facts: JudgeFacts;
}

/** What a worker found out. */
export type Judgement =
  | { readonly kind: "judged"; readonly findings: readonly Finding[]; readonly bodyHash: string }
  | { readonly kind: "unfit"; readonly unfit: Unfit };

export type JudgeResult =
  | Judgement
  /** Too long, out of memory or crashed: the message is to be held. `why` is for the log. */
  | { readonly kind: "failed"; readonly why: "timeout" | "crash"; readonly cause?: unknown }
  /** More messages wait than may. */
  | { readonly kind: "busy" };

export interface Judge extends AsyncDisposable {
  /** `content` is not changed and stays the caller's. Never rejects. */
  readonly judge: (content: Buffer, facts: JudgeFacts) => Promise<JudgeResult>;
}

export interface JudgeOptions {
  /** Default: the machine's cores. */
  readonly threads?: number;
  readonly milliseconds?: number;
  readonly heapMegabytes?: number;
  readonly backlogMax?: number;
  /** The worker's module; another one only to prove what happens when a worker fails. */
  readonly worker?: URL;
}

export function createJudge(options: JudgeOptions = {}): Judge {
  const threads = options.threads ?? availableParallelism();
  const backlogMax = options.backlogMax ?? threads * backlogPerThread;
  const limit = options.milliseconds ?? judgeMilliseconds;
  const pool = new Piscina<JudgeTask, Judgement>({
    filename: (options.worker ?? new URL("./judge-worker.ts", import.meta.url)).href,
    name: "judgeMessage",
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    resourceLimits: { maxOldGenerationSizeMb: options.heapMegabytes ?? heapMegabytes },
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
    judge: async (content, facts) => {
      if (open >= backlogMax + threads) return { kind: "busy" };
      open += 1;
      lastTask += 1;
      const taskId = lastTask;
      const aborter = new AbortController();
      let timer = setTimeout(() => aborter.abort(), queueWaitMilliseconds);
      // The clock starts when the worker does: a message is not held because others were before it.
      started.set(taskId, () => {
        clearTimeout(timer);
        timer = setTimeout(() => aborter.abort(), limit);
      });
      try {
        return await pool.run(
          { taskId, content: share(content), facts },
          { signal: aborter.signal },
        );
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
