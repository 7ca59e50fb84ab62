// The writer remembers records of people between its transactions: never one that is not, or not any more, in the table.
import { expect, test } from "vitest";

import { openStorage } from "../../src/storage/open.ts";
import {
  accept,
  address,
  indexer,
  noon,
  settingsFor,
  submission,
  temporaryFolder,
} from "../support/storage-facts.ts";

const who = "taro@example.jp";
const subject = indexer.address(address(who));

test("a record that another process erased is not used again", async () => {
  using folder = temporaryFolder();
  await using gateway = await openStorage(settingsFor(folder.path));
  await using office = await openStorage(settingsFor(folder.path, "office"));
  await accept(gateway, submission([who]));
  expect(await office.ledger.erase(subject, { actor: "cli:test" })).toEqual({ erased: true });
  const personal = { reason: "asked by phone" };
  await gateway.audit.append([{ type: "Dropped", at: noon(1), subject, personal }]);
  const { items } = await gateway.audit.search({ subject, newestFirst: true, limit: 1 });
  expect(items[0]?.personal).toEqual(personal); // sealed with a key that is there
});

test("a record whose transaction was taken back is made again", async () => {
  using folder = temporaryFolder();
  await using storage = await openStorage(settingsFor(folder.path));
  const { message, recipients, events } = submission([who, "hana@example.jp"]);
  const wrong = recipients.map((recipient, n) =>
    n === 0 ? recipient : { ...recipient, recipientId: "another-1" },
  );
  const results = await Promise.allSettled([
    storage.queue.accept(message, wrong, events),
    accept(storage, submission([who])),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  const request = { owner: "a", now: noon(1), leaseUntil: noon(2), limit: 2 };
  const leases = await storage.queue.lease(request);
  expect(leases.map((lease) => lease.address.text)).toEqual([who]);
});
