// The thread's side of timed-pool.ts: runs one function of a module for each message, and shows which message it is at.
import { getPriority, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";

import { ownThread, places } from "./task-time.ts";
import type { FromThread, ToThread } from "./timed-pool.ts";

// A third of the main thread's and the writer's share where both want a processor: on what those do, all wait.
const priority = 5; // docs/decisions/0022

type Work = (task: object) => unknown;

const early: ToThread[] = [];
const constants = new Map<number, object>();
let work: Work | undefined;
let shown: Int32Array = new Int32Array(places.count);

parentPort?.on("message", (message: ToThread) => {
  if (message.kind === "begin") void begin(message);
  else if (work === undefined) early.push(message);
  else run(work, message);
});

async function begin(message: Extract<ToThread, { kind: "begin" }>): Promise<void> {
  shown = message.shown;
  Atomics.store(shown, places.thread, ownThread());
  giveWay();
  const module = (await import(message.module)) as Readonly<Record<string, Work | undefined>>;
  const found = module[message.name];
  if (found === undefined) throw new Error(`${message.module} exports no ${message.name}`);
  work = found;
  for (const one of early.splice(0)) if (one.kind === "task") run(found, one);
}

/** This thread alone, for good: for Linux 0 is the thread that asks; elsewhere it would be the whole process. */
function giveWay(): void {
  if (process.platform !== "linux") return;
  try {
    if (getPriority(0) < priority) setPriority(0, priority);
  } catch {
    // A sandbox may refuse the call: this is a courtesy, no reason to do nothing.
  }
}

function run(found: Work, message: Extract<ToThread, { kind: "begin" | "task" }>): void {
  if (message.kind !== "task") return;
  const { taskId, content, given, constant } = message;
  if (constant.value !== undefined) constants.set(constant.id, constant.value);
  Atomics.store(shown, places.task, taskId); // The task's clock starts here.
  let answer: FromThread;
  try {
    // A buffer arrives as a plain array of octets; parsers want a buffer.
    const octets = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const result = found({ ...constants.get(constant.id), ...given, taskId, content: octets });
    answer = { taskId, result };
  } catch (error) {
    answer = { taskId, problem: error instanceof Error ? (error.stack ?? "") : String(error) };
  }
  Atomics.store(shown, places.task, 0);
  parentPort?.postMessage(answer);
}
