// The kill switch's store: reads beside the writer.
import type { Database } from "better-sqlite3";

import type { Act } from "../../queue/act.ts";
import type { Freeze, FreezeStore, FreezeTarget, Pause, PauseTarget } from "../../queue/freeze.ts";
import type { WriterClient } from "./client.ts";
import { reading } from "./database.ts";
import { createFreezeList, createPauseList } from "./freezes.ts";

export class SqliteFreezes implements FreezeStore {
  readonly #select: () => readonly Freeze[];
  readonly #selectPauses: () => readonly Pause[];
  readonly #writer: WriterClient;

  constructor(db: Database, writer: WriterClient) {
    this.#select = createFreezeList(db);
    this.#selectPauses = createPauseList(db);
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

  async pauses(): Promise<readonly Pause[]> {
    return reading(() => this.#selectPauses());
  }

  async pause(target: PauseTarget, reason: string, act: Act): Promise<void> {
    await this.#writer.post("pause", [target, reason, act]);
  }

  async resume(target: PauseTarget, act: Act): Promise<boolean> {
    return this.#writer.post("resume", [target, act]);
  }
}
