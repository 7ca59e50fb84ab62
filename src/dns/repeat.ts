// Does something again and again, with a pause that may change: what a check-up and its timers have in common.
import { timerMaxMs } from "../mail/timer-limit.ts";

export interface Timers {
  readonly setTimeout: (work: () => void, milliseconds: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
}

const processTimers: Timers = {
  // Not a reason to keep the process alive.
  setTimeout: (work, milliseconds) => setTimeout(work, milliseconds).unref(),
  clearTimeout: (timer) => {
    clearTimeout(timer as NodeJS.Timeout);
  },
};

/** The pause is asked for after each turn, so turns never overlap. `work` must not reject. The first turn is now. */
export function repeat(
  work: () => Promise<void>,
  pauseMs: () => number,
  timers: Timers = processTimers,
): Disposable {
  let timer: unknown;
  let stopped = false;
  const turn = async (): Promise<void> => {
    await work();
    if (!stopped) pause(pauseMs());
  };
  const pause = (milliseconds: number): void => {
    const left = milliseconds - timerMaxMs;
    timer =
      left > 0
        ? timers.setTimeout(() => {
            pause(left);
          }, timerMaxMs)
        : timers.setTimeout(() => void turn(), milliseconds);
  };
  void turn();
  return {
    [Symbol.dispose]: () => {
      stopped = true;
      timers.clearTimeout(timer);
    },
  };
}
