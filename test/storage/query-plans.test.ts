// The queue finds its rows by an index, however many there are: ten million queued recipients cost a lease no more than a
// thousand.
import { join } from "node:path";

import { expect, test } from "vitest";

import { createCommands } from "../../src/storage/sqlite/commands.ts";
import { createContext } from "../../src/storage/sqlite/context.ts";
import { migrate, openForWriting } from "../../src/storage/sqlite/database.ts";
import { createMaintenance } from "../../src/storage/sqlite/maintenance.ts";
import { temporaryFolder } from "../support/storage-facts.ts";

const ofQueue = /\b(?:recipients|messages|contents|lanes|fingerprints|held)\b/;

test("no statement of the queue reads a table from end to end, or sorts what it finds", () => {
  using folder = temporaryFolder();
  const db = openForWriting(join(folder.path, "plans.db"));
  migrate(db);
  const statements = new Set<string>();
  const prepare = db.prepare.bind(db) as (sql: string) => unknown;
  Object.assign(db, {
    prepare: (sql: string) => {
      statements.add(sql);
      return prepare(sql);
    },
  });
  const key = Buffer.alloc(32);
  const context = createContext(db, { index: key, seal: key, content: key, dkim: key });
  createCommands(context);
  createMaintenance(context);
  const planOf = (text: string): readonly string[] => {
    const sql = text.replace(/[@:$][a-z]\w*/gi, "?");
    const values = Array.from({ length: sql.split("?").length - 1 }, () => null);
    const explained = prepare(`EXPLAIN QUERY PLAN ${sql}`) as {
      readonly all: (...given: readonly null[]) => readonly { readonly detail: string }[];
    };
    return explained.all(...values).map(({ detail }) => detail);
  };
  const asked = [...statements].filter((sql) => ofQueue.test(sql));
  const slow = asked.flatMap((sql) =>
    planOf(sql)
      .filter((step) => /\bSCAN (?!CONSTANT ROW|json_each)|TEMP B-TREE/.test(step))
      .map((step) => `${step} — ${sql.replace(/\s+/g, " ")}`),
  );
  db.close();
  expect(asked.length).toBeGreaterThan(20);
  expect(slow).toEqual([]);
});
