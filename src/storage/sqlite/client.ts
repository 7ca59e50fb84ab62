// The posting side of the writer thread: gathers operations while a commit is under way, so that many share one fsync.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { StorageUnavailable } from "../../audit/unavailable.ts";
import { createBacklog, type Pending } from "./backlog.ts";
import type { CommandName, Commands } from "./commands.ts";
import type { Answer, FromWriter, ToWriter, Trouble, WriterSettings } from "./wire.ts";

// What a batch leaves behind dies young. Bodies lie outside of V8's heap, which weighs them all the same: with more room than
// this they wait for so long that the whole heap is searched for them, more than twice a second at 50 KB.
const writerYoungMegabytes = 3;
const operationBytes = 512; // about what an operation weighs if it does not say

export interface WriterClient {
  /** Runs a verb in the writer; resolves after its commit. `transfer` is handed over, not copied. */
  readonly post: <Name extends CommandName>(
    name: Name,
    args: Parameters<Commands[Name]>,
    weight?: { readonly bytes: number; readonly transfer?: ArrayBuffer },
  ) => Promise<ReturnType<Commands[Name]>>;
  /** What keeps the writer from writing; undefined: it is well. */
  readonly problem: () => string | undefined;
  /** Resolves where the writer will not write again, though nobody closed it. */
  readonly lost: Promise<StorageUnavailable>;
  /** Refuses new operations, finishes those posted, closes the file. */
  readonly close: () => Promise<void>;
}

export async function startWriter(
  settings: WriterSettings,
  clock: () => Date,
): Promise<WriterClient> {
  const worker = new Worker(new URL("./writer.ts", import.meta.url), {
    workerData: settings,
    name: "storage-writer",
    resourceLimits: { maxYoungGenerationSizeMb: writerYoungMegabytes },
  });
  const [first] = (await once(worker, "message")) as [FromWriter];
  if (first.kind === "refused") {
    await worker.terminate();
    throw asError(first.trouble);
  }
  return createClient(createDispatch(worker, clock));
}

/** Between posting and answer: what waits, what is with the writer, whether the writer lives. */
interface Dispatch {
  readonly add: (pending: Omit<Pending, "id">) => void;
  readonly refusal: () => StorageUnavailable | undefined;
  readonly problem: () => string | undefined;
  readonly lost: Promise<StorageUnavailable>;
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

function createDispatch(worker: Worker, clock: () => Date): Dispatch {
  const backlog = createBacklog();
  const underWay = new Map<number, Pending>();
  const whenIdle: (() => void)[] = [];
  let lastId = 0;
  let problem: string | undefined;
  let dead: StorageUnavailable | undefined;
  let scheduled = false;
  let stopping = false;
  const lost = Promise.withResolvers<StorageUnavailable>();

  const flush = (): void => {
    scheduled = false;
    // One batch at a time: a commit costs as much as storing three messages, so what comes meanwhile shares the next one.
    if (!backlog.isEmpty() && underWay.size === 0 && dead === undefined) {
      const batch = backlog.take();
      for (const pending of batch) underWay.set(pending.id, pending);
      sendBatch(worker, batch, clock().getTime());
    }
    if (backlog.isEmpty() && underWay.size === 0) for (const done of whenIdle.splice(0)) done();
  };
  /** What this turn of the event loop still brings, and what the answers lead to at once, goes into the same batch. */
  const schedule = (): void => {
    if (scheduled || underWay.size > 0) return;
    scheduled = true;
    setImmediate(flush);
  };
  const die = (message: string, cause?: unknown): void => {
    dead ??= new StorageUnavailable("closed", message, { cause });
    if (!stopping) lost.resolve(dead);
    for (const pending of [...underWay.values(), ...backlog.takeAll()]) pending.reject(dead);
    underWay.clear();
    flush();
  };
  const stopped = (cause: unknown): void => {
    die("the storage writer has stopped", cause);
  };
  worker.on("error", stopped);
  worker.on("exit", stopped);
  worker.on("message", (message: FromWriter) => {
    if (message.kind !== "done") return;
    ({ problem } = message);
    for (const answer of message.answers) {
      const pending = underWay.get(answer.id);
      underWay.delete(answer.id);
      if (pending !== undefined) settle(pending, answer);
    }
    if (message.isDead) die(`the disk failed: ${problem ?? "it does not say how"}`);
    schedule();
  });
  return {
    refusal: () => dead ?? backlog.refusal(),
    problem: () => dead?.message ?? problem,
    lost: lost.promise,
    add: (pending) => {
      lastId += 1;
      backlog.add({ ...pending, id: lastId });
      schedule();
    },
    idle: async () => {
      await new Promise<void>((resolve) => {
        whenIdle.push(resolve);
        flush();
      });
    },
    stop: async () => {
      stopping = true;
      await (dead === undefined ? close(worker) : worker.terminate());
    },
  };
}

async function close(worker: Worker): Promise<void> {
  const exit = once(worker, "exit");
  send(worker, { kind: "close" }, []);
  await exit;
}

function createClient(dispatch: Dispatch): WriterClient {
  let closing: Promise<void> | undefined;
  return {
    problem: dispatch.problem,
    lost: dispatch.lost,
    post: (name, args, weight) =>
      // One cast: the writer answers `name` with what Commands says.
      new Promise<unknown>((resolve, reject) => {
        const refusal =
          closing === undefined
            ? dispatch.refusal()
            : new StorageUnavailable("closed", "the store is closed");
        if (refusal !== undefined) reject(refusal);
        else dispatch.add({ name, args, bytes: operationBytes, ...weight, resolve, reject });
      }) as Promise<ReturnType<Commands[typeof name]>>,
    close: () => (closing ??= dispatch.idle().then(dispatch.stop)),
  };
}

function settle(pending: Pending, answer: Answer): void {
  if ("trouble" in answer) pending.reject(asError(answer.trouble));
  else pending.resolve(answer.value);
}

function sendBatch(worker: Worker, batch: readonly Pending[], now: number): void {
  const operations = batch.map(({ id, name, args }) => ({ id, name, args }));
  const transfer = batch.flatMap((pending) => pending.transfer ?? []);
  send(worker, { kind: "batch", operations, now }, transfer);
}

function send(worker: Worker, message: ToWriter, transfer: readonly ArrayBuffer[]): void {
  worker.postMessage(message, [...transfer]);
}

function asError(trouble: Trouble): Error {
  const options = trouble.cause === undefined ? {} : { cause: new Error(trouble.cause) };
  if (trouble.unavailable !== undefined)
    return new StorageUnavailable(trouble.unavailable, trouble.message, options);
  return trouble.isRange === true
    ? new RangeError(trouble.message, options)
    : new Error(trouble.message, options);
}
