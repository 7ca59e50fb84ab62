// Keeps the file of what delivery waits for up to date, and gives a new process the pauses that the last one was told
// of, and what it has spent of warm-ups.
import { join } from "node:path";

import type { Log } from "../log.ts";
import { readPaceState, writePaceState, type PaceState } from "./pace-file.ts";
import type { Pace } from "./pace.ts";

export interface PaceKeeperParts {
  /** undefined: nothing is kept. */
  readonly stateDir: string | undefined;
  readonly pace: Pace;
  readonly waits: () => readonly {
    readonly destination: string;
    readonly stream: string;
    readonly until?: number;
    readonly why?: string;
  }[];
  readonly log: Log;
}

export const paceFileName = "pace.json";
const everyMs = 1000;
const warmUpsMax = 1000; // those that have spent most: at a start the others get no more than a burst anew
const waitsMax = 1000; // lanes told of: the rest of them wait for the same groups

/** Disposing it writes once more. */
export function keepPace(parts: PaceKeeperParts): Disposable {
  const { stateDir, pace, log } = parts;
  if (stateDir === undefined) return { [Symbol.dispose]: () => undefined };
  const file = join(stateDir, paceFileName);
  const before = readPaceState(file);
  const monotonic = (wall: number): number => performance.now() + wall - Date.now();
  for (const pause of before?.pauses ?? [])
    if (pause.until > Date.now()) pace.restore({ ...pause, until: monotonic(pause.until) });
  for (const left of before?.warmUps ?? [])
    if (left.fullAt > Date.now()) pace.restore({ ...left, fullAt: monotonic(left.fullAt) });
  const wall = createWall();
  let last = "";
  const write = (): void => {
    const text = JSON.stringify(stateOf(parts, wall()));
    if (text === last) return;
    try {
      writePaceState(file, text);
      last = text;
    } catch (error) {
      log.warn({ err: error }, "state of delivery cannot be written");
    }
  };
  const timer = setInterval(write, everyMs).unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      write();
    },
  };
}

const clockStepMs = 1000;

/**
 * Each call gives the way from monotonic to wall-clock milliseconds, in whole seconds. The same one as long as nobody sets
 * the clock: so the same pause is the same text the next time.
 */
function createWall(): () => (until: number) => number {
  let offset = Date.now() - performance.now();
  return () => {
    const seen = Date.now() - performance.now();
    if (Math.abs(seen - offset) > clockStepMs) offset = seen;
    return (until) => Math.round((offset + until) / 1000) * 1000;
  };
}

function stateOf({ pace, waits }: PaceKeeperParts, wall: (until: number) => number): PaceState {
  const now = performance.now();
  return {
    pauses: pace.pauses(now).map((pause) => ({ ...pause, until: wall(pause.until) })),
    warmUps: pace
      .warmUps(now)
      .toSorted((one, other) => other.fullAt - one.fullAt)
      .slice(0, warmUpsMax)
      .map((left) => ({ ...left, fullAt: wall(left.fullAt) })),
    waits: waits()
      .flatMap(({ destination, stream, until, why }) =>
        until === undefined || why === undefined
          ? []
          : [{ destination, stream, why, until: wall(until) }],
      )
      .slice(0, waitsMax),
  };
}
