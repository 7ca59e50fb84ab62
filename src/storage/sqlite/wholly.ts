// Removing so that nothing remains in the file of what was there.
import type { Database } from "better-sqlite3";

/** FAST leaves the text of pages that become free as it was; within `change` it is overwritten. */
export function wholly<T>(db: Database, change: () => T): T {
  db.pragma("secure_delete = ON");
  try {
    return change();
  } finally {
    db.pragma("secure_delete = FAST");
  }
}
