// Standing: the table of rules.
import { expect, test } from "vitest";

import { at, expire, grant, pause, withdraw } from "../../test/support/consent-events.ts";
import type { Basis, ConsentEvent } from "./event.ts";
import { shown, standing, type Grounds, type Standing } from "./standing.ts";

const now = at(100);
const granted = (since: number, more: { basis?: Basis; until?: number } = {}): Standing => ({
  kind: "granted",
  basis: more.basis ?? "consent",
  since: at(since),
  ...(more.until === undefined ? {} : { until: at(more.until) }),
});

const cases: readonly (readonly [string, readonly ConsentEvent[], Standing])[] = [
  ["nothing on record", [], { kind: "none" }],
  ["a grant", [grant(1)], granted(1)],
  ["a grant for another topic", [grant(1, "person", { topic: "sale" })], { kind: "none" }],
  ["a grant dated ahead: a clock is wrong", [grant(101)], { kind: "ahead", from: at(101) }],
  [
    "the sooner of two grants dated ahead, after one that ended",
    [grant(1, "person", { expires: 50 }), grant(103), grant(102, "import")],
    { kind: "ahead", from: at(102) },
  ],
  [
    "a grant dated ahead, for another topic",
    [grant(101, "person", { topic: "sale" })],
    { kind: "none" },
  ],
  ["a grant from this instant on", [grant(100)], granted(100)],
  ["a grant in force beside one dated ahead", [grant(1), grant(101)], granted(1)],
  [
    "two grants at one instant: the one that is no consent permits less",
    [grant(1, "import"), grant(1, "import", { basis: "contract" })],
    granted(1, { basis: "contract" }),
  ],
  [
    "two grants at one instant on bases other than consent: one of them, whatever their order",
    [grant(1, "import", { basis: "relationship" }), grant(1, "import", { basis: "contract" })],
    granted(1, { basis: "contract" }),
  ],
  [
    "two grants at one instant: the one that ends permits less, though it is a consent's",
    [grant(1, "import", { basis: "contract" }), grant(1, "import", { expires: 200 })],
    granted(1, { until: 200 }),
  ],
  [
    "the newest of two grants",
    [grant(5, "import", { basis: "relationship" }), grant(2)],
    granted(5, { basis: "relationship" }),
  ],
  ["a grant that will end", [grant(1, "person", { expires: 200 })], granted(1, { until: 200 })],
  [
    "a grant that ended this instant",
    [grant(1, "person", { expires: 100 })],
    { kind: "expired", basis: "consent", since: at(100) },
  ],
  [
    "a grant ended by a rule",
    [grant(1), expire(50)],
    { kind: "expired", basis: "consent", since: at(50) },
  ],
  [
    "a grant ended at its own instant",
    [grant(1), expire(1)],
    { kind: "expired", basis: "consent", since: at(1) },
  ],
  [
    "a grant ended this instant by a rule",
    [grant(1), expire(100)],
    { kind: "expired", basis: "consent", since: at(100) },
  ],
  ["a grant after it was ended", [grant(1), expire(50), grant(60, "import")], granted(60)],
  ["an end dated ahead", [grant(1), expire(101)], granted(1)],
  ["an end of another topic", [grant(1), expire(50, "sale")], granted(1)],
  [
    "the earlier of two ends",
    [grant(1, "person", { expires: 80 }), expire(50)],
    { kind: "expired", basis: "consent", since: at(50) },
  ],
  ["a withdrawal", [grant(1), withdraw(2)], { kind: "withdrawn", since: at(2), scope: "topic" }],
  [
    "a withdrawal without any grant",
    [withdraw(2)],
    { kind: "withdrawn", since: at(2), scope: "topic" },
  ],
  ["a withdrawal of another topic", [grant(1), withdraw(2, "sale")], granted(1)],
  [
    "a withdrawal of the whole sender",
    [grant(1), withdraw(2, null)],
    { kind: "withdrawn", since: at(2), scope: "sender" },
  ],
  [
    "withdrawals of topic and sender: the wider is told",
    [grant(1), withdraw(2), withdraw(3, null)],
    { kind: "withdrawn", since: at(3), scope: "sender" },
  ],
  [
    "two withdrawals: since the first",
    [withdraw(4), withdraw(2)],
    { kind: "withdrawn", since: at(2), scope: "topic" },
  ],
  [
    "a withdrawal at the instant of a grant",
    [grant(2), withdraw(2)],
    { kind: "withdrawn", since: at(2), scope: "topic" },
  ],
  [
    "a withdrawal dated ahead counts at once",
    [grant(1), withdraw(150)],
    { kind: "withdrawn", since: at(150), scope: "topic" },
  ],
  ["a new grant by the person", [grant(1), withdraw(2), grant(3)], granted(3)],
  [
    "a new grant by the person lifts a sender-wide withdrawal for its topic",
    [withdraw(2, null), grant(3)],
    granted(3),
  ],
  [
    "a new grant for another topic lifts nothing here",
    [grant(1), withdraw(2, null), grant(3, "person", { topic: "sale" })],
    { kind: "withdrawn", since: at(2), scope: "sender" },
  ],
  [
    "a new grant dated ahead lifts nothing yet",
    [grant(1), withdraw(2), grant(101)],
    { kind: "withdrawn", since: at(2), scope: "topic" },
  ],
  [
    "an import after a withdrawal",
    [grant(1), withdraw(2), grant(3, "import")],
    { kind: "withdrawn", since: at(2), scope: "topic" },
  ],
  [
    "an import after a withdrawal that the person lifted",
    [withdraw(2), grant(3), grant(4, "import", { basis: "contract" })],
    granted(4, { basis: "contract" }),
  ],
  [
    "an end does not lift a withdrawal",
    [grant(1), withdraw(2), expire(3)],
    { kind: "withdrawn", since: at(2), scope: "topic" },
  ],
  [
    "a grant by the person that ended in the meantime",
    [withdraw(2), grant(3, "person", { expires: 10 })],
    { kind: "expired", basis: "consent", since: at(10) },
  ],
  ["a pause", [grant(1), pause(2, 101)], { kind: "paused", until: at(101), scope: "topic" }],
  ["a pause that is over", [grant(1), pause(2, 100)], granted(1)],
  [
    "a pause of the whole sender",
    [grant(1), pause(2, 101, null)],
    { kind: "paused", until: at(101), scope: "sender" },
  ],
  [
    "two pauses: the longer",
    [grant(1), pause(2, 120), pause(3, 110, null)],
    { kind: "paused", until: at(120), scope: "topic" },
  ],
  [
    "two pauses that end together: the wider is told",
    [grant(1), pause(2, 120), pause(3, 120, null)],
    { kind: "paused", until: at(120), scope: "sender" },
  ],
  [
    "an import does not end a pause",
    [grant(1), pause(2, 101), grant(3, "import")],
    { kind: "paused", until: at(101), scope: "topic" },
  ],
  ["a new grant by the person ends a pause", [grant(1), pause(2, 101), grant(3)], granted(3)],
  [
    "a pause does not soften a withdrawal",
    [grant(1), withdraw(2), pause(3, 101)],
    { kind: "withdrawn", since: at(2), scope: "topic" },
  ],
  ["a pause that is over, and no grant", [pause(2, 50)], { kind: "none" }],
];
test.each(cases)("%s", (_name, events, expected) => {
  expect(shown(standing(events, "news", now))).toEqual(expected);
  expect(shown(standing(events.toReversed(), "news", now))).toEqual(expected);
});

const erased = (day: number): ConsentEvent => ({
  ...withdraw(day, null),
  evidence: { method: "erasure" },
});
const beneath: readonly (readonly [string, readonly ConsentEvent[], Grounds | undefined])[] = [
  ["nothing", [withdraw(2)], { kind: "none" }],
  [
    "a grant that stands",
    [grant(1), withdraw(2)],
    { kind: "granted", basis: "consent", since: at(1) },
  ],
  [
    "a grant that ended",
    [grant(1, "import", { basis: "contract", expires: 50 }), withdraw(2)],
    { kind: "expired", basis: "contract", since: at(50) },
  ],
  [
    "a grant of another topic",
    [grant(1, "import", { topic: "sale" }), withdraw(2)],
    { kind: "none" },
  ],
  [
    "a pause",
    [grant(1), pause(2, 101), withdraw(3)],
    { kind: "paused", until: at(101), scope: "topic" },
  ],
  [
    "an import of later",
    [withdraw(2), grant(3, "import", { basis: "contract" })],
    { kind: "granted", basis: "contract", since: at(3) },
  ],
  ["nothing that counts, behind an erasure", [grant(1), erased(2)], undefined],
  [
    "nothing that counts, behind an opt-out and an erasure",
    [grant(1), withdraw(2, null), erased(4), grant(5, "import")],
    undefined,
  ],
  [
    "nothing that counts, behind a stop of the topic and an erasure",
    [withdraw(2), erased(1)],
    undefined,
  ],
];
test.each(beneath)("beneath a withdrawal: %s", (_name, events, expected) => {
  const told = standing(events, "news", now);
  expect(told.kind).toBe("withdrawn");
  expect(told.kind === "withdrawn" ? told.beneath : "no withdrawal").toEqual(expected);
});

test("a grant counts no longer than its sender lets its basis last", () => {
  const tenDays = at(10).getTime() - at(0).getTime();
  const ask = (events: readonly ConsentEvent[], day: number, maxAges = { consent: tenDays }) =>
    standing(events, "news", at(day), maxAges);
  expect(ask([grant(1)], 10)).toEqual(granted(1, { until: 11 }));
  expect(ask([grant(1)], 11)).toEqual({ kind: "expired", basis: "consent", since: at(11) });
  expect(ask([grant(1), grant(9)], 11)).toEqual(granted(9, { until: 19 }));
  expect(ask([grant(1, "person", { expires: 5 })], 3)).toEqual(granted(1, { until: 5 }));
  expect(ask([grant(1, "person", { expires: 50 })], 3)).toEqual(granted(1, { until: 11 }));
  expect(ask([grant(1, "import", { basis: "relationship" })], 90)).toEqual(
    granted(1, { basis: "relationship" }),
  );
});
