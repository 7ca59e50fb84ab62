// Which events may be recorded: each basis with and without its evidence.
import fc from "fast-check";
import { expect, test } from "vitest";

import { grant as grantOf, pause, withdraw } from "../../test/support/consent-events.ts";
import { eventProblems } from "./basis.ts";
import { bases, type Basis, type Evidence } from "./event.ts";

const now = new Date("2026-06-01T00:00:00Z");
const at = new Date("2026-01-05T00:03:00Z");

/** The least that each basis needs. */
const enough: Readonly<Record<Basis, Evidence>> = {
  consent: { method: "web-form", source: "https://www.example.jp/form" },
  written_notice: { more: { collector: "sato", refusal_on_card: "false" } },
  any_notice: { method: "phone", source: "support desk" },
  relationship: { more: { contract_id: "K-1024" } },
  published_address: {
    source: "https://www.example.co.jp/company",
    more: { refusal_notice: "いいえ", publisher: "organisation" },
  },
  contract: { source: "order 77" },
};

interface Facts {
  readonly basis: Basis;
  readonly at: Date;
  readonly expiresAt?: Date;
  readonly evidence: Evidence;
}
const problemsOf = (facts: Facts): ReturnType<typeof eventProblems> =>
  eventProblems({ ...grantOf(0), ...facts }, now);
const columns = (facts: Facts): readonly string[] =>
  problemsOf(facts).map((problem) => problem.column);

test.each(bases)("basis %s passes with its evidence and fails with none", (basis) => {
  expect(problemsOf({ basis, at, evidence: enough[basis] })).toEqual([]);
  expect(columns({ basis, at, evidence: {} }).length).toBeGreaterThan(0);
});

const lacking: readonly (readonly [string, Basis, Evidence, readonly string[]])[] = [
  ["consent without method", "consent", { source: "shop" }, ["method"]],
  ["consent with a blank source", "consent", { method: "web-form", source: "  " }, ["source"]],
  [
    "consent that did not name the sender",
    "consent",
    { method: "web-form", source: "x", more: { sender_named: "false" } },
    ["sender_named"],
  ],
  [
    "a card that refuses such mail",
    "written_notice",
    { source: "Expo", more: { refusal_on_card: "TRUE" } },
    ["refusal_on_card"],
  ],
  [
    "a card of which nobody said whether it refuses",
    "written_notice",
    { source: "Expo" },
    ["refusal_on_card"],
  ],
  [
    "a card with an unclear statement",
    "written_notice",
    { source: "Expo", more: { refusal_on_card: "maybe" } },
    ["refusal_on_card"],
  ],
  ["a card from nowhere", "written_notice", { more: { refusal_on_card: "no" } }, ["source"]],
  [
    "a page with a notice against such mail",
    "published_address",
    { source: "https://a.example/", more: { refusal_notice: "あり", publisher: "company" } },
    ["refusal_notice"],
  ],
  [
    "an address that a consumer published",
    "published_address",
    { source: "https://a.example/", more: { refusal_notice: "no", publisher: "consumer" } },
    ["publisher"],
  ],
  [
    "a published address without the page",
    "published_address",
    { source: "their home page", more: { refusal_notice: "no", publisher: "company" } },
    ["source"],
  ],
  [
    "a script in place of the page",
    "published_address",
    { source: "javascript:alert(1)", more: { refusal_notice: "no", publisher: "company" } },
    ["source"],
  ],
  ["a relationship without contract", "relationship", { method: "crm" }, ["contract_id"]],
];
test.each(lacking)("refuses %s", (_name, basis, evidence, expected) => {
  expect(columns({ basis, at, evidence })).toEqual(expected);
});

test("every problem names a remedy", () => {
  for (const [, basis, evidence] of lacking) {
    for (const problem of problemsOf({ basis, at, evidence })) {
      expect(problem.problem).not.toBe("");
      expect(problem.remedy).not.toBe("");
    }
  }
});

test("refuses a grant of the future, and an end that does not follow the beginning", () => {
  const evidence = enough.consent;
  const tomorrow = new Date("2026-06-02T00:00:00Z");
  expect(columns({ basis: "consent", at: tomorrow, evidence })).toEqual(["granted_at"]);
  expect(columns({ basis: "consent", at: new Date(Number.NaN), evidence })).toEqual(["granted_at"]);
  expect(columns({ basis: "consent", at, expiresAt: at, evidence })).toEqual(["expires_at"]);
});

test("takes a consent of before December 2008 (law.md JP-12)", () => {
  const old = new Date("2007-04-01T00:00:00Z");
  expect(columns({ basis: "consent", at: old, evidence: enough.consent })).toEqual([]);
});

test("bounds what is kept", () => {
  const long = "x".repeat(4001);
  expect(columns({ basis: "consent", at, evidence: { ...enough.consent, wording: long } })).toEqual(
    ["wording"],
  );
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`c${index}`, "x"]));
  expect(columns({ basis: "consent", at, evidence: { ...enough.consent, more: many } })).toEqual([
    "evidence",
  ]);
  const named = { ["n".repeat(65)]: "x" };
  expect(columns({ basis: "consent", at, evidence: { ...enough.consent, more: named } })).toEqual([
    `${"n".repeat(64)}…`,
  ]);
});

test("never throws, whatever the evidence", () => {
  const evidence = fc.record(
    {
      method: fc.string(),
      source: fc.oneof(fc.string(), fc.webUrl()),
      wording: fc.string(),
      more: fc.dictionary(fc.string(), fc.string()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.constantFrom(...bases), evidence, (basis, given) => {
      expect(Array.isArray(problemsOf({ basis, at, evidence: given }))).toBe(true);
    }),
  );
});

test("what stops mail needs no proof, only a time that has come", () => {
  expect(eventProblems({ ...withdraw(0), at }, now)).toEqual([]);
  expect(eventProblems(withdraw(400), now)).toMatchObject([{ column: "granted_at" }]);
  expect(eventProblems(pause(3, 3), now)).toMatchObject([{ column: "expires_at" }]);
});
