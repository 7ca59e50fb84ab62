// What the writer remembers of a recipient that it leased: settling trusts it only where the lease still stands.
import { expect, test } from "vitest";

import type { Settlement } from "../../src/queue/store.ts";
import { openStorage, type Storage } from "../../src/storage/open.ts";
import {
  address,
  indexer,
  noon,
  settingsFor,
  submission,
  temporaryFolder,
} from "../support/storage-facts.ts";

const who = "taro@example.jp";
const minute = 60_000;
const reply = { code: 250, text: "ok" };

/** Accepted and leased at once; gives the recipient's id. */
async function claimed(storage: Storage): Promise<string> {
  const { message, recipients, events } = submission([who]);
  const claim = { owner: "a", leaseUntil: noon(10 * minute) };
  expect(await storage.queue.accept(message, recipients, events, claim)).toEqual({
    kind: "stored",
  });
  return `${message.messageId}-1`;
}

function delivered(recipientId: string): Settlement {
  return { kind: "delivered", recipientId, reply, event: { type: "Delivery", at: noon(1) } };
}

function deferred(recipientId: string): Settlement {
  return { kind: "deferred", recipientId, nextAttemptAt: noon(minute), reply, counted: true };
}

test.each([
  ["delivered", delivered],
  ["deferred", deferred],
] as const)(
  "a lease that another process took back is not settled as %s",
  async (_kind, settle) => {
    using folder = temporaryFolder();
    await using gateway = await openStorage(settingsFor(folder.path));
    await using office = await openStorage(settingsFor(folder.path, "office"));
    const id = await claimed(gateway);
    const back = { owner: "b", now: noon(1), retryAt: noon(1), silent: ["a"] };
    expect(await office.queue.recover(back)).toEqual({ recovered: 1 });
    const leaseAgain = { owner: "b", now: noon(2), leaseUntil: noon(10 * minute), limit: 1 };
    expect(await office.queue.lease(leaseAgain)).toHaveLength(1);

    expect(await gateway.queue.settle("a", [settle(id)])).toEqual({ lost: [id] });
    expect((await gateway.queue.counts()).states).toMatchObject({ leased: 1, delivered: 0 });
    expect(await gateway.queue.settle("b", [settle(id)])).toEqual({ lost: [] });
    expect((await gateway.queue.counts()).states.leased).toBe(0);
    expect(await gateway.audit.verify()).toMatchObject({ kind: "intact" });
  },
);

test("what an erasure by another process took out of the queue is not settled", async () => {
  using folder = temporaryFolder();
  await using gateway = await openStorage(settingsFor(folder.path));
  await using office = await openStorage(settingsFor(folder.path, "office"));
  const id = await claimed(gateway);
  await office.ledger.erase(indexer.address(address(who)), { actor: "cli:test" });
  expect(await gateway.queue.settle("a", [delivered(id)])).toEqual({ lost: [id] });
  expect((await gateway.queue.counts()).states).toMatchObject({ dropped: 1, delivered: 0 });
});

test("a recipient is settled once, by its owner, whatever else is asked for", async () => {
  using folder = temporaryFolder();
  await using storage = await openStorage(settingsFor(folder.path));
  const id = await claimed(storage);
  expect(await storage.queue.settle("b", [delivered(id)])).toEqual({ lost: [id] });
  expect(await storage.queue.settle("a", [delivered(id), deferred(id)])).toEqual({ lost: [id] });
  expect((await storage.queue.counts()).states).toMatchObject({ delivered: 1, waiting: 0 });
});

test("a row whose transaction was taken back is not remembered", async () => {
  using folder = temporaryFolder();
  await using storage = await openStorage(settingsFor(folder.path));
  const { message, recipients } = submission([who]);
  const claim = { owner: "a", leaseUntil: noon(10 * minute) };
  const wrong = recipients.map((recipient) => ({ ...recipient, recipientId: "another-1" }));
  const results = await Promise.allSettled([
    claimed(storage),
    storage.queue.accept(message, [...recipients, ...wrong], [], claim),
    claimed(storage),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const ids = results.flatMap((one) =>
    one.status === "fulfilled" && typeof one.value === "string" ? [one.value] : [],
  );
  const never = `${message.messageId}-1`;
  const settlements = [never, ...ids].map(delivered);
  expect(await storage.queue.settle("a", settlements)).toEqual({ lost: [never] });
  expect((await storage.queue.counts()).states.delivered).toBe(2);
  expect(await storage.audit.verify()).toMatchObject({ kind: "intact" });
});
