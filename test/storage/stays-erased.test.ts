// An erased person is readable again by an act of their own or an operator's record, and by nothing else.
import { beforeEach, afterEach, expect, test } from "vitest";

import type { AuditEvent } from "../../src/audit/event.ts";
import { createDesk } from "../../src/feedback/desk.ts";
import type { Settlement } from "../../src/queue/store.ts";
import {
  accept,
  address,
  granted,
  indexer,
  noon,
  openSqliteStore,
  query,
  submission,
  suppression,
  type OpenedStore,
} from "../support/storage-facts.ts";

const who = "Quiet.Taro@example.jp";
const subject = indexer.address(address(who));
const act = { actor: "cli:test" };
let opened: OpenedStore;

beforeEach(async () => {
  opened = await openSqliteStore();
  await opened.storage.ledger.recordConsents([granted(who)]);
  await opened.storage.ledger.erase(subject, act);
});
afterEach(async () => {
  await opened[Symbol.asyncDispose]();
});

async function eventsOf(): Promise<readonly AuditEvent[]> {
  return (await opened.storage.audit.search({ subject, limit: 100 })).items;
}

/** Nothing that is kept tells who it is, and the log is whole. */
async function expectUnreadable(): Promise<void> {
  const { ledger, audit, queue } = opened.storage;
  expect(await ledger.addressOf(subject)).toBeUndefined();
  const shown = [
    await eventsOf(),
    await ledger.events(subject),
    (await ledger.listConsents({ limit: 100 })).items,
    (await ledger.listSuppressions({ limit: 100 })).items,
    (await queue.list({ limit: 100 })).items,
  ];
  expect(JSON.stringify(shown).toLowerCase()).not.toContain("quiet");
  expect((await audit.verify()).kind).toBe("intact");
}

const refusal = {
  type: "Refusal",
  at: noon(1),
  subject,
  reason: "withdrawn",
  reply: { code: 550, enhanced: "5.7.1", text: "withdrawn: the recipient said stop" },
  personal: { address: who },
  detail: { phase: "rcpt" },
} as const;

test("a refused recipient", async () => {
  await opened.storage.audit.append([refusal, refusal]);
  await expectUnreadable();
  const last = (await eventsOf()).at(-1);
  expect(last).toMatchObject({ subject, reason: "withdrawn", detail: { phase: "rcpt" } });
  expect(last?.reply).toEqual(refusal.reply);
});

test("their own grant shows them again, and later refusals with them", async () => {
  await opened.storage.audit.append([refusal]);
  await opened.storage.ledger.recordConsents([granted(who, { at: noon(5) })]);
  await opened.storage.audit.append([refusal]);
  expect((await eventsOf()).at(-1)?.recipient).toBe(who);
});

test.each([
  [
    "a consent",
    () => opened.storage.ledger.recordConsents([granted(who, { byPerson: false, at: noon(5) })]),
  ],
  ["a suppression", () => opened.storage.ledger.suppress([suppression(who, "manual")])],
])("%s that an operator records shows them again", async (_what, record) => {
  await opened.storage.audit.append([refusal]);
  await record();
  expect(await opened.storage.ledger.addressOf(subject)).toBe(who);
});

async function leased(): Promise<string> {
  await accept(opened.storage, submission([who]));
  const [lease] = await opened.storage.queue.lease({
    owner: "a",
    now: noon(1),
    leaseUntil: noon(1000),
    limit: 1,
  });
  expect(lease?.address.text).toBe(who);
  return lease?.recipientId ?? "";
}

type Settled = Exclude<Settlement, { readonly kind: "deferred" }>;

const words = { code: 550, enhanced: "5.1.1", text: `<${who}>: no such user quiet.taro` };

function ended(recipientId: string, kind: "delivered" | "failed"): Settled {
  const event = {
    type: kind === "delivered" ? "Delivery" : "Bounce",
    at: noon(3),
    messageId: recipientId.replace(/-1$/, ""),
    recipientId,
    subject,
    reply: words,
    detail: { command: `RCPT TO:<${who}>`, class: "user-unknown" },
    personal: { mailFrom: "bounces+quiet.taro=example.jp@client.example" },
  } as const;
  return { kind, recipientId, reply: words, event };
}

test.each(["delivered", "failed"] as const)("mail to them that is %s", async (kind) => {
  const recipientId = await leased();
  await expectUnreadable();
  const { event: _event, ...deferred } = ended(recipientId, kind);
  await opened.storage.queue.settle("a", [
    {
      ...deferred,
      kind: "deferred",
      nextAttemptAt: noon(2),
      counted: true,
      event: { ...ended(recipientId, kind).event, type: "TransientFailure" },
    },
  ]);
  await expectUnreadable();
  const [again] = await opened.storage.queue.lease({
    owner: "a",
    now: noon(3),
    leaseUntil: noon(1000),
    limit: 1,
  });
  expect(again?.address.text).toBe(who);
  const suppress = suppression(who, "hard-bounce", { origin: "bounce", reason: "user-unknown" });
  const { lost } = await opened.storage.queue.settle("a", [
    { ...ended(recipientId, kind), ...(kind === "failed" ? { suppress } : {}) } as Settlement,
  ]);
  expect(lost).toEqual([]);
  await expectUnreadable();
  const last = (await eventsOf()).findLast(({ type }) => type === "Delivery" || type === "Bounce");
  expect(last).toMatchObject({
    reply: { code: 550, enhanced: "5.1.1", text: "" },
    detail: { class: "user-unknown" },
  });
  const { suppressions } = await opened.storage.ledger.lookUp(query(who));
  expect(suppressions.map((each) => each.kind)).toEqual(kind === "failed" ? ["hard-bounce"] : []);
});

test("words of a receiver that name nobody, and the client's return path, are kept", async () => {
  const recipientId = await leased();
  const reply = { code: 250, text: "ok, queued as 4711" };
  const { event, ...rest } = ended(recipientId, "delivered");
  const personal = { mailFrom: "bounces@client.example" };
  await opened.storage.queue.settle("a", [
    { ...rest, reply, event: { ...event, reply, personal } } as Settlement,
  ]);
  expect((await eventsOf()).at(-1)).toMatchObject({ reply, personal });
  await expectUnreadable();
});

test("an opt-out, complaint or bounce of theirs holds by index", async () => {
  const { ledger, audit } = opened.storage;
  const desk = createDesk({ ledger, audit });
  const about = { subject, sender: "other", topic: "news" };
  const at = noon(9);
  await desk.teach({ kind: "opt-out", about, at, wish: "all", method: "one-click" });
  await desk.teach({
    kind: "bounce",
    about,
    at,
    reason: "user-unknown",
    permanent: true,
    final: true,
    diagnostic: words.text,
  });
  const { standing, suppressions } = await ledger.lookUp(query(who, { sender: "other" }));
  expect(standing.kind).toBe("withdrawn");
  expect(suppressions.map(({ kind }) => kind).toSorted()).toEqual(["hard-bounce", "unsubscribe"]);
  await expectUnreadable();
});

test("a letter of theirs that somebody must read is kept until they are erased again", async () => {
  const { ledger, audit } = opened.storage;
  const personal = { address: who, excerpt: "please answer" };
  await audit.append([
    { type: "Alarm", at: noon(9), subject, personal, detail: { why: "unclear" } },
  ]);
  const last = (await eventsOf()).at(-1);
  expect(last?.personal).toEqual(personal);
  expect(last?.recipient).toBeUndefined();
  expect(await ledger.addressOf(subject)).toBeUndefined();
  await ledger.erase(subject, act);
  await expectUnreadable();
});

test("who is asked for consent is shown once they confirm", async () => {
  const { ledger } = opened.storage;
  const consentRequest = { topic: "news", evidence: { method: "double-opt-in" } };
  await accept(opened.storage, submission([who], { sender: "other", consentRequest }));
  expect(await ledger.addressOf(subject)).toBeUndefined();
  expect(await ledger.consentRequest(subject, "other")).toMatchObject({
    address: who,
    evidence: consentRequest.evidence,
  });
  expect((await opened.storage.audit.verify()).kind).toBe("intact");
  await ledger.erase(subject, act);
  expect((await ledger.consentRequest(subject, "other"))?.address).toBeUndefined();
});
