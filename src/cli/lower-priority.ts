// Lets the processors go to a gateway first: what works through a whole table can wait, a client cannot.
import { readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

const priority = 5; // a third of a gateway's share where both want a processor; all of it where nobody else does

/**
 * Lowers the priority of this process for good; it could be raised again by root only. A process that runs at a lower one
 * already stays there. Threads that it makes later inherit it. Where the system forbids it, all goes on as before.
 */
export function lowerPriority(): void {
  try {
    for (const thread of ownThreads())
      if (getPriority(thread) < priority) setPriority(thread, priority);
  } catch {
    // A sandbox may refuse the call, and a thread may just have ended: this is a courtesy, no reason to do nothing.
  }
}

/** On Linux a priority is each thread's own, though POSIX says the process's: 0 stands for the whole process elsewhere. */
function ownThreads(): readonly number[] {
  return process.platform === "linux" ? readdirSync("/proc/self/task").map(Number) : [0];
}
