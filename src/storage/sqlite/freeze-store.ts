// The kill switch's store: reads beside the writer.
import type { Database } from "better-sqlite3";

import type { Act } from "../../queue/act.ts";
import type { Freeze, FreezeStore, FreezeTarget, Pause, PauseTarget } from "../../queue/freeze.ts";
import type { WriterClient } from "./client.ts";
import { reading } from "./database.ts";
import { createFreezeList, createPauseList } from "./freezes.ts";

const knownForMs = 50; // asked twice a message; what another process throws is seen this much later at most

export class SqliteFreezes implements FreezeStore {
  readonly #select: () => readonly Freeze[];
  readonly #selectPauses: () => readonly Pause[];
  readonly #writer: WriterClient;
  #known: { readonly freezes: readonly Freeze[]; readonly until: number } | undefined;

  constructor(db: Database, writer: WriterClient) {
    this.#select = createFreezeList(db);
    this.#selectPauses = createPauseList(db);
    this.#writer = writer;
  }

  async list(): Promise<readonly Freeze[]> {
    const now = performance.now();
    if (this.#known !== undefined && now < this.#known.until) return this.#known.freezes;
    const freezes = reading(() => this.#select());
    this.#known = { freezes, until: now + knownForMs };
    return freezes;
  }

  async freeze(target: FreezeTarget, reason: string, act: Act): Promise<void> {
    await this.#changing(this.#writer.post("freeze", [target, reason, act]));
  }

  async lift(target: FreezeTarget, act: Act, was?: Freeze): Promise<boolean> {
    return this.#changing(
      this.#writer.post("liftFreeze", was === undefined ? [target, act] : [target, act, was]),
    );
  }

  async pauses(): Promise<readonly Pause[]> {
    return reading(() => this.#selectPauses());
  }

  async pause(target: PauseTarget, reason: string, act: Act): Promise<void> {
    await this.#writer.post("pause", [target, reason, act]);
  }

  async resume(target: PauseTarget, act: Act, was?: Pause): Promise<boolean> {
    return this.#writer.post("resume", was === undefined ? [target, act] : [target, act, was]);
  }

  /** Whoever asks once this has resolved sees the change. */
  async #changing<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } finally {
      this.#known = undefined;
    }
  }
}
