// Whether a recipient may be sent to, by class of mail: above all what a refusal stops, and what it does not open.
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { at, expire, grant, pause, withdraw } from "../../test/support/consent-events.ts";
import { makeSender, makeStream } from "../../test/support/smtp-gateway.ts";
import { bases, type Basis, type ConsentEvent } from "../consent/event.ts";
import { standing } from "../consent/standing.ts";
import type { Suppression, SuppressionKind } from "../consent/suppression.ts";
import { clear, decideMessage, decideRecipient } from "./decide.ts";
import type { Finding } from "./finding.ts";
import { mailClasses, type MailClass, type Stream } from "./stream.ts";

const now = at(100);
const orders = makeStream({ class: "contract-incidental", topic: "news" });

function answer(events: readonly ConsentEvent[], stream: Stream = orders, when = now): string {
  const told = standing(events, stream.topic, when);
  const decision = decideRecipient({ stream, standing: told, suppressions: [] });
  return decision.kind === "accept" ? "accept" : decision.reason;
}

describe("contract mail and a refusal (law.md JP-16)", () => {
  const contract = { basis: "contract" } as const;
  const erased: ConsentEvent = { ...withdraw(5, null), evidence: { method: "erasure" } };
  test.each<[string, readonly ConsentEvent[], string]>([
    ["a contract", [grant(1, "import", contract), withdraw(2)], "accept"],
    ["a contract, all topics refused", [grant(1, "import", contract), withdraw(2, null)], "accept"],
    ["no basis", [withdraw(2)], "no-consent"],
    ["no basis, all topics refused", [withdraw(2, null)], "no-consent"],
    [
      "a contract on another topic",
      [grant(1, "import", { ...contract, topic: "sale" }), withdraw(2, null)],
      "no-consent",
    ],
    [
      "a contract that ended",
      [grant(1, "import", { ...contract, expires: 50 }), withdraw(2)],
      "consent-expired",
    ],
    [
      "a contract and a pause",
      [grant(1, "import", contract), pause(2, 101), withdraw(3)],
      "paused",
    ],
    ["a contract of later", [withdraw(2), grant(3, "import", contract)], "accept"],
    ["a contract and an erasure", [grant(1, "import", contract), erased], "withdrawn"],
    [
      "a contract, a refusal and an erasure",
      [grant(1, "import", contract), withdraw(2, null), erased],
      "withdrawn",
    ],
    ["an import behind an erasure", [erased, grant(6, "import", contract)], "withdrawn"],
    ["the person's own act behind an erasure", [erased, grant(6, "person", contract)], "accept"],
  ])("%s: %#", (_name, events, expected) => {
    expect(answer(events)).toBe(expected);
  });

  test("a basis that the sender's strictness does not take is none after a refusal either", () => {
    const strict = { ...orders, sender: makeSender({ strictOptIn: true }) };
    const events = [grant(1, "import", contract)];
    expect(answer(events, strict)).toBe("basis-not-enough");
    expect(answer([...events, withdraw(2)], strict)).toBe("basis-not-enough");
  });
});

describe("a request for consent (law.md JP-09)", () => {
  const request = makeStream({ class: "consent-request", topic: "news" });
  test.each(bases.filter((basis) => basis !== "consent"))(
    "goes to whom only the basis %s stands for, in force or ended",
    (basis) => {
      expect(answer([grant(1, "import", { basis })], request)).toBe("accept");
      expect(answer([grant(1, "import", { basis, expires: 50 })], request)).toBe("accept");
    },
  );

  test.each<[string, readonly ConsentEvent[], RegExp]>([
    ["consented", [grant(1)], /has consented already/],
    ["consented for a time", [grant(1, "import", { expires: 50 })], /has consented before/],
    ["stopped", [withdraw(1)], /has withdrawn consent/],
    ["paused", [pause(1, 101)], /has paused the mail/],
    [
      "stopped what a card stood for",
      [grant(1, "import", { basis: "written_notice" }), withdraw(2)],
      /has withdrawn/,
    ],
  ])("does not go to whoever %s, and the answer says that", (_name, events, detail) => {
    const told = standing(events, request.topic, now);
    const decision = decideRecipient({ stream: request, standing: told, suppressions: [] });
    if (decision.kind !== "refuse") throw new Error(`is ${decision.kind}`);
    expect(decision.reason).toBe("already-asked");
    expect(decision.detail).toMatch(detail);
  });
});

function suppression(kind: SuppressionKind, scope: Suppression["scope"]): Suppression {
  const { subject } = grant(1);
  return { subject, ofDomain: false, kind, scope, origin: "test", createdAt: at(1) };
}

describe("a suppression", () => {
  const everyClass = [...mailClasses];
  const asked: readonly MailClass[] = ["marketing", "consent-request"];
  // An opt-out or a complaint stops advertising and requests, not the mail that a contract needs (law.md JP-16).
  test.each<[SuppressionKind, readonly MailClass[]]>([
    ["hard-bounce", everyClass],
    ["manual", everyClass],
    ["import", everyClass],
    ["unsubscribe", asked],
    ["complaint", asked],
  ])("for %s stops mail of the classes %s and of no other", (kind, stopped) => {
    for (const mailClass of everyClass) {
      const events = mailClass === "consent-request" ? [] : [grant(1)];
      const stream = makeStream({ class: mailClass, topic: "news" });
      const facts = { stream, standing: standing(events, "news", now), suppressions: [] };
      expect([mailClass, decideRecipient(facts)]).toEqual([mailClass, { kind: "accept" }]);
      const of = suppression(kind, { kind: "stream", id: stream.id });
      const decided = decideRecipient({ ...facts, suppressions: [of] });
      const detail = `${kind}, for this stream`;
      expect([mailClass, decided]).toEqual([
        mailClass,
        stopped.includes(mailClass)
          ? { kind: "refuse", reason: "suppressed", detail }
          : { kind: "accept" },
      ]);
    }
  });

  test("is told with its scope, and one that stops is found behind one that does not", () => {
    const facts = { stream: orders, standing: standing([grant(1)], "news", now) };
    const harmless = suppression("complaint", { kind: "all" });
    for (const [scope, words] of [
      [{ kind: "all" }, "all mail"],
      [{ kind: "sender", id: "sample" }, "this sender"],
    ] as const)
      expect(
        decideRecipient({ ...facts, suppressions: [harmless, suppression("manual", scope)] }),
      ).toEqual({ kind: "refuse", reason: "suppressed", detail: `manual, for ${words}` });
  });
});

describe("a basis in force", () => {
  const incidental: readonly Basis[] = bases;
  const advertising = bases.filter((basis) => basis !== "any_notice" && basis !== "contract");
  test.each<[string, Stream, readonly Basis[]]>([
    ["contract-incidental", orders, incidental],
    ["marketing", makeStream({ class: "marketing", topic: "news" }), advertising],
    [
      "marketing under 特定商取引法",
      makeStream({ class: "marketing", topic: "news", rules: ["jp", "jp-tokusho"] }),
      ["consent"],
    ],
    [
      "marketing of a sender who asks for consent",
      makeStream({
        class: "marketing",
        topic: "news",
        rules: ["jp"],
        sender: makeSender({ strictOptIn: true }),
      }),
      ["consent"],
    ],
    ["transactional", makeStream({ class: "transactional", topic: "news" }), bases],
  ])("allows %s mail where it is one of those that the law names", (_name, stream, allowed) => {
    for (const basis of bases)
      expect([basis, answer([grant(1, "import", { basis })], stream)]).toEqual([
        basis,
        allowed.includes(basis) ? "accept" : "basis-not-enough",
      ]);
  });
});

test.each<[string, ConsentEvent, string]>([
  ["on a topic", withdraw(2), "for sender sample, topic news"],
  ["for all topics", withdraw(2, null), "for every topic of sender sample"],
  [
    "by a way that the gateway knows",
    { ...withdraw(2), evidence: { method: "one-click" } },
    "by one-click, for sender sample, topic news",
  ],
  [
    "by a way that an import wrote, which may be anything",
    { ...withdraw(2), evidence: { method: "tel 03-0000-0000" } },
    "for sender sample, topic news",
  ],
  [
    "by a way of more than twenty characters",
    { ...withdraw(2), evidence: { method: "a".repeat(21) } },
    "for sender sample, topic news",
  ],
])("a withdrawal %s is refused with what the ledger knows", (_name, stop, detail) => {
  const stream = makeStream({ class: "marketing", topic: "news" });
  const told = standing([grant(1), stop], "news", now);
  const refused = { kind: "refuse", reason: "withdrawn", detail };
  expect(decideRecipient({ stream, standing: told, suppressions: [] })).toEqual(refused);
});

test.each<[string, readonly ConsentEvent[], object]>([
  ["none", [], { reason: "no-consent", detail: "none on record for sender sample, topic news" }],
  [
    "paused",
    [grant(1), pause(2, 101)],
    { reason: "paused", detail: `until ${at(101).toISOString()} for sender sample, topic news` },
  ],
  [
    "expired",
    [grant(1, "import", { expires: 50 })],
    { reason: "consent-expired", detail: "for sender sample, topic news" },
  ],
  [
    "granted on a basis that does not do",
    [grant(1, "import", { basis: "contract" })],
    {
      reason: "basis-not-enough",
      detail: "basis contract does not allow class marketing for sender sample, topic news",
    },
  ],
])("a standing of %s is refused for good, with its words", (_name, events, told) => {
  const stream = makeStream({ class: "marketing", topic: "news" });
  const facts = { stream, standing: standing(events, "news", now), suppressions: [] };
  expect(decideRecipient(facts)).toEqual({ kind: "refuse", ...told });
});

test("an attempt is cleared for one recipient at one moment, or gets the decision that stops it", () => {
  const stream = makeStream({ class: "marketing", topic: "news" });
  const facts = { stream, standing: standing([grant(1)], "news", now), suppressions: [] };
  expect(clear(facts, "m-1", now)).toEqual({
    kind: "cleared",
    cleared: { recipientId: "m-1", decidedAt: now },
  });
  for (const events of [[], [withdraw(2)], [grant(1), pause(2, 101)], [grant(101)]]) {
    const stopped = { ...facts, standing: standing(events, "news", now) };
    const decision = decideRecipient(stopped);
    expect(decision.kind).not.toBe("accept");
    expect(clear(stopped, "m-1", now)).toEqual(decision);
  }
});

describe("the findings of a message", () => {
  const finding = (change: Partial<Finding> = {}): Finding => ({
    rule: "jp/name",
    part: "text/plain",
    outcome: "fail",
    evidence: "there is none",
    law: "",
    remedy: { ja: "", en: "" },
    reason: "sender-name-missing",
    ...change,
  });
  const waits = finding({ reason: "page-unchecked" });
  const name = { reason: "sender-name-missing", detail: "text/plain: there is none" } as const;
  const alsoPage = { ...name, detail: `${name.detail}; also: page-unchecked` };
  test.each<[string, readonly Finding[], Stream["onViolation"], object]>([
    ["nothing", [], "refuse", { kind: "accept" }],
    [
      "passes and warnings",
      [finding({ outcome: "pass" }), finding({ outcome: "warn" })],
      "refuse",
      { kind: "accept" },
    ],
    ["a failure of a rule in shadow", [finding({ observed: true })], "refuse", { kind: "accept" }],
    ["a failure", [finding()], "refuse", { kind: "refuse", ...name }],
    ["a failure, twice", [finding(), finding()], "refuse", { kind: "refuse", ...name }],
    ["a failure", [finding()], "hold", { kind: "hold", ...name }],
    ["a failure", [finding()], "observe", { kind: "accept" }],
    [
      "a failure behind one of a rule in shadow",
      [finding({ observed: true, reason: "opt-out-missing" }), finding()],
      "refuse",
      { kind: "refuse", ...name },
    ],
    [
      "a page that is looked at, and a failure: that does not pass by waiting",
      [waits, finding()],
      "refuse",
      { kind: "refuse", ...alsoPage },
    ],
    [
      "a page that is looked at",
      [waits],
      "hold",
      { kind: "defer", reason: "page-unchecked", detail: "text/plain: there is none" },
    ],
  ])("%s (%#): in a stream that is to %s", (_name, findings, onViolation, decision) => {
    const stream = makeStream({ class: "marketing", topic: "news", onViolation });
    expect(decideMessage(findings, stream)).toEqual(decision);
  });
});

test("advertising is refused as withdrawn, whatever lies beneath", () => {
  const news = makeStream({ class: "marketing", topic: "news" });
  expect(answer([grant(1), withdraw(2)], news)).toBe("withdrawn");
  expect(answer([withdraw(2)], news)).toBe("withdrawn");
});

test("a grant dated by a clock that is ahead defers mail that needs it: its time comes, and a refusal would be for good", () => {
  const news = makeStream({ class: "marketing", topic: "news" });
  const decided = decideRecipient({
    stream: news,
    standing: standing([grant(101)], "news", now),
    suppressions: [],
  });
  expect(decided).toMatchObject({ kind: "defer", reason: "consent-ahead" });
  expect(answer([grant(101), withdraw(2)], news)).toBe("withdrawn");
  const asking = makeStream({ class: "consent-request", topic: "news" });
  expect(answer([grant(101)], asking)).toBe("already-asked");
});

test("what stops or ends never opens mail of any class", () => {
  const day = fc.integer({ min: 0, max: 12 });
  const topic = fc.constantFrom("news", "sale");
  const anyTopic = fc.option(topic, { nil: null });
  const anyGrant = fc
    .tuple(
      day,
      fc.constantFrom("person" as const, "import" as const),
      topic,
      fc.constantFrom(...bases),
    )
    .map(([when, by, of, basis]) => grant(when, by, { topic: of, basis }));
  const anyStop = fc.oneof(
    fc.tuple(day, anyTopic).map(([when, of]) => withdraw(when, of)),
    fc.tuple(day, day, anyTopic).map(([when, until, of]) => pause(when, until, of)),
    fc.tuple(day, topic).map(([when, of]) => expire(when, of)),
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(anyGrant, anyStop), { maxLength: 10 }),
      anyStop,
      day.map(at),
      fc.constantFrom(...mailClasses),
      (events, stop, when, mailClass) => {
        const stream = makeStream({ class: mailClass, topic: "news" });
        fc.pre(answer(events, stream, when) !== "accept");
        expect(answer([...events, stop], stream, when)).not.toBe("accept");
      },
    ),
    { numRuns: 2000 },
  );
});
