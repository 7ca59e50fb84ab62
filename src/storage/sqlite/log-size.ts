// How far the database's write-ahead log has grown: a reader that holds an old state keeps it from being emptied (row 59).
import { statSync } from "node:fs";

const logMaxBytes = 512 * 1024 * 1024; // eight times what a burst may leave behind; far from filling a disk

/** Says in words that the log is too large; undefined: it is not. `path` is the database's. */
export function describeLogSize(path: string, maxBytes = logMaxBytes): string | undefined {
  const size = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= maxBytes) return undefined;
  const megabytes = Math.round(size / 1024 / 1024);
  return `the log of the database has grown to ${megabytes} MB: another process has been reading for long; end it`;
}
