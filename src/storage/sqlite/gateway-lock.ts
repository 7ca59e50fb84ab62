// Lets one gateway at a time run on a data directory. The lock goes with the process, however it ends.
import Database from "better-sqlite3";

/** Held until disposed. Throws where another gateway holds it. Other programs (the CLI) need no lock. */
export function lockForGateway(path: string): Disposable {
  const db = new Database(path, { timeout: 0 });
  try {
    db.pragma("locking_mode = EXCLUSIVE");
    db.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    db.close();
    throw new Error(
      "another gateway runs on this data directory; stop it, or set another data_dir",
      { cause },
    );
  }
  return {
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}
