// Work on one message at a time in worker threads, with limits on time, memory and backlog: what a message can do to a
// parser ends with the thread.
//
// A task is  waiting → sent → running → done.
//   waiting  no thread has room for it
//   sent     with a thread, behind the one it is at: a thread that is busy finds its next task without being woken
//   running  the thread has written its number into memory that both see; its processor time runs from then on
//   done     answered, or failed: its thread took too long or died while it ran. Then the thread is replaced, and what was
//            sent and not begun waits again. What the machine did not get to in time is the machine's fault: busy
// A pool from a package (Piscina) was used before: its bookkeeping and one wake-up more cost a tenth of a message's time.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

import { createTaskClock, places, type TaskTime } from "./task-time.ts";

const taskMilliseconds = 2000; // threats.md row 25: CPU time that one message may cost
const waitMilliseconds = 30_000; // from handing over to the start, start of the thread included; and from there to the end
const heapMegabytes = 256; // threats.md row 25
const youngMegabytes = 24; // room for a large message between two collections; V8 would take 96 for each thread
const backlogPerThread = 64; // at 10 ms a message, less than a second of waiting
const readyMax = 3; // sent to a thread whatever their size: one runs, the others stand ready
const readySmallMax = 8; // … of small ones more, since the main thread may be long in coming back with the next …
const readyOctetsMax = 512 * 1024; // … as long as what stands with the thread already is less than this
const lookMilliseconds = 50; // how exactly the time is kept
const constantsMax = 200; // that a thread remembers: each reload, and each change of a sender's pages, brings new ones
const sendsMax = 3; // a task whose threads died before it began was not always unlucky

/** What a thread's function is given, beside what the pool's user adds. */
export interface TimedTask {
  readonly taskId: number;
  /** A copy of the thread's own: the main thread keeps the message should the thread die. */
  readonly content: Buffer;
}

export type TimedResult<Result> =
  | { readonly kind: "done"; readonly result: Result }
  /** Too much processor time, out of memory or crashed. `why` and `cause` are for the log. */
  | { readonly kind: "failed"; readonly why: "timeout" | "crash"; readonly cause?: unknown }
  /** More messages wait than may, or this one has waited too long for the machine: it says nothing about the message. */
  | { readonly kind: "busy" };

export interface TimedPool<
  Given extends object,
  Constant extends object,
  Result,
> extends AsyncDisposable {
  /**
   * `content` is not changed and stays the caller's. `constant` crosses once to each thread and is one object there for
   * all tasks that name the same one here. Never rejects.
   */
  readonly run: (
    content: Buffer,
    given: Given,
    constant?: Constant,
  ) => Promise<TimedResult<Result>>;
}

export interface TimedPoolLimits {
  /** Default: one less than the machine has cores. */
  readonly threads?: number;
  /** Processor time of one task; time by the clock where the system does not tell. */
  readonly milliseconds?: number;
  /** By the clock: for a task to be begun, and to end. */
  readonly waitMilliseconds?: number;
  readonly heapMegabytes?: number;
  readonly backlogMax?: number;
}

export type ToThread =
  | {
      readonly kind: "begin";
      readonly module: string;
      readonly name: string;
      readonly shown: Int32Array<SharedArrayBuffer>;
    }
  | {
      readonly kind: "task";
      readonly taskId: number;
      readonly content: Uint8Array;
      readonly given: object;
      readonly constant: { readonly id: number; readonly value?: object };
    };

export type FromThread =
  | { readonly taskId: number; readonly result: unknown }
  | { readonly taskId: number; readonly problem: string };

interface Task {
  readonly id: number;
  readonly content: Buffer;
  readonly given: object;
  readonly constant: object;
  readonly since: number;
  readonly settle: (result: TimedResult<unknown>) => void;
  sends: number;
}

interface Thread {
  readonly worker: Worker;
  /** What it is at, as of now. */
  readonly time: (now: number) => TaskTime;
  /** In the order they were sent. */
  readonly sent: Map<number, Task>;
  readonly constants: Map<object, number>;
}

interface State {
  readonly start: () => Thread;
  readonly threadsMax: number;
  readonly limit: number;
  readonly wait: number;
  readonly threads: Set<Thread>;
  readonly waiting: Task[];
  readonly endings: Set<Promise<unknown>>;
  open: number;
  timer: NodeJS.Timeout | undefined;
  closed: boolean;
}

const nothing: object = {};

/** `name`: the function that the module at `worker` exports; `workerData`: what every thread starts with. */
export function createTimedPool<Given extends object, Constant extends object, Result>(
  work: { readonly worker: URL; readonly name: string; readonly workerData?: unknown },
  limits: TimedPoolLimits = {},
): TimedPool<Given, Constant, Result> {
  // One core stays for SMTP, delivery and the writer: each thread more costs its memory and its own warming up.
  const threadsMax = limits.threads ?? Math.max(1, availableParallelism() - 1);
  const backlogMax = limits.backlogMax ?? threadsMax * backlogPerThread;
  const state: State = {
    start: () => startThread(state, work, limits.heapMegabytes ?? heapMegabytes),
    threadsMax,
    limit: limits.milliseconds ?? taskMilliseconds,
    wait: limits.waitMilliseconds ?? waitMilliseconds,
    threads: new Set(),
    waiting: [],
    endings: new Set(),
    open: 0,
    timer: undefined,
    closed: false,
  };
  for (let n = 0; n < threadsMax; n += 1) state.threads.add(state.start());
  let lastTask = 0;
  return {
    run: (content, given, constant) => {
      if (state.open >= backlogMax + threadsMax) return Promise.resolve({ kind: "busy" });
      state.open += 1;
      lastTask = (lastTask % 0x7fffffff) + 1;
      const id = lastTask;
      return new Promise((resolve) => {
        const settle = (result: TimedResult<unknown>): void => {
          state.open -= 1;
          resolve(result as TimedResult<Result>); // the module at `worker` gives what its user says
        };
        const since = performance.now();
        state.waiting.push({
          id,
          content,
          given,
          constant: constant ?? nothing,
          since,
          settle,
          sends: 0,
        });
        send(state);
      });
    },
    [Symbol.asyncDispose]: async () => {
      state.closed = true;
      clearInterval(state.timer);
      for (const thread of state.threads) replace(state, thread, "crash", new Error("closed"));
      for (const task of state.waiting.splice(0)) task.settle({ kind: "failed", why: "crash" });
      await Promise.all(state.endings);
    },
  };
}

function startThread(
  state: State,
  work: { readonly worker: URL; readonly name: string; readonly workerData?: unknown },
  heap: number,
): Thread {
  const shown = new Int32Array(new SharedArrayBuffer(places.count * Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(new URL("./timed-thread.ts", import.meta.url), {
    name: work.name,
    workerData: work.workerData,
    resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: youngMegabytes },
  });
  const thread: Thread = {
    worker,
    time: createTaskClock(shown),
    sent: new Map(),
    constants: new Map(),
  };
  post(worker, { kind: "begin", module: work.worker.href, name: work.name, shown });
  worker.on("message", (answer: FromThread) => {
    const task = thread.sent.get(answer.taskId);
    thread.sent.delete(answer.taskId);
    if ("result" in answer) task?.settle({ kind: "done", result: answer.result });
    else task?.settle({ kind: "failed", why: "crash", cause: new Error(answer.problem) });
    send(state);
  });
  worker.on("error", (cause) => {
    replace(state, thread, "crash", cause);
  });
  worker.on("exit", (code) => {
    replace(state, thread, "crash", new Error(`the thread ended with ${code}`));
  });
  return thread;
}

function post(worker: Worker, message: ToThread): void {
  worker.postMessage(message);
}

/** Gives what waits to the threads that have room, the one with least to do first. */
function send(state: State): void {
  const { waiting, threads } = state;
  while (waiting.length > 0 && !state.closed) {
    while (threads.size < state.threadsMax) threads.add(state.start());
    let least: Thread | undefined;
    for (const thread of threads)
      if (hasRoom(thread) && thread.sent.size < (least?.sent.size ?? Infinity)) least = thread;
    const task = least === undefined ? undefined : waiting.shift();
    if (least === undefined || task === undefined) break;
    task.sends += 1;
    least.sent.set(task.id, task);
    post(least.worker, toMessage(least, task));
  }
  state.timer ??= setInterval(look, lookMilliseconds, state);
}

function hasRoom({ sent }: Thread): boolean {
  if (sent.size < readyMax) return true;
  let octets = 0;
  for (const { content } of sent.values()) octets += content.length;
  return sent.size < readySmallMax && octets < readyOctetsMax;
}

function toMessage({ constants }: Thread, task: Task): ToThread {
  const { id: taskId, content, given, constant } = task;
  const known = constants.get(constant);
  if (known === undefined && constants.size >= constantsMax) constants.clear(); // It takes tasks in order: ids may come again.
  const id = known ?? constants.size;
  if (known === undefined) constants.set(constant, id);
  return {
    kind: "task",
    taskId,
    given,
    // Of a slice the whole of its memory would cross.
    content: content.byteLength === content.buffer.byteLength ? content : new Uint8Array(content),
    constant: known === undefined ? { id, value: constant } : { id },
  };
}

/** Keeps the time of what runs, and of what was not begun. */
function look(state: State): void {
  const now = performance.now();
  if (state.open === 0) {
    clearInterval(state.timer);
    state.timer = undefined;
  }
  for (const thread of state.threads) {
    const { task, elapsed, spent } = thread.time(now);
    if (task !== 0 && spent > state.limit) replace(state, thread, "timeout");
    else if (task !== 0 && elapsed > state.wait) replace(state, thread, "late");
    for (const sent of thread.sent.values())
      if (sent.id !== task && now - sent.since > state.wait) {
        thread.sent.delete(sent.id);
        sent.settle({ kind: "busy" });
      }
  }
  while ((state.waiting[0]?.since ?? now) < now - state.wait)
    state.waiting.shift()?.settle({ kind: "busy" });
}

type Ending = "timeout" | "crash" | "late"; // The last is no fault of the task.

/** Ends a thread: its task has failed, and what it had not begun goes to others. */
function replace(state: State, thread: Thread, why: Ending, cause?: unknown): void {
  if (!state.threads.delete(thread)) return;
  const ending = thread.worker.terminate();
  state.endings.add(ending);
  void ending.finally(() => {
    state.endings.delete(ending);
  });
  const at = thread.time(performance.now()).task;
  const again: Task[] = [];
  for (const task of thread.sent.values()) {
    if (task.id === at || task.sends >= sendsMax || state.closed)
      task.settle(why === "late" ? { kind: "busy" } : { kind: "failed", why, cause });
    else again.push(task);
  }
  // Of those only the first may have been what ended it: the others were not even looked at.
  for (const task of again.slice(1)) task.sends -= 1;
  thread.sent.clear();
  state.waiting.unshift(...again);
  send(state);
}
