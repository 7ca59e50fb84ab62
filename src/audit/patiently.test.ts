// Patience with a busy store: how long, and with what not.
import { expect, test } from "vitest";

import { StorageUnavailable, type UnavailableKind } from "./unavailable.ts";
import { patiently } from "./patiently.ts";

const refusing = (kind: UnavailableKind, times: number): (() => Promise<number>) => {
  let tries = 0;
  return () => {
    tries += 1;
    return tries <= times
      ? Promise.reject(new StorageUnavailable(kind, "refused"))
      : Promise.resolve(tries);
  };
};

test("tries again with growing pauses until the store takes it", async () => {
  const pauses: number[] = [];
  const tries = await patiently(refusing("busy", 3), (milliseconds) => {
    pauses.push(milliseconds);
    return Promise.resolve();
  });
  expect(tries).toBe(4);
  expect(pauses).toEqual([50, 100, 200]);
});

test("gives up after ten seconds, each try's own wait of 200 ms counted, with the store's word", async () => {
  let waited = 0;
  let tries = 0;
  const write = (): Promise<never> => {
    tries += 1;
    waited += 200;
    return Promise.reject(new StorageUnavailable("busy", `refused ${tries}`));
  };
  const pause = (milliseconds: number): Promise<void> => {
    waited += milliseconds;
    return Promise.resolve();
  };
  await expect(patiently(write, pause)).rejects.toThrow(`refused 10`);
  expect(waited).toBeGreaterThan(9000);
  expect(waited).toBeLessThanOrEqual(10_000);
});

test.each(["full", "corrupt", "closed"] as const)(
  "has none with a store that is %s",
  async (kind) => {
    const pause = (): Promise<void> => Promise.reject(new Error("paused"));
    await expect(patiently(refusing(kind, 1), pause)).rejects.toMatchObject({ kind });
  },
);
