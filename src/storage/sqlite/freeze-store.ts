// The kill switch's store: reads beside the writer.
import type { Database } from "better-sqlite3";

import type { Act } from "../../queue/act.ts";
import type { Freeze, FreezeStore, FreezeTarget } from "../../queue/freeze.ts";
import type { WriterClient } from "./client.ts";
import { reading } from "./database.ts";
import { createFreezeList } from "./freezes.ts";

export class SqliteFreezes implements FreezeStore {
  readonly #select: () => readonly Freeze[];
  readonly #writer: WriterClient;

  constructor(db: Database, writer: WriterClient) {
    this.#select = createFreezeList(db);
    this.#writer = writer;
  }

  async list(): Promise<readonly Freeze[]> {
    return reading(() => this.#select());
  }

  async freeze(target: FreezeTarget, reason: string, act: Act): Promise<void> {
    await this.#writer.post("freeze", [target, reason, act]);
  }

  async lift(target: FreezeTarget, act: Act): Promise<boolean> {
    return this.#writer.post("liftFreeze", [target, act]);
  }
}
