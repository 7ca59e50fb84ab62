// Whether the disk has room left beyond what must stay free: intake stops first, delivery and look-ups go on (row 55).
import { statfs } from "node:fs/promises";

const lowWaterBytes = 512 * 1024 * 1024; // a checkpoint, a day's log of outcomes for what is queued, and a backup's beginning
const lowWaterShare = 0.05; // of a small disk

/** Says in words how little is left; undefined: enough. */
export async function describeLack(folder: string): Promise<string | undefined> {
  const { bsize, blocks, bavail } = await statfs(folder);
  const least = Math.min(lowWaterBytes, blocks * bsize * lowWaterShare);
  const free = bavail * bsize;
  if (free >= least) return undefined;
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MB`;
  return `the disk of the data directory has ${megabytes(free)} left, less than ${megabytes(least)}: no mail is taken in`;
}
