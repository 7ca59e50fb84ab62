import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseAddressIndex } from "../consent/address-index.ts";
import { bounceReasons, isPermanentReason, type BounceReason } from "./bounce-reason.ts";
import { isCounted, learn, type Lesson, type Signal } from "./learn.ts";

const subject = parseAddressIndex("0".repeat(32));
if (subject === undefined) throw new Error("no index");
const about = {
  subject,
  messageId: "m1",
  recipientId: "m1-1",
  sender: "sample",
  stream: "newsletter",
  topic: "news",
};
const at = new Date("2026-11-25T00:00:00Z");
const day = 86_400_000;

function bounce(reason: BounceReason, final = true): Extract<Signal, { kind: "bounce" }> {
  return {
    kind: "bounce",
    about,
    at,
    reason,
    permanent: isPermanentReason(reason),
    final,
    diagnostic: "550 no",
  };
}

function before(
  reason: BounceReason,
  ...days: readonly number[]
): { at: Date; reason: BounceReason }[] {
  return days.map((ago) => ({ at: new Date(at.getTime() - ago * day), reason }));
}

function kinds(lesson: Lesson): string[] {
  return lesson.events.map((event) => event.type);
}

describe("bounces", () => {
  test("an unknown user is suppressed at once, everywhere, with the message that told", () => {
    const lesson = learn(bounce("user-unknown"), []);
    expect(lesson.suppressions).toMatchObject([
      { kind: "hard-bounce", scope: { kind: "all" }, messageId: "m1", reason: "user-unknown" },
    ]);
    expect(kinds(lesson)).toEqual(["Returned"]);
  });

  test("a full mailbox only after five times in two weeks, and only for a while", () => {
    expect(learn(bounce("mailbox-full"), before("mailbox-full", 20, 10, 5)).suppressions).toEqual(
      [],
    );
    expect(
      learn(bounce("mailbox-full"), before("mailbox-full", 1, 1, 1, 1, 1)).suppressions,
    ).toEqual([]);
    const lesson = learn(bounce("mailbox-full"), before("mailbox-full", 20, 10, 5, 2));
    expect(lesson.suppressions[0]?.expiresAt).toEqual(new Date(at.getTime() + 60 * day));
  });

  test("bounces of another class, or too old, do not count", () => {
    expect(learn(bounce("mailbox-full"), before("suspended", 20, 10, 5, 2)).suppressions).toEqual(
      [],
    );
    expect(
      learn(bounce("mailbox-full"), before("mailbox-full", 200, 190, 180, 170)).suppressions,
    ).toEqual([]);
  });

  test("a bounce counts for ninety days, and not before it came", () => {
    const reached = (...days: readonly number[]): boolean =>
      learn(bounce("mailbox-full"), before("mailbox-full", ...days)).suppressions.length === 1;
    expect(reached(90, 10, 5, 2)).toBe(true);
    expect(reached(91, 10, 5, 2)).toBe(false);
    expect(reached(20, 10, 5, 0)).toBe(true);
    expect(reached(20, 10, 5, -1)).toBe(false);
    expect(reached(14, 10, 5, 2)).toBe(true);
    expect(reached(13, 10, 5, 2)).toBe(false);
  });

  test("one that stops an address is recorded whole", () => {
    const { suppressions, events } = learn(bounce("user-unknown"), []);
    const stop = { subject, ofDomain: false, kind: "hard-bounce", scope: { kind: "all" } };
    expect(suppressions).toEqual([
      { ...stop, origin: "bounce", reason: "user-unknown", createdAt: at, messageId: "m1" },
    ]);
    const { topic: _topic, ...whom } = about;
    expect(events).toMatchObject([
      { type: "Returned", at, ...whom, actor: "gateway", detail: { suppressed: true, count: 1 } },
    ]);
  });

  test("only classes that come to count are counted", () => {
    expect(bounceReasons.filter(isCounted)).toEqual(
      bounceReasons.filter((reason) =>
        ["host-unknown", "mailbox-full", "suspended"].includes(reason),
      ),
    );
  });

  test("a report that something is late teaches nothing", () => {
    expect(learn(bounce("user-unknown", false), []).suppressions).toEqual([]);
  });

  test("row 88: policy, spam, pace, authentication and the network never suppress, however often", () => {
    const harmless = bounceReasons.filter(
      (reason) =>
        !["user-unknown", "moved", "host-unknown", "mailbox-full", "suspended"].includes(reason),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...harmless),
        fc.array(fc.integer({ min: 0, max: 89 }), { maxLength: 50 }),
        (reason, days) => {
          const lesson = learn(bounce(reason), before(reason, ...days));
          expect(lesson.suppressions).toEqual([]);
          expect(lesson.consents).toEqual([]);
        },
      ),
    );
  });

  test.each(["policy", "spam", "rate", "authentication"] as const)(
    "%s alarms the operator",
    (reason) => {
      expect(kinds(learn(bounce(reason), []))).toEqual(["Returned", "Alarm"]);
    },
  );

  test("the remote's words are personal data", () => {
    const [returned] = learn(bounce("user-unknown"), []).events;
    expect(returned?.personal).toEqual({ diagnostic: "550 no" });
    expect(JSON.stringify(returned?.detail)).not.toContain("550 no");
  });
});

describe("complaints", () => {
  test("stop all advertising of the sender", () => {
    const lesson = learn({ kind: "complaint", about, at, feedbackType: "abuse" }, []);
    expect(lesson.suppressions).toMatchObject([
      { kind: "complaint", scope: { kind: "sender", id: "sample" } },
    ]);
    expect(lesson.consents).toMatchObject([{ kind: "withdrawn", topic: null, messageId: "m1" }]);
    expect(kinds(lesson)).toEqual(["Complaint"]);
  });

  test("whose sender is gone hold everywhere", () => {
    const lesson = learn({ kind: "complaint", about: { subject }, at, feedbackType: "abuse" }, []);
    expect(lesson.suppressions).toEqual([
      {
        subject,
        ofDomain: false,
        kind: "complaint",
        scope: { kind: "all" },
        origin: "complaint",
        reason: "abuse",
        createdAt: at,
      },
    ]);
    expect(lesson.consents).toEqual([]);
    expect(lesson.events).toEqual([
      { type: "Complaint", at, subject, actor: "gateway", detail: { feedbackType: "abuse" } },
    ]);
  });

  test.each(["not-spam", "auth-failure", "dmarc"])("%s is no complaint", (feedbackType) => {
    const lesson = learn({ kind: "complaint", about, at, feedbackType }, []);
    expect([lesson.suppressions, lesson.consents]).toEqual([[], []]);
    expect(kinds(lesson)).toEqual(["Alarm"]);
  });
});

describe("opt-outs", () => {
  test("of one topic withdraw that topic only", () => {
    const lesson = learn({ kind: "opt-out", about, at, wish: "topic", method: "one-click" }, []);
    expect(lesson.consents).toMatchObject([
      { kind: "withdrawn", topic: "news", actor: "recipient", evidence: { method: "one-click" } },
    ]);
    expect(lesson.suppressions).toEqual([]);
  });

  test("of everything withdraw every topic of the sender", () => {
    const lesson = learn({ kind: "opt-out", about, at, wish: "all", method: "page" }, []);
    expect(lesson.consents).toMatchObject([{ topic: null }]);
    expect(lesson.suppressions).toMatchObject([
      { kind: "unsubscribe", scope: { kind: "sender", id: "sample" } },
    ]);
  });

  test("until a date pause (施行規則 5条)", () => {
    const until = new Date("2027-01-01T00:00:00Z");
    const lesson = learn(
      { kind: "opt-out", about, at, wish: { pausedUntil: until }, method: "page" },
      [],
    );
    expect(lesson.consents).toEqual([
      {
        kind: "paused",
        subject,
        sender: "sample",
        topic: "news",
        until,
        at,
        evidence: { method: "page" },
        actor: "recipient",
        messageId: "m1",
      },
    ]);
  });

  test("whose topic is gone hold for every topic of the sender", () => {
    const { topic: _topic, ...known } = about;
    const lesson = learn(
      { kind: "opt-out", about: known, at, wish: "topic", method: "one-click" },
      [],
    );
    expect(lesson.consents).toMatchObject([{ kind: "withdrawn", sender: "sample", topic: null }]);
    expect(lesson.suppressions).toEqual([
      {
        subject,
        ofDomain: false,
        kind: "unsubscribe",
        scope: { kind: "sender", id: "sample" },
        origin: "recipient",
        reason: "one-click",
        createdAt: at,
        messageId: "m1",
      },
    ]);
  });

  test("are told with what was wished, by the person", () => {
    const until = new Date("2027-01-01T00:00:00Z");
    const { topic: _topic, ...whom } = about;
    for (const [wish, detail] of [
      ["topic", { method: "reply", topic: "news", wish: "topic" }],
      ["all", { method: "reply", topic: null, wish: "all" }],
      [
        { pausedUntil: until },
        { method: "reply", topic: "news", wish: "pause", until: until.toISOString() },
      ],
    ] as const) {
      const wording = "stop\u202e it";
      const signal = { kind: "opt-out", about, at, wish, method: "reply", wording } as const;
      const lesson = learn(signal, []);
      expect(lesson.events).toEqual([
        { type: "Unsubscribe", at, ...whom, actor: "recipient", detail },
      ]);
      const [consent] = lesson.consents;
      expect(consent?.evidence.method).toBe("reply");
      expect(consent?.evidence.wording).toMatch(/^stop[^\u202e]* it$/);
    }
  });

  test("whose sender is gone hold everywhere", () => {
    const lesson = learn(
      { kind: "opt-out", about: { subject }, at, wish: "topic", method: "one-click" },
      [],
    );
    expect(lesson.suppressions).toMatchObject([{ kind: "unsubscribe", scope: { kind: "all" } }]);
  });
});

test("automatic answers and unclear mail teach nothing", () => {
  for (const signal of [
    { kind: "auto-reply", about, at } as const,
    { kind: "unclear", about, at, why: "x" } as const,
  ]) {
    const lesson = learn(signal, []);
    expect([lesson.suppressions, lesson.consents]).toEqual([[], []]);
    expect(lesson.events).toHaveLength(1);
  }
});

test("what a person must read is sealed", () => {
  const excerpt = { from: "hanako@example.net", subject: "Re: news", text: "please" };
  const lesson = learn({ kind: "unclear", about, at, why: "x", excerpt }, []);
  expect(lesson.events).toMatchObject([
    { type: "Alarm", detail: { what: "a person must read this", why: "x" }, personal: excerpt },
  ]);
  const bare = learn({ kind: "unclear", about, at, why: "x" }, []);
  expect(bare.events[0]).not.toHaveProperty("personal");
});
