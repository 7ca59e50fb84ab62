// DATA: what each verdict makes of a message, what is stored with it, and what its client is told where that fails.
import { describe, expect, test } from "vitest";

import { at } from "../../test/support/consent-events.ts";
import { address } from "../../test/support/memory-stores.ts";
import { makeSender, makeStream } from "../../test/support/smtp-gateway.ts";
import type { AuditDraft } from "../audit/event.ts";
import { StorageUnavailable } from "../audit/unavailable.ts";
import { createIndexer } from "../consent/address-index.ts";
import type { Finding } from "../policy/finding.ts";
import type { JudgeFacts } from "../policy/judge.ts";
import type { Stream } from "../policy/stream.ts";
import type { NewMessage, NewRecipient, QueueStore } from "../queue/store.ts";
import type { CampaignVerdict } from "./campaign.ts";
import type { JudgeResult } from "./judge.ts";
import { receiveMessage, type AcceptedRecipient, type MessageOutcome } from "./message.ts";
import type { IntakeParts } from "./parts.ts";

const now = at(100);
const indexer = createIndexer(Buffer.alloc(32, 1));
const head = [
  "From: news@example.jp",
  "Date: Wed, 25 Nov 2026 09:00:00 +0900",
  "Message-ID: <1@example.jp>",
  "Subject: hello",
].join("\r\n");
const text = `${head}\r\n\r\nhello\r\n`;

type Accept = QueueStore["accept"];
interface Given {
  readonly stream?: Partial<Stream>;
  readonly text?: string;
  readonly to?: readonly Pick<AcceptedRecipient, "basis" | "dsn">[];
  readonly result?: JudgeResult;
  readonly accept?: () => ReturnType<Accept>;
  readonly parts?: Partial<IntakeParts>;
}
interface Seen {
  readonly outcome: MessageOutcome;
  /** What the client is told: the reason of a no, else `accepted` or `held`. */
  readonly told: string;
  readonly stored: readonly {
    readonly message: NewMessage;
    readonly recipients: readonly NewRecipient[];
    readonly events: readonly AuditDraft[];
  }[];
  readonly judged: readonly JudgeFacts[];
  readonly observed: readonly (readonly string[])[];
}

const judgedWith = (...findings: readonly Finding[]): JudgeResult => ({
  kind: "judged",
  findings,
  bodyHash: "0",
});

async function received(given: Given): Promise<Seen> {
  const stored: Seen["stored"][number][] = [];
  const judged: JudgeFacts[] = [];
  const observed: (readonly string[])[] = [];
  const silent = (): void => undefined;
  const none = (): never => {
    throw new Error("not asked at DATA");
  };
  const outcome = await receiveMessage(
    {
      streams: [],
      credentials: { find: none } as unknown as IntakeParts["credentials"],
      ledger: { lookUp: none },
      queue: {
        counts: none,
        known: (fingerprints) => Promise.resolve(fingerprints.map(() => false)),
        accept: (message, recipients, events) => {
          stored.push({ message, recipients, events });
          return given.accept?.() ?? Promise.resolve({ kind: "stored" });
        },
      },
      audit: { append: none },
      freezes: { list: () => Promise.resolve([]) },
      indexer,
      clock: () => now,
      limits: { recipientsMax: 100, queuedRecipientsMax: 100, queuedBytesMax: 1e9 },
      messagesPerMinute: new Map(),
      judge: {
        judge: (_content, facts) => {
          judged.push(facts);
          return Promise.resolve(given.result ?? judgedWith());
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
      observed: {
        note: (rules) => {
          observed.push(rules);
        },
      },
      log: { info: silent, warn: silent, error: silent },
      hostname: "gw.example.jp",
      gatewayHosts: ["gw.example.jp"],
      deduplicate: true,
      toReply: (answer) => ({ code: 250, text: answer.kind }),
      ...given.parts,
    },
    {
      messageId: "m",
      actor: "credential:ma",
      stream: makeStream({ id: "news", class: "marketing", topic: "news", ...given.stream }),
      envelope: { mailFrom: address("news@example.jp"), eightBit: false, smtpUtf8: false },
      recipients: new Map(
        (given.to ?? [{}]).map((recipient, index) => {
          const who = address(`r${index}@example.net`);
          const subject = indexer.address(who);
          return [subject, { address: who, subject, ...recipient }];
        }),
      ),
      content: Buffer.from(given.text ?? text),
      trace: { helo: "ma", protocol: "ESMTPSA" },
      requestEvidence: { source: "192.0.2.1" },
      remoteAddress: "192.0.2.1",
    },
  );
  const { answer } = outcome;
  const told = "no" in answer ? answer.no.reason : answer.kind;
  return { outcome, told, stored, judged, observed };
}

const fail = (change: Partial<Finding> = {}): Finding => ({
  rule: "jp/name",
  part: "text/plain",
  outcome: "fail",
  evidence: "there is none",
  law: "",
  remedy: { ja: "", en: "" },
  reason: "sender-name-missing",
  ...change,
});

test("what may go is stored whole, with each recipient and one event", async () => {
  const seen = await received({ to: [{ basis: "consent" }, {}, { basis: "relationship" }] });
  expect(seen.outcome).toEqual({ kind: "stored", answer: { kind: "accepted", messageId: "m" } });
  const [{ message, recipients, events } = {}] = seen.stored;
  expect(message).toMatchObject({
    messageId: "m",
    stream: "news",
    sender: "sample",
    receivedAt: now,
  });
  expect(message?.content.toString()).toBe(text);
  expect(message).not.toHaveProperty("held");
  expect(message).not.toHaveProperty("consentRequest");
  expect(recipients?.map(({ recipientId, address: { text: to } }) => [recipientId, to])).toEqual([
    ["m-1", "r0@example.net"],
    ["m-2", "r1@example.net"],
    ["m-3", "r2@example.net"],
  ]);
  expect(events).toEqual([
    {
      type: "Reception",
      at: now,
      messageId: "m",
      stream: "news",
      sender: "sample",
      actor: "credential:ma",
      reply: { code: 250, text: "accepted" },
      detail: { bytes: text.length, recipients: 3, protocol: "ESMTPSA", remote: "192.0.2.1" },
    },
  ]);
  expect(seen.judged).toMatchObject([
    {
      bases: ["consent", "relationship"],
      recipients: ["r0@example.net", "r1@example.net", "r2@example.net"],
      now,
    },
  ]);
});

describe("what is refused leaves nothing in the queue", () => {
  const waits = fail({ rule: "jp/address", reason: "page-unchecked" });
  test.each<[string, Given, string, readonly string[]]>([
    ["a failure", { result: judgedWith(fail(), fail()) }, "sender-name-missing", ["jp/name"]],
    [
      "a failure, beside one in shadow",
      { result: judgedWith(fail({ rule: "jp/contact", observed: true }), fail()) },
      "sender-name-missing",
      ["jp/name"],
    ],
    ["a page that is looked at", { result: judgedWith(waits) }, "page-unchecked", ["jp/address"]],
    ["too much to do", { result: { kind: "busy" } }, "rate-limited", []],
    [
      "a body that cannot be read",
      { result: { kind: "unfit", unfit: { reason: "unreadable", detail: "two texts" } } },
      "unreadable",
      [],
    ],
    ["a header without end", { text: `X: ${"a ".repeat(40_000)}` }, "too-complex", []],
    [
      "a From of somebody else",
      { text: text.replace("news@example.jp", "news@example.com") },
      "sender-not-permitted",
      [],
    ],
    [
      "a stop of its stream since it began",
      {
        parts: {
          freezes: {
            list: () =>
              Promise.resolve([
                { kind: "stream", name: "news", reason: "wrong list", actor: "user:1", at: now },
              ]),
          },
        },
      },
      "frozen",
      [],
    ],
    [
      "a kill switch that cannot be read",
      { parts: { freezes: { list: () => Promise.reject(new Error("locked")) } } },
      "frozen",
      [],
    ],
  ])("%s", async (_name, given, reason, rules) => {
    const seen = await received(given);
    expect(seen.outcome).toMatchObject({ kind: "refused", rules });
    expect(seen.told).toBe(reason);
    expect(seen.stored).toEqual([]);
  });
});

describe("what the store says", () => {
  test.each<[string, () => ReturnType<Accept>, MessageOutcome["kind"], string]>([
    [
      "a repetition",
      () => Promise.resolve({ kind: "duplicate", messageId: "m0" }),
      "stored",
      "accepted",
    ],
    [
      "a repetition of what is held",
      () =>
        Promise.resolve({
          kind: "duplicate",
          messageId: "m0",
          held: { reason: "judge-timeout", detail: "" },
        }),
      "stored",
      "judge-timeout",
    ],
    [
      "a second request",
      () => Promise.resolve({ kind: "already-asked" }),
      "refused",
      "already-asked",
    ],
    [
      "a part that came in at the same moment",
      () => Promise.resolve({ kind: "known-in-part" }),
      "refused",
      "internal-error",
    ],
    [
      "a full disk",
      () => Promise.reject(new StorageUnavailable("full", "no room")),
      "refused",
      "storage-full",
    ],
    [
      "a locked database",
      () => Promise.reject(new StorageUnavailable("busy", "locked")),
      "refused",
      "internal-error",
    ],
    ["a fault", () => Promise.reject(new Error("broken")), "refused", "internal-error"],
  ])("of %s is told", async (_name, accept, kind, told) => {
    const seen = await received({ accept });
    expect([seen.outcome.kind, seen.told]).toEqual([kind, told]);
    if (kind === "stored") expect(seen.outcome.answer).toMatchObject({ messageId: "m0" }); // The first one's, not this one's.
  });
});

test("what a client wants to be told of a recipient is stored with that one", async () => {
  const dsn = { notify: ["SUCCESS"] } as const;
  const seen = await received({ to: [{ dsn }, {}] });
  const [first, second] = seen.stored[0]?.recipients ?? [];
  expect(first?.dsn).toEqual(dsn);
  expect(second).not.toHaveProperty("dsn");
});

test("a message that nobody could judge waits for a person", async () => {
  const seen = await received({
    result: { kind: "failed", why: "timeout", cause: new Error("too long") },
  });
  expect([seen.outcome.answer.kind, seen.told]).toEqual(["held", "judge-timeout"]);
  const [{ message, events } = {}] = seen.stored;
  expect(message?.held).toEqual({ reason: "judge-timeout", detail: "", findings: [] });
  expect(message).not.toHaveProperty("fingerprint"); // Sent again, it may be judged.
  expect(events).toMatchObject([{ type: "Held", reason: "judge-timeout", detail: { rules: [] } }]);
});

test("a violation is held where the stream wants that, with what was found", async () => {
  const findings = [fail(), fail({ rule: "jp/contact", observed: true })];
  const seen = await received({
    stream: { onViolation: "hold" },
    result: judgedWith(...findings),
  });
  expect([seen.outcome.answer.kind, seen.told]).toEqual(["held", "sender-name-missing"]);
  const [{ message, events } = {}] = seen.stored;
  expect(message?.held).toMatchObject({ reason: "sender-name-missing", findings });
  expect(events).toMatchObject([
    { type: "Held", reason: "sender-name-missing", detail: { rules: ["jp/name"] } },
    { type: "Observed", detail: { rule: "jp/contact" } },
  ]);
});

test.each<[string, Partial<Stream>, readonly Finding[], readonly string[]]>([
  [
    "a rule",
    {},
    [fail({ observed: true }), fail({ outcome: "warn", observed: true })],
    ["jp/name"],
  ],
  ["a stream", { onViolation: "observe" }, [fail(), fail({ outcome: "pass" })], ["jp/name"]],
  ["no rule", {}, [fail({ outcome: "warn" })], []],
])(
  "%s in shadow lets it go, and what it would have refused is counted",
  async (_name, stream, findings, rules) => {
    const seen = await received({ stream, result: judgedWith(...findings) });
    expect(seen.told).toBe("accepted");
    expect(seen.observed).toEqual([rules]);
    const observed = seen.stored[0]?.events.filter(({ type }) => type === "Observed");
    expect(observed?.map(({ detail }) => detail?.["rule"])).toEqual(rules);
  },
);

test("of what is in shadow fifty events are written for one message", async () => {
  const findings = Array.from({ length: 60 }, () => fail({ observed: true }));
  const seen = await received({ result: judgedWith(...findings) });
  expect(seen.stored[0]?.events).toHaveLength(51);
});

test("a repetition is known by its Message-ID, and only where the operator wants that", async () => {
  const markOf = async (given: Given): Promise<string | undefined> =>
    (await received(given)).stored[0]?.message.fingerprint;
  const mark = await markOf({});
  expect(mark).toBeDefined();
  expect(await markOf({})).toBe(mark);
  expect(await markOf({ text: text.replace("Subject: hello", "Subject: again") })).not.toBe(mark);
  expect(await markOf({ text: text.replace("<1@", "<2@") })).not.toBe(mark);
  expect(await markOf({ to: [{}, {}] })).not.toBe(mark);
  expect(await markOf({ text: text.replace(/Message-ID.*\r\n/, "") })).toBeUndefined();
  expect(await markOf({ parts: { deduplicate: false } })).toBeUndefined();
});

test("a request for consent leaves what it was asked by", async () => {
  const seen = await received({ stream: { class: "consent-request" } });
  expect(seen.stored[0]?.message.consentRequest).toEqual({
    topic: "news",
    evidence: { source: "192.0.2.1" },
  });
});

describe("a campaign that waits for a second person", () => {
  const stream = { sender: makeSender({ approvals: ["campaign"] }) };
  const sketch = { name: "autumn", pieces: [], hosts: [] } as unknown as NonNullable<
    Extract<JudgeResult, { kind: "judged" }>["campaign"]
  >;
  const result: JudgeResult = { kind: "judged", findings: [], bodyHash: "0", campaign: sketch };

  test("is held message by message where campaigns cannot be told apart", async () => {
    for (const given of [{ stream }, { stream, result }]) {
      const seen = await received(given);
      expect([seen.outcome.answer.kind, seen.told]).toEqual(["held", "campaign-unapproved"]);
    }
    // What is not advertising has no campaign.
    expect((await received({ stream: { ...stream, class: "transactional" } })).told).toBe(
      "accepted",
    );
  });

  test.each<[string, object, string, number]>([
    ["may go", { kind: "flow" }, "accepted", 1],
    ["waits", { kind: "hold", detail: "new" }, "campaign-unapproved", 1],
    ["was rejected", { kind: "rejected" }, "campaign-rejected", 0],
    ["has enough that waits", { kind: "full" }, "campaign-waiting", 0],
  ])("that %s is answered by the gate", async (_name, verdict, told, stored) => {
    const campaignGate: IntakeParts["campaignGate"] = {
      pass: async (message, keep) => {
        expect([message.recipients, message.sketch]).toEqual([1, sketch]);
        return stored === 0
          ? { verdict: verdict as CampaignVerdict }
          : {
              verdict: verdict as CampaignVerdict,
              kept: await keep(verdict as Parameters<typeof keep>[0]),
            };
      },
    };
    const seen = await received({ stream, result, parts: { campaignGate } });
    expect([seen.told, seen.stored.length]).toEqual([told, stored]);
    // What is held for another reason needs no second one.
    const held = await received({
      stream: { ...stream, onViolation: "hold" },
      result: { ...result, findings: [fail()] },
      parts: { campaignGate },
    });
    expect(held.told).toBe("sender-name-missing");
  });

  test("is refused where the gate cannot be asked", async () => {
    const campaignGate = { pass: () => Promise.reject(new Error("locked")) } as never;
    const seen = await received({ stream, result, parts: { campaignGate } });
    expect([seen.told, seen.stored]).toEqual(["internal-error", []]);
  });
});
