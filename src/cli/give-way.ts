// Lets the processors go first to where somebody waits: a client for its reply, a gateway for its turn.
import { readdirSync, readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

const tablePriority = 5; // a third of a gateway's share where both want a processor; all of it where nobody else does

/** Threads by the name the system has for them, and how far each gives way to the others: docs/decisions/0022. */
const helperPriorities: ReadonlyMap<string, number> = new Map([
  ["libuv-worker", 15], // a twenty-eighth of another thread's share where both want a processor
  ["V8Worker", 5], // a third
]);

/**
 * Lowers the priority of this process for good; it could be raised again by root only. A process that runs at a lower one
 * already stays there. Threads that it makes later inherit it. Where the system forbids it, all goes on as before.
 */
export function giveWay(): void {
  lower(ownThreads(), tablePriority);
}

/**
 * Lowers the threads of libuv's pool, which sign mail that is accepted already (and hash passwords), and V8's own, which
 * collect garbage and compile: of what a gateway does at once, the dialogue and the commit come first. Only on Linux, where a
 * priority is each thread's own.
 */
export function letHelpersGiveWay(): void {
  if (process.platform !== "linux") return;
  for (const [name, priority] of helperPriorities)
    lower(
      ownThreads().filter((thread) => nameOf(thread) === name),
      priority,
    );
}

function nameOf(thread: number): string | undefined {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, "latin1").trim();
  } catch {
    return undefined; // It has just ended.
  }
}

function lower(threads: readonly number[], priority: number): void {
  try {
    for (const thread of threads) if (getPriority(thread) < priority) setPriority(thread, priority);
  } catch {
    // A sandbox may refuse the call, and a thread may just have ended: this is a courtesy, no reason to do nothing.
  }
}

/** On Linux a priority is each thread's own, though POSIX says the process's: 0 stands for the whole process elsewhere. */
function ownThreads(): readonly number[] {
  return process.platform === "linux" ? readdirSync("/proc/self/task").map(Number) : [0];
}
