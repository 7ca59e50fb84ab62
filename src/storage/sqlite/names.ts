// Names that many rows share, as small numbers. A name never changes its number, so what was once read stays true.
import type { Database } from "better-sqlite3";

const cachedMax = 50_000; // a cache, not the table: beyond it the oldest are read again

export interface Names {
  /** The number of a name, undefined where it has none yet. */
  readonly find: (name: string) => number | undefined;
  /** The name of a number. Throws where there is none: the database was damaged. */
  readonly of: (id: number) => string;
}

export interface WritableNames extends Names {
  /** The number of a name, given now where it had none. Throws where no UTF-8 can hold it. */
  readonly give: (name: string) => number;
  /** After a rollback: numbers given in it are not given. */
  readonly forget: () => void;
}

/** For reading and, on a writing connection, for giving. */
export function createNames(db: Database): WritableNames {
  const byName = new Map<string, number>();
  const byId = new Map<number, string>();
  const findByName = db.prepare<[string], number>("SELECT id FROM names WHERE name = ?").pluck();
  const findById = db.prepare<[number], string>("SELECT name FROM names WHERE id = ?").pluck();
  const remember = (id: number, name: string): void => {
    if (byName.size >= cachedMax) {
      byName.clear();
      byId.clear();
    }
    byName.set(name, id);
    byId.set(id, name);
  };
  const find = (name: string): number | undefined => {
    const known = byName.get(name);
    if (known !== undefined) return known;
    // SQLite would look for U+FFFD in place of a lone surrogate, and find another name.
    if (!name.isWellFormed()) return undefined;
    const id = findByName.get(name);
    if (id !== undefined) remember(id, name);
    return id;
  };
  const insert = db.readonly
    ? undefined
    : db.prepare<[string]>("INSERT INTO names (name) VALUES (?)");
  return {
    find,
    of: (id) => {
      const known = byId.get(id);
      if (known !== undefined) return known;
      const name = findById.get(id);
      if (name === undefined) throw new Error(`no name has the number ${id}`);
      remember(id, name);
      return name;
    },
    give: (name) => {
      const known = find(name);
      if (known !== undefined) return known;
      if (insert === undefined) throw new Error("names are given by the writer only");
      // It would come back from the table as another than the chain's digest was made of.
      if (!name.isWellFormed()) throw new Error("a name with a lone surrogate cannot be kept");
      const id = Number(insert.run(name).lastInsertRowid);
      remember(id, name);
      return id;
    },
    forget: () => {
      byName.clear();
      byId.clear();
    },
  };
}
