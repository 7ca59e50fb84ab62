// Whether a recipient may be sent to, by class of mail: above all what a refusal stops, and what it does not open.
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { at, expire, grant, pause, withdraw } from "../../test/support/consent-events.ts";
import { makeSender, makeStream } from "../../test/support/smtp-gateway.ts";
import { bases, type ConsentEvent } from "../consent/event.ts";
import { standing } from "../consent/standing.ts";
import { decideRecipient } from "./decide.ts";
import { mailClasses, type Stream } from "./stream.ts";

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
