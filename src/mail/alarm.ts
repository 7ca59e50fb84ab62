// A time limit of a dialogue (RFC 5321 §4.5.3.2), which is set far more often than it is reached: setting it anew moves a
// number, and the system's timer stays where it is.
import { timerMaxMs } from "./timer-limit.ts";

export interface Alarm {
  /** Calls `ring` once, when the time is over, unless the alarm is set anew, put off or ended before. */
  readonly set: (milliseconds: number, ring: () => void) => void;
  /** It does not ring until it is set again. */
  readonly putOff: () => void;
  /** The same, and nothing is kept of it: for whoever is gone. */
  readonly end: () => void;
}

/** Does not keep the process alive. */
export function createAlarm(): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let wakesAt = Infinity;
  let ringsAt = Infinity;
  let ring: (() => void) | undefined;
  const sleep = (milliseconds: number): void => {
    clearTimeout(timer);
    const nap = Math.min(milliseconds, timerMaxMs);
    wakesAt = performance.now() + nap;
    timer = setTimeout(wake, nap).unref();
  };
  const wake = (): void => {
    wakesAt = Infinity;
    if (ring === undefined) return;
    const left = ringsAt - performance.now();
    if (left > 0) sleep(left);
    else {
      const rung = ring;
      ring = undefined;
      rung();
    }
  };
  const putOff = (): void => {
    ring = undefined;
  };
  return {
    set: (milliseconds, next) => {
      ringsAt = performance.now() + milliseconds;
      ring = next;
      if (ringsAt < wakesAt) sleep(milliseconds);
    },
    putOff,
    end: () => {
      putOff();
      clearTimeout(timer);
      wakesAt = Infinity;
    },
  };
}
