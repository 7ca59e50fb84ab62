// A clock set forward or back under the store: leases and the chain of the log do not mind.
import { expect, test } from "vitest";

import { createRecovery } from "../../src/delivery/recovery.ts";
import { openStorage } from "../../src/storage/open.ts";
import {
  accept,
  noon,
  settingsFor,
  submission,
  temporaryFolder,
} from "../support/storage-facts.ts";

const hour = 3_600_000;

test.each([25 * hour, -25 * hour])(
  "row 61: with a clock set by %i ms what was leased is settled, and the log is whole",
  async (jump) => {
    using folder = temporaryFolder();
    let now = noon();
    await using storage = await openStorage({ ...settingsFor(folder.path), clock: () => now });
    const { queue, audit } = storage;
    await accept(storage, submission(["taro@example.jp"]));
    const take = (at: Date): ReturnType<typeof queue.lease> =>
      queue.lease({ owner: "gateway", now: at, leaseUntil: noon(2 * hour), limit: 10 });
    const [lease] = await take(noon(hour));
    if (lease === undefined) throw new Error("nothing leased");
    now = noon(jump);
    await accept(storage, submission(["hanako@example.jp"]));
    // Nobody else begins it because of the time, and its outcome is taken.
    const again = await take(noon(Math.abs(jump)));
    expect(again.map(({ recipientId }) => recipientId)).not.toContain(lease.recipientId);
    const { recipientId, messageId } = lease;
    const { lost } = await queue.settle("gateway", [
      {
        kind: "delivered",
        recipientId,
        reply: { code: 250, text: "queued" },
        event: { type: "Delivery", at: now, messageId, recipientId },
      },
    ]);
    expect(lost).toEqual([]);
    expect((await queue.counts()).states).toMatchObject({ delivered: 1 });
    expect(await audit.verify()).toMatchObject({ kind: "intact" });
  },
);

test("row 61: with a clock set a day ahead nobody takes a running lease for one that has ended, and later one that has", async () => {
  using folder = temporaryFolder();
  let ms = 0;
  let jump = 0;
  const clock = (): Date => noon(ms + jump);
  await using storage = await openStorage({ ...settingsFor(folder.path), clock });
  const { queue } = storage;
  const warnings: unknown[] = [];
  const recovery = createRecovery({
    queue,
    owner: "gateway",
    retryDelaySeconds: 300,
    clock,
    monotonic: () => ms,
    log: {
      debug: noop,
      info: noop,
      warn: (fields) => {
        warnings.push(fields);
      },
      error: noop,
    },
  });
  await recovery.run();
  await accept(storage, submission(["taro@example.jp", "jiro@example.jp"]));
  const [running, forgotten] = await queue.lease({
    owner: "gateway",
    now: clock(),
    leaseUntil: new Date(clock().getTime() + hour),
    limit: 10,
  });
  if (running === undefined || forgotten === undefined) throw new Error("nothing leased");
  jump = 24 * hour;
  for (; ms < hour / 2; ms += 60_000) await recovery.run();
  expect((await queue.counts()).states).toMatchObject({ leased: 2 });
  const { recipientId, messageId } = running;
  const event = { type: "Delivery", at: clock(), messageId, recipientId } as const;
  const reply = { code: 250, text: "queued" };
  const { lost } = await queue.settle("gateway", [
    { kind: "delivered", recipientId, reply, event },
  ]);
  expect(lost).toEqual([]);
  // The other one has no end: it is given back, though later than without the jump.
  for (; ms < 3 * hour; ms += 60_000) await recovery.run();
  expect((await queue.counts()).states).toMatchObject({ delivered: 1, waiting: 1 });
  expect(warnings).toEqual([{ recovered: 1 }]);
});

function noop(): void {
  // Nobody reads it.
}
