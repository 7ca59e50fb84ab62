// Keeps the file of what delivery waits for up to date, and gives a new process the pauses that the last one was told of.
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
const waitsMax = 1000; // lanes told of: the rest of them wait for the same groups

/** Disposing it writes once more. */
export function keepPace(parts: PaceKeeperParts): Disposable {
  const { stateDir, pace, log } = parts;
  if (stateDir === undefined) return { [Symbol.dispose]: () => undefined };
  const file = join(stateDir, paceFileName);
  for (const pause of readPaceState(file)?.pauses ?? []) {
    const left = pause.until - Date.now();
    if (left > 0) pace.restore({ ...pause, until: performance.now() + left });
  }
  let last = "";
  const write = (): void => {
    const state = stateOf(parts);
    const text = JSON.stringify(state);
    if (text === last) return;
    try {
      writePaceState(file, state);
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

function stateOf({ pace, waits }: PaceKeeperParts): PaceState {
  const now = performance.now();
  // Whole seconds: the same pause is the same text the next time.
  const wall = (until: number): number => Math.round((Date.now() + until - now) / 1000) * 1000;
  return {
    pauses: pace.pauses(now).map((pause) => ({ ...pause, until: wall(pause.until) })),
    waits: waits()
      .flatMap(({ destination, stream, until, why }) =>
        until === undefined || why === undefined
          ? []
          : [{ destination, stream, why, until: wall(until) }],
      )
      .slice(0, waitsMax),
  };
}
