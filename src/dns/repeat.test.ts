// Work that is done again and again: a pause of weeks is one, though no timer counts so far.
import { expect, test } from "vitest";

import { repeat, type Timers } from "./repeat.ts";

const dayMs = 86_400_000;

/** Timers that ring when told, and never take what Node's would ring for at once. */
function timersByHand(): Timers & { readonly pass: (milliseconds: number) => void } {
  let now = 0;
  let next: { readonly at: number; readonly work: () => void } | undefined;
  return {
    setTimeout: (work, milliseconds) => {
      if (milliseconds > 2 ** 31 - 1) throw new Error(`${milliseconds} ms ring after one`);
      next = { at: now + milliseconds, work };
      return next;
    },
    clearTimeout: (timer) => {
      if (timer === next) next = undefined;
    },
    pass: (milliseconds) => {
      const until = now + milliseconds;
      while (next !== undefined && next.at <= until) {
        const { at, work } = next;
        next = undefined;
        now = at;
        work();
      }
      now = until;
    },
  };
}

async function turnsOf(pauseMs: number): Promise<{
  readonly turns: () => number;
  readonly timers: ReturnType<typeof timersByHand>;
  readonly repeated: Disposable;
}> {
  const timers = timersByHand();
  let turns = 0;
  const work = (): Promise<void> => {
    turns += 1;
    return Promise.resolve();
  };
  const repeated = repeat(work, () => pauseMs, timers);
  await Promise.resolve();
  return { turns: () => turns, timers, repeated };
}

test.each([1, 24, 30, 90])("a pause of %i days lasts as many", async (days) => {
  const { turns, timers } = await turnsOf(days * dayMs);
  timers.pass(days * dayMs - 1);
  expect(turns()).toBe(1);
  timers.pass(1);
  expect(turns()).toBe(2);
});

test("it can be ended in the middle of such a pause", async () => {
  const { turns, timers, repeated } = await turnsOf(90 * dayMs);
  timers.pass(40 * dayMs);
  repeated[Symbol.dispose]();
  timers.pass(90 * dayMs);
  expect(turns()).toBe(1);
});
