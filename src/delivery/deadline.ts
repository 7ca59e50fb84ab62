// A deadline that moves with each step of a connection: setting it is an assignment, as a rule, and no new timer.

export interface Deadline {
  /** In `milliseconds`, one at least; instead of what was set before. */
  readonly set: (milliseconds: number) => void;
  /** There is none for now. */
  readonly lift: () => void;
  /** The connection is over: nothing is left that would keep the process alive. */
  readonly end: () => void;
}

/** `over` is called once the time has come that was set last. A timer that rings before is set again for the rest. */
export function createDeadline(over: () => void): Deadline {
  let at: number | undefined; // monotonic milliseconds
  let ringsAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const wind = (milliseconds: number, until: number): void => {
    clearTimeout(timer);
    timer = setTimeout(ring, milliseconds);
    ringsAt = until;
  };
  const ring = (): void => {
    timer = undefined;
    if (at === undefined) return;
    const left = at - performance.now();
    if (left > 0) wind(left, at);
    else {
      at = undefined;
      over();
    }
  };
  return {
    set: (milliseconds) => {
      const wanted = Math.max(milliseconds, 1);
      at = performance.now() + wanted;
      if (timer === undefined || at < ringsAt) wind(wanted, at);
    },
    lift: () => {
      at = undefined;
    },
    end: () => {
      at = undefined;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
