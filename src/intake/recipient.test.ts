// RCPT: what is asked of the ledger for one address, and what is kept of the answer until DATA.
import { describe, expect, test } from "vitest";

import { at, grant, withdraw } from "../../test/support/consent-events.ts";
import { address } from "../../test/support/memory-stores.ts";
import { makeSender, makeStream } from "../../test/support/smtp-gateway.ts";
import { createIndexer, type AddressIndex } from "../consent/address-index.ts";
import type { ConsentEvent } from "../consent/event.ts";
import type { RecordQuery } from "../consent/ledger.ts";
import { standing } from "../consent/standing.ts";
import type { Suppression } from "../consent/suppression.ts";
import type { Stream } from "../policy/stream.ts";
import { admitRecipient, type Admission } from "./recipient.ts";

const now = at(100);
const indexer = createIndexer(Buffer.alloc(32, 1));
const path = "hanako@example.net";
const subject = indexer.address(address(path));
const maxAges = { relationship: 1000 };
const news = makeStream({
  id: "news-by-mail",
  class: "marketing",
  topic: "news",
  sender: makeSender({ maxAges }),
});

interface Given {
  readonly path?: string;
  readonly stream?: Stream;
  /** What the ledger knows; `undefined`: it cannot be read. */
  readonly events?: readonly ConsentEvent[] | undefined;
  readonly suppressions?: readonly Suppression[];
  readonly taken?: readonly AddressIndex[];
}

async function admitted(
  given: Given,
): Promise<{ readonly told: Admission; readonly asked: readonly RecordQuery[] }> {
  const { events, suppressions = [], taken = [], stream = news } = given;
  const asked: RecordQuery[] = [];
  const lookUp = (
    query: RecordQuery,
  ): Promise<{ standing: ReturnType<typeof standing>; suppressions: readonly Suppression[] }> => {
    asked.push(query);
    return events === undefined
      ? Promise.reject(new Error("locked"))
      : Promise.resolve({ standing: standing(events, query.topic, query.now), suppressions });
  };
  const parts = { indexer, ledger: { lookUp }, clock: () => now };
  const told = await admitRecipient(
    parts,
    stream,
    given.path ?? path,
    new Map(taken.map((each) => [each, true])),
  );
  return { told, asked };
}

test("the ledger is asked for this recipient, sender, stream and topic, as of now", async () => {
  const { told, asked } = await admitted({ events: [grant(1)] });
  expect(told).toEqual({
    kind: "admitted",
    recipient: { address: address(path), subject, basis: "consent" },
  });
  expect(asked).toEqual([
    {
      subject,
      domain: indexer.domain(address(path).domain),
      sender: "sample",
      stream: "news-by-mail",
      topic: "news",
      maxAges,
      now,
    },
  ]);
});

describe("the basis", () => {
  test.each<[string, Stream["class"], readonly ConsentEvent[], string | undefined]>([
    [
      "that mail rests on is kept",
      "marketing",
      [grant(1, "import", { basis: "relationship" })],
      "relationship",
    ],
    [
      "beneath a refusal is kept for mail that a contract needs",
      "contract-incidental",
      [grant(1, "import", { basis: "contract" }), withdraw(2)],
      "contract",
    ],
    ["is none where none is needed", "transactional", [], undefined],
    ["is none where what there was has gone", "transactional", [withdraw(2)], undefined],
  ])("%s", async (_name, mailClass, events, basis) => {
    const { told } = await admitted({ events, stream: { ...news, class: mailClass } });
    const recipient = { address: address(path), subject };
    expect(told).toEqual({
      kind: "admitted",
      recipient: basis === undefined ? recipient : { ...recipient, basis },
    });
  });
});

const suppressed: Suppression = {
  subject,
  ofDomain: false,
  kind: "manual",
  scope: { kind: "all" },
  origin: "test",
  createdAt: now,
};
test.each<[string, Given, string, number]>([
  ["has not consented", { events: [] }, "no-consent", 550],
  ["has refused", { events: [grant(1), withdraw(2)] }, "withdrawn", 550],
  ["is suppressed", { events: [grant(1)], suppressions: [suppressed] }, "suppressed", 550],
  ["cannot be looked up: that is our fault", { events: undefined }, "ledger-unavailable", 451],
])("a recipient who %s is refused by name", async (_name, given, reason, code) => {
  const { told } = await admitted(given);
  expect(told).toMatchObject({
    kind: "no",
    answer: { kind: "refused", no: { reason, row: { code } } },
    address: address(path),
    subject,
  });
  expect("cause" in told).toBe(given.events === undefined);
});

test("nothing is looked up of an address that is none, that is not ASCII, or that was taken before", async () => {
  for (const [given, told] of [
    [{ path: "hanako" }, { kind: "no", answer: { no: { reason: "bad-address" } } }],
    [{ path: "花子@example.net" }, { kind: "no", answer: { no: { reason: "utf8-address" } } }],
    [{ taken: [subject] }, { kind: "duplicate" }],
    [{ path: "HANAKO@EXAMPLE.NET", taken: [subject] }, { kind: "duplicate" }],
  ] as const) {
    const answer = await admitted({ ...given, events: [grant(1)] });
    expect(answer.told).toMatchObject(told);
    expect(answer.asked).toEqual([]);
  }
});
