// What an attempt's outcome becomes: the state, when it is tried again, what the log and the ledger are told.
import { expect, test } from "vitest";

import { address } from "../../test/support/memory-stores.ts";
import { createIndexer } from "../consent/address-index.ts";
import type { Lease } from "../queue/store.ts";
import type { Outcome } from "./classify.ts";
import {
  droppedSettlement,
  overdueSettlement,
  postponed,
  replyOf,
  settlementOf,
  type SettlementContext,
} from "./settlement.ts";

const now = new Date("2026-11-25T00:00:00Z");
const inSeconds = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const indexer = createIndexer(Buffer.alloc(32, 1));
const hanako = address("hanako@example.net");
const lease: Lease = {
  recipientId: "m-1",
  messageId: "m",
  address: hanako,
  subject: indexer.address(hanako),
  destination: hanako.domain,
  attempts: 0,
  stream: "newsletter",
  sender: "sample",
  envelope: { mailFrom: address("news@example.jp"), eightBit: false, smtpUtf8: false },
  fromDomain: address("news@example.jp").domain,
  receivedAt: now,
  trace: { helo: "ma", protocol: "ESMTPS" },
  notification: false,
  uncertain: false,
};
const context: SettlementContext = {
  plan: { scheduleSeconds: [300, 900, 14_400], maxAgeSeconds: 86_400 },
  delayNoticeSeconds: 0,
  delayTold: new Set(),
  mayReport: () => true,
  hostname: "gw.example.jp",
  language: "en",
  now,
  random: 0.5, // no jitter
  reportId: () => "report",
  subject: (who) => indexer.address(who),
  content: () => Promise.resolve(Buffer.from("Subject: hello\r\n\r\nhello\r\n")),
};
const reply = { code: 451, enhanced: "4.2.0", text: "not now" };
const deferred = {
  kind: "deferred",
  class: "mailbox-full",
  reply,
  uncertain: false,
  pace: "none",
} as const satisfies Outcome;
const failed = {
  kind: "failed",
  class: "user-unknown",
  reply: { code: 550, enhanced: "5.1.1", text: "nobody" },
  unknownUser: true,
  pace: "none",
} as const satisfies Outcome;
const evidence = { detail: { host: "mx.example.net" }, remoteHost: "mx.example.net" };

const { recipientId, messageId, stream, sender, subject } = lease;
const event = { at: now, recipientId, messageId, stream, sender, subject, actor: "gateway" };

test("what was delivered is settled with the remote's words, and nobody is told unasked", async () => {
  const ok = { code: 250, text: "queued" };
  expect(await settlementOf(lease, { kind: "delivered", reply: ok }, evidence, context)).toEqual({
    kind: "delivered",
    recipientId,
    reply: ok,
    event: {
      ...event,
      type: "Delivery",
      reply: ok,
      detail: { host: "mx.example.net", attempt: 1 },
    },
  });
});

test("a report of delivery that was asked for is ours where the next host will not make one", async () => {
  const asking: Lease = { ...lease, dsn: { notify: ["SUCCESS"] } };
  const outcome = { kind: "delivered", reply: { code: 250, text: "ok" } } as const;
  const ours = await settlementOf(asking, outcome, evidence, context);
  expect(ours).toMatchObject({ report: { event: { detail: { about: "m-1", kind: "relayed" } } } });
  const theirs = await settlementOf(asking, outcome, { ...evidence, peerReports: true }, context);
  expect(theirs).not.toHaveProperty("report");
});

test.each([
  [0, 300],
  [1, 900],
  [2, 14_400],
  [9, 14_400],
])("after %i attempts before it, a deferral waits for %i seconds", async (attempts, seconds) => {
  const next = inSeconds(seconds);
  expect(await settlementOf({ ...lease, attempts }, deferred, evidence, context)).toEqual({
    kind: "deferred",
    recipientId,
    nextAttemptAt: next,
    reply,
    counted: true,
    event: {
      ...event,
      type: "TransientFailure",
      reply,
      detail: {
        host: "mx.example.net",
        class: "mailbox-full",
        nextAttemptAt: next.toISOString(),
        attempt: attempts + 1,
      },
    },
  });
});

test("what may have been delivered waits for the schedule's longest delay, an hour at most", async () => {
  const uncertain = { ...deferred, class: "connection", uncertain: true } as const;
  for (const [scheduleSeconds, attempts, seconds] of [
    [[300, 900, 14_400], 0, 3600],
    [[300, 900, 14_400], 2, 14_400],
    [[300, 900], 0, 900],
  ] as const) {
    const plan = { ...context.plan, scheduleSeconds };
    const settled = await settlementOf({ ...lease, attempts }, uncertain, evidence, {
      ...context,
      plan,
    });
    expect(settled).toMatchObject({
      kind: "deferred",
      uncertain: true,
      nextAttemptAt: inSeconds(seconds),
      event: { detail: { uncertain: true } },
    });
  }
});

test("what may have been delivered twice is not sent a third time, and teaches nothing", async () => {
  const uncertain = { ...deferred, uncertain: true } as const;
  const settled = await settlementOf({ ...lease, uncertain: true }, uncertain, evidence, context);
  expect(settled).toMatchObject({
    kind: "failed",
    event: { type: "Bounce", detail: { uncertain: true } },
    report: { event: { detail: { kind: "uncertain" } } },
  });
  expect(settled).not.toHaveProperty("suppress");
  // Known to be undelivered this time, or uncertain for the first time: it is tried again.
  for (const [before, outcome] of [
    [true, deferred],
    [false, uncertain],
  ] as const)
    expect(
      (await settlementOf({ ...lease, uncertain: before }, outcome, evidence, context)).kind,
    ).toBe("deferred");
});

test("a failure is a bounce that is reported and teaches the ledger", async () => {
  const settled = await settlementOf(lease, failed, evidence, context);
  expect(settled).toMatchObject({
    kind: "failed",
    reply: failed.reply,
    event: { ...event, type: "Bounce", detail: { class: "user-unknown", attempt: 1 } },
    report: { event: { type: "Report", detail: { about: "m-1", kind: "failed" } } },
    suppress: { target: hanako, suppression: { kind: "hard-bounce", subject } },
  });
  expect(settled).not.toHaveProperty("event.detail.uncertain");
});

test("a delay is told of once it has lasted as long as the operator set, and where somebody wants to know", async () => {
  const reportOf = async (change: Partial<Lease>): Promise<unknown> => {
    const noticing = { ...context, delayNoticeSeconds: 600, delayTold: new Set<string>() };
    const settled = await settlementOf({ ...lease, ...change }, deferred, evidence, noticing);
    return "report" in settled ? settled.report?.event.detail : undefined;
  };
  const told = { about: "m-1", kind: "delayed" };
  expect(await reportOf({ receivedAt: inSeconds(-299) })).toBeUndefined();
  expect(await reportOf({ receivedAt: inSeconds(-300) })).toEqual(told);
  expect(await reportOf({ receivedAt: inSeconds(-700) })).toEqual(told);
  expect(
    await reportOf({ receivedAt: inSeconds(-700), dsn: { notify: ["FAILURE"] } }),
  ).toBeUndefined();
});

test("a failure beyond the hour's reports is settled, and says that none was written", async () => {
  const none = { ...context, mayReport: () => false };
  const settled = await settlementOf(lease, failed, evidence, none);
  expect(settled).not.toHaveProperty("report");
  expect(settled).toMatchObject({ kind: "failed", event: { detail: { reportBeyondCap: true } } });
});

test("a deferral that finds no more time expires, and only what speaks of the address teaches", async () => {
  const old = { ...lease, receivedAt: inSeconds(-86_400) };
  const earlierBounces = (): Promise<{ at: Date; reason: "mailbox-full" | "host-unknown" }[]> =>
    Promise.resolve(
      [1, 5, 9, 14].flatMap((days) =>
        (["mailbox-full", "host-unknown"] as const).map((reason) => ({
          at: inSeconds(-days * 86_400),
          reason,
        })),
      ),
    );
  const known = { ...context, earlierBounces };
  const full = await settlementOf(old, deferred, evidence, known);
  expect(full).toMatchObject({
    kind: "expired",
    reply,
    event: { type: "Expiration", reason: "expired", detail: { class: "mailbox-full" } },
    report: { event: { detail: { kind: "expired" } } },
    suppress: { suppression: { kind: "hard-bounce" } },
  });
  // The first time that its mailbox is full says nothing for good.
  const once = await settlementOf(old, deferred, evidence, context);
  expect(once).toMatchObject({ kind: "expired", event: { detail: { report: "report" } } });
  expect(once).not.toHaveProperty("suppress");
  const routing = await settlementOf(old, { ...deferred, class: "routing" }, evidence, known);
  expect(routing).toMatchObject({ kind: "expired" });
  expect(routing).not.toHaveProperty("suppress");
});

test("the client's own return path is kept sealed beside the event", async () => {
  const replaced = { ...evidence, replacedMailFrom: "bounce+hanako@example.jp" };
  const settled = await settlementOf(lease, deferred, replaced, context);
  expect(settled).toMatchObject({ event: { personal: { mailFrom: "bounce+hanako@example.jp" } } });
});

test.each([
  ["ledger", 60],
  ["storage", 60],
  ["stream", 60],
  ["papers", 60],
  ["busy", 5],
] as const)(
  "mail that waits for the %s is due in %i seconds, and up to twice that",
  async (why, s) => {
    for (const random of [0, 0.5])
      expect(await postponed(lease, why, { ...context, random }, reply)).toEqual({
        kind: "deferred",
        recipientId,
        nextAttemptAt: inSeconds(s * (1 + random)),
        reply,
        counted: false,
      });
    // It expires where it would be due behind its time, and not before.
    const atAge = async (seconds: number): Promise<string> => {
      const receivedAt = inSeconds(-seconds);
      return (await postponed({ ...lease, receivedAt }, why, { ...context, random: 0 }, reply))
        .kind;
    };
    expect(await atAge(86_400 - s)).toBe("deferred");
    expect(await atAge(86_400 - s + 1)).toBe("expired");
  },
);

test("what expires while it waits says for what; what is given back is due at once, whatever its age", async () => {
  const old = { ...lease, receivedAt: inSeconds(-90_000) };
  const expired = await postponed(old, "stream", context, reply);
  expect(expired).toMatchObject({
    kind: "expired",
    event: { type: "Expiration", reason: "expired" },
  });
  expect(expired.kind === "expired" ? expired.reply?.text : "").toMatch(/: not now$/);
  expect(await postponed(old, "given-back", context)).toEqual({
    kind: "deferred",
    recipientId,
    nextAttemptAt: now,
    counted: false,
  });
  const unnamed = await postponed(old, "storage", context);
  const overdue = await overdueSettlement(old, context);
  expect(unnamed).toEqual(overdue);
  expect(overdue).toMatchObject({
    kind: "expired",
    event: { type: "Expiration", reason: "expired" },
  });
  expect(overdue).not.toHaveProperty("suppress");
});

test("what policy stops is dropped with the reply that the client would have got, and reported", async () => {
  const withdrawn = { reason: "withdrawn", detail: "for sender sample, topic news" } as const;
  const dropped = await droppedSettlement(lease, withdrawn, context);
  expect(dropped).toMatchObject({
    kind: "dropped",
    reply: { code: 550, enhanced: "5.7.1" },
    event: { ...event, type: "Dropped", reason: "withdrawn" },
    report: { event: { detail: { kind: "dropped" } } },
  });
  const text = dropped.kind === "dropped" ? (dropped.reply?.text ?? "") : "";
  expect(text).toMatch(/^withdrawn: .+: for sender sample, topic news$/);
  expect(dropped).not.toHaveProperty("suppress");
  expect(replyOf({ reason: "withdrawn" }).text).toBe(text.replace(/: for sender.*$/, ""));
});
