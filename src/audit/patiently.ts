// Tries a write again while the store is busy: what a person wished is not refused because somebody else had the lock for a moment.
import { setTimeout as wait } from "node:timers/promises";

import { StorageUnavailable } from "./unavailable.ts";

/**
 * Milliseconds between the tries. With the 200 ms that each try waits for the lock itself these are 10 s: longer than any
 * honest holder needs, and well within what a mail provider waits for its POST and a client for its answer.
 */
const pausesMs: readonly number[] = [50, 100, 200, 400, 800, 1600, 1600, 1600, 1600];

/**
 * For writes that stop mail, and for what must be written before them. A store that is busy has stored nothing, so that
 * `write` may run again; every other error, and the last one, is thrown as it came.
 */
export async function patiently<T>(
  write: () => Promise<T>,
  pause: (milliseconds: number) => Promise<unknown> = wait,
): Promise<T> {
  for (const milliseconds of pausesMs) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof StorageUnavailable && error.kind === "busy")) throw error;
    }
    await pause(milliseconds);
  }
  return write();
}
