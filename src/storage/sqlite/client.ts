// The posting side of the writer thread: gathers operations while a commit is under way, so that many share one fsync.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { StorageUnavailable } from "../../audit/unavailable.ts";
import type { CommandName, Commands } from "./commands.ts";
import type { FromWriter, Operation, ToWriter, Trouble, WriterSettings } from "./wire.ts";

const batchOperationsMax = 512; // one commit: what comes later waits for the next one
const batchBytesMax = 16 * 1024 * 1024;
const batchesUnderWayMax = 2; // one commits while the next is already with the writer
const backlogOperationsMax = 10_000; // beyond it the caller is told to come back: threats.md row 64
const backlogBytesMax = 128 * 1024 * 1024;

export interface WriterClient {
  /** Runs a verb in the writer; resolves after its commit. `bytes`: about what its arguments weigh. */
  readonly post: <Name extends CommandName>(
    name: Name,
    args: Parameters<Commands[Name]>,
    weight?: { readonly bytes: number; readonly transfer?: ArrayBuffer },
  ) => Promise<ReturnType<Commands[Name]>>;
  /** What keeps the writer from writing; undefined: it is well. */
  readonly problem: () => string | undefined;
  /** Refuses new operations, finishes those posted, closes the file. */
  readonly close: () => Promise<void>;
}

interface Pending extends Operation {
  readonly bytes: number;
  readonly transfer?: ArrayBuffer;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export async function startWriter(settings: WriterSettings): Promise<WriterClient> {
  const worker = new Worker(new URL("./writer.ts", import.meta.url), {
    workerData: settings,
    name: "storage-writer",
  });
  const [first] = (await once(worker, "message")) as [FromWriter];
  if (first.kind === "refused") {
    await worker.terminate();
    throw asError(first.trouble);
  }
  return createClient(worker);
}

function createClient(worker: Worker): WriterClient {
  const waiting: Pending[] = [];
  const underWay = new Map<number, Pending>();
  let waitingBytes = 0;
  let batches = 0;
  let lastId = 0;
  let problem: string | undefined;
  let closing = false;
  let scheduled = false;
  const idle: (() => void)[] = [];

  const flush = (): void => {
    scheduled = false;
    while (waiting.length > 0 && batches < batchesUnderWayMax && problem !== died) {
      const batch = takeBatch(waiting);
      for (const operation of batch) underWay.set(operation.id, operation);
      waitingBytes -= batch.reduce((sum, operation) => sum + operation.bytes, 0);
      batches += 1;
      send(
        worker,
        {
          kind: "batch",
          operations: batch.map(({ id, name, args }) => ({ id, name, args })),
        },
        batch.flatMap(({ transfer }) => (transfer === undefined ? [] : [transfer])),
      );
    }
    if (waiting.length === 0 && underWay.size === 0) for (const done of idle.splice(0)) done();
  };
  worker.on("message", (message: FromWriter) => {
    if (message.kind !== "done") return;
    batches -= 1;
    problem = message.problem;
    for (const answer of message.answers) {
      const pending = underWay.get(answer.id);
      underWay.delete(answer.id);
      if ("trouble" in answer) pending?.reject(asError(answer.trouble));
      else pending?.resolve(answer.value);
    }
    flush();
  });
  const die = (cause: unknown): void => {
    problem = died;
    const error = new StorageUnavailable("closed", died, { cause });
    for (const pending of [...underWay.values(), ...waiting.splice(0)]) pending.reject(error);
    underWay.clear();
    waitingBytes = 0;
    flush();
  };
  worker.on("error", die);
  worker.on("exit", () => {
    die(undefined);
  });
  return {
    problem: () => problem,
    post: (name, args, weight) =>
      // One cast: the writer answers `name` with what Commands says.
      new Promise<unknown>((resolve, reject) => {
        const refusal = refuse(closing, problem, waiting.length, waitingBytes);
        if (refusal !== undefined) {
          reject(refusal);
          return;
        }
        lastId += 1;
        const bytes = weight?.bytes ?? 512;
        waiting.push({
          id: lastId,
          name,
          args,
          bytes,
          resolve,
          reject,
          ...(weight?.transfer === undefined ? {} : { transfer: weight.transfer }),
        });
        waitingBytes += bytes;
        // What this turn of the event loop still brings goes into the same batch.
        if (!scheduled && batches < batchesUnderWayMax) {
          scheduled = true;
          setImmediate(flush);
        }
      }) as Promise<ReturnType<Commands[typeof name]>>,
    close: async () => {
      if (closing) return;
      closing = true;
      await new Promise<void>((resolve) => {
        idle.push(resolve);
        flush();
      });
      if (problem === died) return;
      const exit = once(worker, "exit");
      worker.removeListener("error", die);
      send(worker, { kind: "close" }, []);
      await exit;
    },
  };
}

const died = "the storage writer has stopped; the process must restart";

function refuse(
  closing: boolean,
  problem: string | undefined,
  operations: number,
  bytes: number,
): StorageUnavailable | undefined {
  if (closing) return new StorageUnavailable("closed", "the store is closed");
  if (problem === died) return new StorageUnavailable("closed", died);
  if (operations >= backlogOperationsMax || bytes >= backlogBytesMax)
    return new StorageUnavailable("busy", "too much waits to be written");
  return undefined;
}

function takeBatch(waiting: Pending[]): readonly Pending[] {
  let bytes = 0;
  let count = 0;
  for (const operation of waiting) {
    bytes += operation.bytes;
    if (count > 0 && (count >= batchOperationsMax || bytes > batchBytesMax)) break;
    count += 1;
  }
  return waiting.splice(0, count);
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
