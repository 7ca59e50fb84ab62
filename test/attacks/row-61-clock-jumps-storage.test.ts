// A clock set forward or back under the store: leases and the chain of the log do not mind.
import { expect, test } from "vitest";

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
