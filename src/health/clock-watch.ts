// Notices when the machine's clock is set, and when files get times of another clock (threats.md rows 61, 63).
import { mkdtempSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";

const lookMs = 10_000;
const stepMs = 5000; // a clock that is disciplined is slewed, not stepped by more
const fileSkewMs = 2000; // FAT's resolution; more is a file system with a clock of its own

export interface ClockWatchParts {
  /** Milliseconds that the clock was set forward (below 0: back). Not awaited; must not throw. */
  readonly stepped: (milliseconds: number) => void;
  readonly wall: () => number;
  readonly monotonic: () => number;
}

/** Deadlines run on the monotonic clock and are not touched by a step; what waits until a time of day is. */
export function watchClock(parts: ClockWatchParts): Disposable & { readonly look: () => void } {
  const offset = (): number => parts.wall() - parts.monotonic();
  let last = offset();
  const look = (): void => {
    const now = offset();
    const step = now - last;
    last = now;
    if (Math.abs(step) >= stepMs) parts.stepped(Math.round(step));
  };
  const timer = setInterval(look, lookMs).unref();
  return {
    look,
    [Symbol.dispose]: () => {
      clearInterval(timer);
    },
  };
}

/** Milliseconds that times of new files in `folder` are ahead of the clock (below 0: behind); undefined: not worth a word. */
export function fileClockSkew(
  folder: string,
  wall: () => number,
  timeOfNewFile: (folder: string) => number = touch,
): number | undefined {
  const before = wall();
  const made = timeOfNewFile(folder);
  const after = wall();
  const skew = made > after ? made - after : made < before ? made - before : 0;
  return Math.abs(skew) > fileSkewMs ? Math.round(skew) : undefined;
}

function touch(folder: string): number {
  const made = mkdtempSync(join(folder, ".clock-"));
  try {
    return statSync(made).mtimeMs;
  } finally {
    rmdirSync(made);
  }
}
