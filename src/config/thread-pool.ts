// How many threads libuv's pool has: they sign, hash passwords, and ask the file system and the system's resolver.
import { availableParallelism } from "node:os";

const fewest = 2; // one for whatever takes long, such as a password
const standard = 4; // libuv's own

/**
 * As many as there are cores. Who hands work to a thread that sleeps waits, within the C library, until it has woken, and these
 * threads give way to all others (cli/give-way.ts): with four of them on two cores the main thread stood so for 3.7 % of the
 * time (docs/decisions/0022). To be called before anything is read or asked in the background, as the pool begins
 * with the first such task. UV_THREADPOOL_SIZE, where it is given, says otherwise.
 */
export function sizeThreadPool(): void {
  const threads = Math.min(standard, Math.max(fewest, availableParallelism()));
  process.env["UV_THREADPOOL_SIZE"] ??= String(threads);
}
