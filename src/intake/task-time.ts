// How long a thread has been at its task: by its processor time, since a machine with too much to do is no fault of the
// message; and by the clock, for threads that do nothing at all.
import { readFileSync, readlinkSync } from "node:fs";

const tickMilliseconds = 10; // proc(5): clock ticks of stat; 100 a second on every platform that Node.js runs on
const userTime = 11; // fields behind the name, which is in parentheses and may contain anything
const systemTime = 12;

/** In memory that both sides see. */
export const places = {
  /** The task that the thread is at, 0 for none. */
  task: 0,
  /** The system's own number for the thread, 0 for unknown. */
  thread: 1,
  count: 2,
};

export interface TaskTime {
  /** 0: none. */
  readonly task: number;
  /** Milliseconds since it was seen first. */
  readonly elapsed: number;
  /** Milliseconds of processor time since then; the same as `elapsed` where the system does not tell (it is not Linux). */
  readonly spent: number;
}

/**
 * A task's time by the clock runs from the first call that sees it, its processor time from the second: to be called often.
 * `now`: milliseconds of a steady clock.
 */
export function createTaskClock(shown: Int32Array): (now: number) => TaskTime {
  let task = 0;
  let since = 0;
  let before: number | undefined;
  return (now) => {
    const at = Atomics.load(shown, places.task);
    if (at === 0 || at !== task) {
      task = at;
      since = now;
      before = undefined;
      return { task, elapsed: 0, spent: 0 };
    }
    // Only a task that is seen twice is looked up: most are over by then.
    const cpu = cpuMilliseconds(Atomics.load(shown, places.thread));
    before ??= cpu;
    const elapsed = now - since;
    return {
      task,
      elapsed,
      spent: cpu === undefined || before === undefined ? elapsed : cpu - before,
    };
  };
}

/** Of the thread that asks; 0 where the system has no number for it. */
export function ownThread(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync("/proc/thread-self"))?.[0] ?? 0); // proc(5): <process>/task/<thread>
  } catch {
    return 0;
  }
}

/** User and system time since the thread's start, to ten milliseconds. */
function cpuMilliseconds(thread: number): number | undefined {
  if (thread === 0) return undefined;
  try {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[userTime]) + Number(fields[systemTime]);
    return Number.isFinite(ticks) ? ticks * tickMilliseconds : undefined;
  } catch {
    return undefined; // It has just ended.
  }
}
