import { expect, test } from "vitest";

import type { Lease } from "../../src/queue/store.ts";
import { accept, noon, openSqliteStore, submission } from "../support/storage-facts.ts";

const minute = 60_000;

test("row 49: a recipient whose attempts ended in three crashes in a row is paused; others flow", async () => {
  await using opened = await openSqliteStore();
  const { queue, audit } = opened.storage;
  const lease = (at: number): Promise<readonly Lease[]> =>
    queue.lease({ owner: "a", now: noon(at), leaseUntil: noon(at + 1), limit: 100 });
  /** A life of the process: what is well is delivered, the poison ends it, and the next life gives back what it had. */
  const live = async (at: number): Promise<unknown> => {
    const leased = await lease(at);
    for (const { recipientId } of leased) await queue.begin("a", recipientId);
    const well = leased.filter(({ address }) => address.text !== "poison@example.jp");
    await queue.settle(
      "a",
      well.map(({ recipientId, messageId }) => ({
        kind: "delivered",
        recipientId,
        reply: { code: 250, text: "ok" },
        event: { type: "Delivery", at: noon(at), messageId, recipientId },
      })),
    );
    return queue.recover({ owner: "a", now: noon(at + 1), retryAt: noon(at + 1) });
  };
  await accept(opened.storage, submission(["poison@example.jp"]));
  expect(await live(1)).toEqual({ recovered: 1 });
  expect(await live(3)).toEqual({ recovered: 1 });
  await accept(opened.storage, submission(["taro@example.jp"]));
  expect(await live(5)).toEqual({ recovered: 1, quarantined: 1 });
  expect((await queue.counts()).states).toMatchObject({ delivered: 1, paused: 1, waiting: 0 });
  expect(await lease(minute)).toEqual([]);
  expect((await audit.search({ types: ["Alarm"], limit: 10 })).items).toMatchObject([
    { detail: { change: "quarantined", crashes: 3 } },
  ]);
  const [entry] = (await queue.list({ states: ["paused"], limit: 10 })).items;
  await queue.change([entry?.id ?? ""], "release", { actor: "cli:test", at: noon(minute) });
  expect(await lease(minute)).toMatchObject([{ uncertain: true }]);
});

test("row 49: what only waited for its turn when the process ended is not paused, however often it ends", async () => {
  await using opened = await openSqliteStore();
  const { queue, audit } = opened.storage;
  await accept(opened.storage, submission(["poison@example.jp", "behind@example.jp"]));
  for (let at = 1; at < 12; at += 2) {
    const leases = await queue.lease({
      owner: "a",
      now: noon(at),
      leaseUntil: noon(at + 1),
      limit: 100,
    });
    const poison = leases.find((lease) => lease.address.text === "poison@example.jp");
    if (poison?.uncertain === true) await queue.begin("a", poison.recipientId);
    await queue.recover({ owner: "a", now: noon(at + 1), retryAt: noon(at + 1) });
  }
  const { items } = await queue.list({ limit: 10 });
  expect(items.map(({ recipient, state, attempts }) => [recipient, state, attempts])).toEqual([
    ["behind@example.jp", "waiting", 1],
    ["poison@example.jp", "paused", 3],
  ]);
  expect((await audit.counts()).Alarm).toBe(1);
});
