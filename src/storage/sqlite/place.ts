// Notices that the database's files were deleted or replaced while they are open: what is written into them then is lost.
import { statSync } from "node:fs";

import { StorageUnavailable } from "../../audit/unavailable.ts";

export const lostDatabaseRemedy =
  'before you stop it, see "A database that is gone" in docs/operations.md';

/**
 * Remembers which files the database at `path` and its log are, while a connection has them open. The function that it
 * returns throws where others, or none, have their names now; it costs two calls of the system, far less than a commit.
 */
export function rememberPlace(path: string): () => void {
  const names = [path, `${path}-wal`];
  const remembered = names.map(identity);
  return () => {
    if (names.every((name, index) => identity(name) === remembered[index])) return;
    throw new StorageUnavailable(
      "closed",
      `the database's file or its log was deleted, moved or replaced under the running gateway: ${lostDatabaseRemedy}`,
    );
  };
}

function identity(name: string): string | undefined {
  const found = statSync(name, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}
