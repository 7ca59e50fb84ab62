// The second question, before each attempt: what is asked of the ledger, and what each answer makes of the recipient.
import { expect, test } from "vitest";

import { at, grant, pause, withdraw } from "../../test/support/consent-events.ts";
import { makeSender, makeStream } from "../../test/support/smtp-gateway.ts";
import { createIndexer } from "../consent/address-index.ts";
import type { ConsentEvent } from "../consent/event.ts";
import type { RecordQuery } from "../consent/ledger.ts";
import { standing } from "../consent/standing.ts";
import type { Suppression } from "../consent/suppression.ts";
import { parseAddress } from "../mail/address.ts";
import { clearNotification } from "../policy/decide.ts";
import type { Lease } from "../queue/store.ts";
import { isFresh, judge, type Judged } from "./judgment.ts";

const now = at(100);
const indexer = createIndexer(Buffer.alloc(32, 1));
const address = parseAddress("hanako@example.net");
if (address.kind === "bad") throw new Error(address.problem);
const lease: Lease = {
  recipientId: "m-1",
  messageId: "m",
  address: address.value,
  subject: indexer.address(address.value),
  destination: address.value.domain,
  attempts: 0,
  stream: "news-by-mail",
  sender: "sample",
  envelope: { mailFrom: null, eightBit: false, smtpUtf8: false },
  fromDomain: address.value.domain,
  receivedAt: now,
  trace: { helo: "ma", protocol: "ESMTPS" },
  notification: false,
  uncertain: false,
};
const maxAges = { relationship: 1000 };
const stream = makeStream({
  id: "news-by-mail",
  class: "marketing",
  topic: "news",
  sender: makeSender({ maxAges }),
});

/** What the ledger knows; `undefined`: it cannot be read. */
interface Known {
  readonly events?: readonly ConsentEvent[] | undefined;
  readonly suppressions?: readonly Suppression[];
}

async function judged(
  known: Known,
  change: Partial<Lease> = {},
): Promise<{ readonly told: Judged; readonly asked: readonly RecordQuery[] }> {
  const asked: RecordQuery[] = [];
  const { events, suppressions = [] } = known;
  const silent = (): void => undefined;
  const told = await judge(
    { ...lease, ...change },
    {
      ledger: {
        lookUp: (query) => {
          asked.push(query);
          return events === undefined
            ? Promise.reject(new Error("locked"))
            : Promise.resolve({ standing: standing(events, query.topic, query.now), suppressions });
        },
      },
      indexer,
      stream: (id) => (id === stream.id ? stream : undefined),
      clock: () => now,
      contextFor: () => ({
        plan: { scheduleSeconds: [300], maxAgeSeconds: 86_400 },
        delayNoticeSeconds: 0,
        delayTold: new Set(),
        mayReport: () => true,
        hostname: "gw.example.jp",
        language: "en",
        now,
        random: 0,
        reportId: () => "report",
        subject: (who) => indexer.address(who),
        content: () => Promise.resolve(undefined),
      }),
      log: { debug: silent, info: silent, warn: silent, error: silent },
    },
  );
  return { told, asked };
}

test("the ledger is asked for this recipient, sender, stream and topic, as of now", async () => {
  const { told, asked } = await judged({ events: [grant(1)] });
  expect(told).toEqual({ kind: "cleared", cleared: { recipientId: "m-1", decidedAt: now } });
  expect(asked).toEqual([
    {
      subject: lease.subject,
      domain: indexer.domain(lease.address.domain),
      sender: "sample",
      stream: "news-by-mail",
      topic: "news",
      maxAges,
      now,
    },
  ]);
});

const suppressed: Suppression = {
  subject: lease.subject,
  ofDomain: false,
  kind: "manual",
  scope: { kind: "all" },
  origin: "test",
  createdAt: now,
};
test.each<[string, Known, string]>([
  ["has gone", { events: [grant(1), withdraw(2)] }, "withdrawn"],
  ["never was", { events: [] }, "no-consent"],
  ["is paused", { events: [grant(1), pause(2, 101)] }, "paused"],
  [
    "does not count against a suppression",
    { events: [grant(1)], suppressions: [suppressed] },
    "suppressed",
  ],
])("a recipient whose consent %s is dropped", async (_name, known, reason) => {
  expect((await judged(known)).told).toMatchObject({
    kind: "settled",
    settlement: { kind: "dropped", event: { type: "Dropped", reason } },
  });
});

test.each<[string, Known, Partial<Lease>, RegExp | undefined]>([
  ["the ledger cannot be read", { events: undefined }, {}, undefined],
  [
    "the stream is configured no more",
    { events: [grant(1)] },
    { stream: "gone" },
    /^the stream gone is not/,
  ],
  ["a clock is behind the recipient's consent", { events: [grant(101)] }, {}, /^consent-ahead: /],
])("mail waits uncounted where %s", async (_name, known, change, words) => {
  const { told } = await judged(known, change);
  expect(told).toMatchObject({
    kind: "settled",
    settlement: {
      kind: "deferred",
      counted: false,
      nextAttemptAt: new Date(now.getTime() + 60_000),
    },
  });
  const reply = told.kind === "settled" ? told.settlement.reply : undefined;
  if (words === undefined) expect(reply).toBeUndefined();
  else expect(reply).toMatchObject({ code: 451, text: expect.stringMatching(words) as string });
});

test("a report of ours goes to the sender, of whom the ledger knows nothing", async () => {
  const { told, asked } = await judged({ events: undefined }, { notification: true });
  expect(told).toEqual({ kind: "cleared", cleared: { recipientId: "m-1", decidedAt: now } });
  expect(asked).toEqual([]);
});

test("a judgment is fresh for two seconds, whichever way the clock is set", () => {
  const cleared = clearNotification("m-1", now);
  for (const [milliseconds, fresh] of [
    [0, true],
    [2000, true],
    [2001, false],
    [-2000, true],
    [-2001, false],
  ] as const)
    expect([milliseconds, isFresh(cleared, new Date(now.getTime() + milliseconds))]).toEqual([
      milliseconds,
      fresh,
    ]);
});
