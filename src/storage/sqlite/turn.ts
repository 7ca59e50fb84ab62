// Whose turn it is to write, where several processes want to: nobody who has just written gets in before one who waits.
//
// SQLite's own lock goes to whoever happens to ask at the right moment, and an import that writes chunk after chunk asks
// most often. So whoever waits for that lock holds a second one meanwhile, and a command asks for the second one first.
import Database from "better-sqlite3";

export interface Turn extends Disposable {
  /** Whether the turn is ours now; asks once and does not wait. */
  readonly take: () => boolean;
  /** Gives it up, whether or not it was taken. */
  readonly leave: () => void;
}

/** `path`: of a file in which nothing is ever written; its lock goes with the process, however that ends. */
export function openTurn(path: string): Turn {
  const db = new Database(path, { timeout: 0 });
  const begin = db.prepare("BEGIN IMMEDIATE");
  const end = db.prepare("ROLLBACK");
  return {
    take: () => {
      if (db.inTransaction) return true;
      try {
        begin.run();
        return true;
      } catch (error) {
        if (error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY"))
          return false;
        throw error;
      }
    },
    leave: () => {
      if (db.inTransaction) end.run();
    },
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}
