// The refusal log: batches, none lost, and waits that end.
import { describe, expect, test } from "vitest";

import type { AuditDraft } from "../audit/event.ts";
import { createRefusalLog } from "./refusal-log.ts";

const silent = (): void => undefined;
const log = { info: silent, warn: silent, error: silent };

function event(index: number): AuditDraft {
  return { type: "Refusal", at: new Date(index) };
}

describe("refusal log", () => {
  test("writes what is noted in one turn as one batch, in order", async () => {
    const batches: number[][] = [];
    const refusals = createRefusalLog(
      {
        append: (events) => {
          batches.push(events.map(({ at }) => at.getTime()));
          return Promise.resolve();
        },
      },
      log,
    );
    for (let index = 0; index < 5; index += 1) refusals.note(event(index));
    await refusals.flushed();
    expect(batches).toEqual([[0, 1, 2, 3, 4]]);
  });

  test("waits for what was noted before, also while a batch is under way", async () => {
    const written: number[] = [];
    const first = Promise.withResolvers<undefined>();
    const refusals = createRefusalLog(
      {
        append: async (events) => {
          if (written.length === 0) await first.promise;
          written.push(...events.map(({ at }) => at.getTime()));
        },
      },
      log,
    );
    refusals.note(event(1));
    const one = refusals.flushed();
    refusals.note(event(2));
    const two = refusals.flushed();
    first.resolve(undefined);
    await Promise.all([one, two]);
    expect(written).toEqual([1, 2]);
  });

  test("keeps what could not be written, says so, and writes it once when it can", async () => {
    const written: number[] = [];
    let broken = true;
    const refusals = createRefusalLog(
      {
        append: (events) => {
          if (broken) return Promise.reject(new Error("disk full"));
          written.push(...events.map(({ at }) => at.getTime()));
          return Promise.resolve();
        },
      },
      log,
    );
    refusals.note(event(1));
    await expect(refusals.flushed()).rejects.toThrow("disk full");
    expect(refusals.healthy()).toBe(false);
    refusals.note(event(2));
    broken = false;
    await refusals.flushed();
    expect(refusals.healthy()).toBe(true);
    expect(written).toEqual([1, 2]);
    await refusals[Symbol.asyncDispose]();
    expect(written).toEqual([1, 2]);
  });

  test("takes no more than it may hold", async () => {
    const refusals = createRefusalLog({ append: () => new Promise<never>(silent) }, log);
    let taken = 0;
    while (refusals.note(event(taken))) taken += 1;
    expect(taken).toBe(10_000);
    await Promise.resolve();
  });
});
