// An import of suppressions beside an opt-out and beside another import: whatever their order, the longest stop holds.
import { expect, test } from "vitest";

import type { Ledger } from "../../src/consent/ledger.ts";
import { packSuppression } from "../../src/exchange/suppression-row.ts";
import { suppressionTable } from "../../src/exchange/tables.ts";
import { indexer, noon, openSqliteStore, suppression } from "../support/storage-facts.ts";

const day = 24 * 3600 * 1000;
const who = "taro@example.jp";
const context = {
  indexer,
  senders: [],
  streams: [],
  zone: 540,
  now: noon(),
  trusted: new Set<string>(),
};

function imported(expiresAt: Date | undefined): readonly Uint8Array[] {
  const more = { origin: "import:1", ...(expiresAt === undefined ? {} : { expiresAt }) };
  return [packSuppression(suppression(who, "unsubscribe", more))];
}

/** A ledger to which something else happens just before a chunk is stored. */
function afterwards(ledger: Ledger, first: () => Promise<unknown>): Pick<Ledger, "suppress"> {
  return {
    suppress: async (entries, wish) => {
      await first();
      return ledger.suppress(entries, wish);
    },
  };
}

test("an opt-out that comes in between is neither replaced nor shortened by an import", async () => {
  await using opened = await openSqliteStore();
  await using gateway = await opened.second();
  const optOut = { origin: "recipient", messageId: "m1" };
  const { ledger } = opened.storage;
  const table = suppressionTable(
    afterwards(ledger, () => gateway.ledger.suppress([suppression(who, "unsubscribe", optOut)])),
    context,
  ).open("import:1");
  expect(await table.store(imported(noon(day)))).toBe(0);
  expect(await table.store(imported(undefined))).toBe(0);
  const { items } = await ledger.listSuppressions({ limit: 10 });
  expect(items).toMatchObject([optOut]);
  expect(items[0]?.expiresAt).toBeUndefined();
  expect((await opened.storage.audit.verify()).kind).toBe("intact");
});

test("of two imports at once the one that suppresses longer wins, in either order", async () => {
  for (const [mine, others] of [
    [noon(day), noon(2 * day)],
    [noon(2 * day), noon(day)],
  ] as const) {
    await using opened = await openSqliteStore();
    await using second = await opened.second();
    const other = suppressionTable(second.ledger, context).open("import:1");
    const table = suppressionTable(
      afterwards(opened.storage.ledger, () => other.store(imported(others))),
      context,
    ).open("import:1");
    await table.store(imported(mine));
    const { items } = await opened.storage.ledger.listSuppressions({ limit: 10 });
    expect(items.map(({ expiresAt }) => expiresAt)).toEqual([noon(2 * day)]);
  }
});
