// Settings in force on SQLite: reads beside the writer.
import type { Database } from "better-sqlite3";

import type { SettingsChange } from "../../policy/in-force.ts";
import type { Act } from "../../queue/act.ts";
import type { NewApproval } from "../../queue/approval.ts";
import type { SettingsStore } from "../../queue/settings.ts";
import type { WriterClient } from "./client.ts";
import { reading } from "./database.ts";
import { settingsVersion } from "./settings.ts";

export class SqliteSettings implements SettingsStore {
  readonly #db: Database;
  readonly #writer: WriterClient;

  constructor(db: Database, writer: WriterClient) {
    this.#db = db;
    this.#writer = writer;
  }

  async list(): Promise<ReadonlyMap<string, string>> {
    return reading(
      () =>
        new Map(
          this.#db
            .prepare<[], { readonly name: string; readonly value: string }>(
              "SELECT name, value FROM settings_in_force ORDER BY name",
            )
            .all()
            .map(({ name, value }) => [name, value]),
        ),
    );
  }

  async version(): Promise<string> {
    return reading(() => settingsVersion(this.#db));
  }

  async adopt(
    changes: readonly SettingsChange[],
    asks: readonly NewApproval[],
    act: Act,
  ): Promise<{ readonly before: string; readonly after: string }> {
    return this.#writer.post("adoptSettings", [changes, asks, act]);
  }
}
