// Worker, real storage, real signer and a receiving server of many moods: all that was accepted is accounted for.
import { expect, test } from "vitest";

import { loadReplyClassifier } from "../../src/cli/reply-classifier.ts";
import { defaultTimeouts } from "../../src/delivery/settings.ts";
import { startDelivery } from "../../src/delivery/worker.ts";
import { createResolver } from "../../src/dns/resolver.ts";
import type { Stream } from "../../src/policy/stream.ts";
import { verifyByMailauth } from "../support/dkim-verifiers.ts";
import { startDnsStub } from "../support/dns-stub.ts";
import { startFakeMx, type FakeMxSession } from "../support/fake-mx.ts";
import { openSigningOffice } from "../support/signing-office.ts";
import {
  accept,
  granted,
  indexer,
  noon,
  openSqliteStore,
  submission,
  withdrawn,
} from "../support/storage-facts.ts";

const stream: Stream = {
  id: "newsletter",
  sender: {
    id: "sample",
    legal: { names: [], addresses: [], contacts: [], optOutHosts: [] },
    domains: [],
    strictOptIn: false,
  },
  class: "marketing",
  topic: "news",
  rules: ["jp"],
  onViolation: "refuse",
  observe: [],
  disabled: [],
  listUnsubscribe: "keep",
};

const perMood = 8;
const moods = ["good", "unknown", "later", "never", "dropped", "withdrawn", "nowhere"] as const;

function addressOf(mood: (typeof moods)[number], index: number): string {
  return `${mood}${index}@${mood === "nowhere" ? "nowhere.test" : `d${index % 4}.test`}`;
}

test("accepted = delivered + failed + waiting, equal to what the receiving server counted", async () => {
  await using store = await openSqliteStore();
  const { storage } = store;
  const office = await openSigningOffice(["rsa"]);
  const seen = new Map<string, number>();
  const tries = (line: string): number => {
    const who = /<(.*)>/.exec(line)?.[1] ?? "";
    const count = (seen.get(who) ?? 0) + 1;
    seen.set(who, count);
    return count;
  };
  const dropNext = new Set<number>();
  await using mx = await startFakeMx({
    on: {
      rcpt: (session: FakeMxSession, line: string) => {
        if (line.includes("<unknown")) return "550 5.1.1 User unknown";
        if (line.includes("<never")) return "451 4.3.0 never today";
        if (line.includes("<later") && tries(line) === 1) return "450 4.2.0 greylisted";
        if (line.includes("<dropped") && tries(line) === 1) dropNext.add(session.connection);
        return undefined;
      },
      // Taken, and never answered.
      end: (session: FakeMxSession) =>
        dropNext.delete(session.connection) ? { afterwards: "reset" } : undefined,
    },
  });
  const mxDomains = Object.fromEntries(
    [0, 1, 2, 3].map((index) => [
      `d${index}.test`,
      { MX: [{ preference: 10, exchange: "mx.shared.test" }] },
    ]),
  );
  await using dns = await startDnsStub({
    ...mxDomains,
    "mx.shared.test": { A: ["127.0.0.1"] },
    "example.jp": { MX: [{ preference: 10, exchange: "mx.shared.test" }] },
  });

  const everyone = moods.flatMap((mood) =>
    Array.from({ length: perMood }, (_, index) => addressOf(mood, index)),
  );
  await storage.ledger.recordConsents(everyone.map((who) => granted(who)));
  const ids: string[] = [];
  for (let start = 0; start < everyone.length; start += 7) {
    const text =
      "From: News <news@example.jp>\r\nSubject: hello\r\nMessage-ID: <s@example.jp>\r\n" +
      "Date: Sat, 10 Jan 2026 12:00:00 +0000\r\n\r\nhello\r\n.dotted\r\n";
    const given = submission(everyone.slice(start, start + 7), { text });
    ids.push(await accept(storage, given));
  }
  // While it waited:
  await storage.ledger.recordConsents(
    everyone
      .filter((who) => who.startsWith("withdrawn"))
      .map((who) => withdrawn(who, null, noon(5))),
  );

  let now = noon(10);
  await using delivery = startDelivery({
    classifier: loadReplyClassifier(),
    settings: {
      hostname: "gw.example.jp",
      routes: [{ domain: "*", via: { kind: "mx" } }],
      tls: "encrypt",
      retryScheduleSeconds: [60, 300],
      maxAgeSeconds: 3600,
      allowPrivate: ["127.0.0.0/8"],
      mxPort: mx.port,
      maxConnections: 10,
      maxConnectionsPerDestination: 10,
      maxMessagesPerConnection: 20,
      reportLanguage: "ja",
      timeouts: defaultTimeouts,
    },
    queue: storage.queue,
    ledger: storage.ledger,
    indexer,
    stream: (id) => (id === stream.id ? stream : undefined),
    signer: office.signer,
    resolver: createResolver({ servers: [dns.server], timeoutMs: 1000 }),
    owner: "gateway",
    clock: () => now,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    },
  });
  const isQuiet = async (): Promise<boolean> => {
    const { running, waiting } = delivery.counts();
    const due = await storage.queue.nextDue();
    const { states } = await storage.queue.counts();
    return running + waiting + states.leased === 0 && (due === undefined || due > now);
  };
  for (;;) {
    delivery.nudge();
    await expect.poll(isQuiet, { timeout: 15_000 }).toBe(true);
    const due = await storage.queue.nextDue();
    if (due === undefined) break;
    now = new Date(due.getTime() + 60_000);
  }

  const { states } = await storage.queue.counts();
  const reports = 4 * perMood; // unknown, never, withdrawn, nowhere
  expect(states).toMatchObject({
    waiting: 0,
    leased: 0,
    delivered: 3 * perMood + reports, // good, later, dropped, and the reports
    failed: 2 * perMood, // unknown, nowhere
    expired: perMood, // never
    dropped: perMood, // withdrawn
  });

  // The receiving server's own ledger: each once, but those whose answer was lost twice.
  const got = new Map<string, number>();
  for (const { recipients } of mx.deliveries)
    for (const who of recipients) got.set(who, (got.get(who) ?? 0) + 1);
  for (let index = 0; index < perMood; index += 1) {
    expect(got.get(addressOf("good", index))).toBe(1);
    expect(got.get(addressOf("later", index))).toBe(1);
    expect(got.get(addressOf("dropped", index))).toBe(2);
    for (const mood of ["unknown", "never", "withdrawn", "nowhere"] as const)
      expect(got.get(addressOf(mood, index))).toBeUndefined();
  }
  expect(got.get("news@example.jp")).toBe(reports);

  // What arrived verifies; nothing came in clear text.
  const verdicts = await Promise.all(
    mx.deliveries.map(({ data }) => verifyByMailauth(data, office.records)),
  );
  expect(verdicts.every((verdict) => verdict.length === 1 && verdict[0] === true)).toBe(true);
  expect(mx.clearText()).not.toContain("MAIL");

  // And the log agrees, in an unbroken chain.
  const events = await storage.audit.counts();
  expect(events).toMatchObject({
    Delivery: 3 * perMood + reports,
    Bounce: 2 * perMood,
    Expiration: perMood,
    Dropped: perMood,
    Report: reports,
    Suppression: perMood,
  });
  expect((await storage.audit.verify()).kind).toBe("intact");
  const { items } = await storage.ledger.listSuppressions({ limit: 100 });
  expect(items.map(({ kind }) => kind)).toEqual(
    Array.from({ length: perMood }, () => "hard-bounce"),
  );
  expect(ids).toHaveLength(everyone.length / 7);
});
