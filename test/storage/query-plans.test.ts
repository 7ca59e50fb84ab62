// The queue finds its rows by an index, however many there are: ten million queued recipients cost a lease no more than a
// thousand.
import { join } from "node:path";

import { expect, test } from "vitest";

import { createCommands } from "../../src/storage/sqlite/commands.ts";
import { createContext } from "../../src/storage/sqlite/context.ts";
import { migrate, openForWriting } from "../../src/storage/sqlite/database.ts";
import { createMaintenance } from "../../src/storage/sqlite/maintenance.ts";
import { temporaryFolder } from "../support/storage-facts.ts";

const ofConsents = /\bconsent_events\b/;
const ofQueue = /\b(?:recipients|messages|contents|lanes|fingerprints|held)\b/;

interface Asked extends Disposable {
  readonly statements: readonly string[];
  readonly plan: (sql: string) => readonly string[];
}

/** The statements of these tables, as the verbs prepare them. */
function askedOf(tables: RegExp, folder: string): Asked {
  const db = openForWriting(join(folder, "plans.db"));
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
  return {
    statements: [...statements]
      .filter((sql) => tables.test(sql))
      .map((sql) => sql.replace(/\s+/g, " ")),
    plan: (text) => {
      const sql = text.replace(/[@:$][a-z]\w*/gi, "?");
      const values = Array.from({ length: sql.split("?").length - 1 }, () => null);
      const explained = prepare(`EXPLAIN QUERY PLAN ${sql}`) as {
        readonly all: (...given: readonly null[]) => readonly { readonly detail: string }[];
      };
      return explained.all(...values).map(({ detail }) => detail);
    },
    [Symbol.dispose]: () => {
      db.close();
    },
  };
}

test("no statement of the queue reads a table from end to end, or sorts what it finds", () => {
  using folder = temporaryFolder();
  using asked = askedOf(ofQueue, folder.path);
  const slow = asked.statements.flatMap((sql) =>
    asked
      .plan(sql)
      .filter((step) => /\bSCAN (?!CONSTANT ROW|json_each)|TEMP B-TREE/.test(step))
      .map((step) => `${step} — ${sql}`),
  );
  expect(asked.statements.length).toBeGreaterThan(20);
  expect(slow).toEqual([]);
});

// Where a value may change SQLite's plan it prepares the statement anew once bindings were cleared, which better-sqlite3
// does behind each call: 0.1 ms each time. A plus sign hides the value from the planner (docs/decisions/0021).
test("no statement of the queue lets the planner look at a limit, or at a value that chooses among joined tables", () => {
  using folder = temporaryFolder();
  using asked = askedOf(ofQueue, folder.path);
  const limits = asked.statements.filter((sql) => /\b(?:LIMIT|OFFSET) \?/.test(sql));
  const joins = asked.statements.filter((sql) => /\bJOIN\b.* = \?/.test(sql));
  expect([...limits, ...joins]).toEqual([]);
});

// An import asks of each of its rows whether it is known: ten million times, beside mail that waits.
test("whether consents are known is answered by the index of standings alone", () => {
  using folder = temporaryFolder();
  using asked = askedOf(ofConsents, folder.path);
  const steps = asked.statements
    .filter((sql) => sql.startsWith("SELECT"))
    .flatMap((sql) => asked.plan(sql))
    .filter((step) => ofConsents.test(step));
  expect(steps).toContainEqual(
    expect.stringMatching(
      /COVERING INDEX consent_events_standing .*at=\? AND basis=\? AND by_person=\?/,
    ),
  );
  const covered = "SEARCH consent_events USING COVERING INDEX";
  expect(steps.filter((step) => !step.startsWith(covered))).toEqual([]);
});
