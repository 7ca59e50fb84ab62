// Notices that the database's files were deleted or replaced while they are open: what is written into them then is lost.
import { statSync } from "node:fs";

import { StorageUnavailable } from "../../audit/unavailable.ts";

export const lostDatabaseRemedy =
  'before you stop it, see "A database that is gone" in docs/operations.md';

export interface Place {
  /** Throws where others, or none, have the names of these files now. Three calls of the system: far less than a commit. */
  readonly expect: () => void;
  /** Whether files of somebody else have their names: nothing that is left to write may go into these, or near them. */
  readonly isTaken: () => boolean;
}

/** Remembers which files the database at `path`, its log and the log's index are, while a connection has them open. */
export function rememberPlace(path: string): Place {
  const names = [path, `${path}-wal`, `${path}-shm`];
  const remembered = names.map(identity);
  const isOurs = (name: string, index: number): boolean => identity(name) === remembered[index];
  return {
    expect: () => {
      if (names.every(isOurs)) return;
      throw new StorageUnavailable(
        "closed",
        `the database's file or its log was deleted, moved or replaced under the running gateway: ${lostDatabaseRemedy}`,
      );
    },
    // Whoever opens the database makes a log at once, and writes into it later or never.
    isTaken: () => names.some((name, index) => !isEmpty(name) && !isOurs(name, index)),
  };
}

function identity(name: string): string | undefined {
  const found = statSync(name, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

function isEmpty(name: string): boolean {
  return (statSync(name, { throwIfNoEntry: false })?.size ?? 0) === 0;
}
