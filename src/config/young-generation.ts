// How much memory each thread's newest objects may fill before they are looked through.
import { setFlagsFromString } from "node:v8";

/**
 * `--max-semi-space-size` on the command line is for the main thread. V8 would put it above what `resourceLimits` gives a
 * worker thread, though, so it is taken back: the main thread's heap has its size by now. To be called before the first
 * worker thread begins.
 */
export function leaveThreadsTheirLimits(): void {
  setFlagsFromString("--max-semi-space-size=0"); // V8's "not given"
}
