// The verbs of settings in force: adopted from the file, or approved by people.
import type { Database } from "better-sqlite3";

import { acted } from "../../audit/from-people.ts";
import { changedSettings, type SettingsChange } from "../../policy/in-force.ts";
import type { Act } from "../../queue/act.ts";
import type { WriterContext } from "./context.ts";

/** Changes whenever a record does. */
export function settingsVersion(db: Database): string {
  const select =
    "SELECT count(*) || ' ' || coalesce(max(at), 0) || ' ' || coalesce(sum(at), 0) FROM settings_in_force";
  return db.prepare<[], string>(select).pluck().get() ?? "";
}

export interface SettingsWriter {
  readonly version: () => string;
  /** What is in force under that name. */
  readonly current: (name: string) => string | undefined;
  /** Puts it into force, with its event. */
  readonly put: (change: SettingsChange, act: Act) => void;
  /** Puts all into force as the first record of anything, with one event. */
  readonly putFirst: (changes: readonly SettingsChange[], act: Act) => void;
  readonly isEmpty: () => boolean;
}

export function createSettingsWriter({ db, audit }: WriterContext): SettingsWriter {
  const put = db.prepare<[string, string, number]>(
    `INSERT INTO settings_in_force (name, value, at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at`,
  );
  const value = db
    .prepare<[string], string>("SELECT value FROM settings_in_force WHERE name = ?")
    .pluck();
  const some = db.prepare<[], number>("SELECT 1 FROM settings_in_force LIMIT 1").pluck();
  return {
    version: () => settingsVersion(db),
    current: (name) => value.get(name),
    isEmpty: () => some.get() === undefined,
    put: (change, act) => {
      const { name, sender } = change;
      put.run(name, change.after, act.at.getTime());
      const { before, after } = changedSettings(change.before, change.after);
      audit.append({
        ...acted("Config", act, { change: "in-force", name, before, after }),
        sender,
      });
    },
    putFirst: (changes, act) => {
      for (const { name, after } of changes) put.run(name, after, act.at.getTime());
      const names = changes.map(({ name }) => name);
      audit.append(acted("Config", act, { change: "in-force-first", names: names.slice(0, 100) }));
    },
  };
}
