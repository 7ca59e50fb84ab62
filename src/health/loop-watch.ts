// Notices when the thread that speaks SMTP is held up: then nobody is answered in time (threats.md row 69).
import { monitorEventLoopDelay } from "node:perf_hooks";

const lookMs = 1000;
const lateMs = 250; // a client notices; a healthy gateway stays under 50
const lateLooks = 2; // one long pause is over before anybody could be turned away
const alarmAgainMs = 600_000; // a machine that is too slow is told of every ten minutes, not every second
const resolutionMs = 20;

export interface LoopWatch extends Disposable {
  /** The longest delay of the last second, in milliseconds, where that was too long and the second before was no better. */
  readonly late: () => number | undefined;
}

export interface LoopWatchParts {
  /** Told of the first long delay, and again where it goes on. Not awaited; must not throw. */
  readonly alarm: (delayMs: number) => void;
  readonly monotonic?: () => number;
  /** A test's own: the longest delay since the last call, in milliseconds. */
  readonly longest?: () => number;
}

export function watchLoop(parts: LoopWatchParts): LoopWatch & { readonly look: () => void } {
  const { alarm, monotonic = (): number => performance.now() } = parts;
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  const longest =
    parts.longest ??
    ((): number => {
      const ms = histogram.max / 1e6;
      histogram.reset();
      return ms;
    });
  let last = 0;
  let lateInTurn = 0;
  let alarmed = -Infinity;
  const look = (): void => {
    last = longest();
    lateInTurn = last > lateMs ? lateInTurn + 1 : 0;
    if (lateInTurn < lateLooks || monotonic() - alarmed < alarmAgainMs) return;
    alarmed = monotonic();
    alarm(Math.round(last));
  };
  const timer = setInterval(look, lookMs).unref();
  return {
    look,
    late: () => (lateInTurn >= lateLooks ? Math.round(last) : undefined),
    [Symbol.dispose]: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
