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
  [
    "a file in place of the page",
    "published_address",
    { source: "ftp://a.example/", more: { refusal_notice: "no", publisher: "company" } },
    ["source"],
  ],
  ["a relationship without contract", "relationship", { method: "crm" }, ["contract_id"]],
];
test.each(lacking)("refuses %s", (_name, basis, evidence, expected) => {
  expect(columns({ basis, at, evidence })).toEqual(expected);
});

test("every problem names a remedy", () => {
  for (const [name, basis, evidence] of lacking) {
    const problems = problemsOf({ basis, at, evidence });
    expect([name, problems.length]).not.toEqual([name, 0]);
    for (const problem of problems) {
      expect(problem.problem).not.toBe("");
      expect(problem.remedy).not.toBe("");
    }
  }
});

const page = { refusal_notice: "FALSE", publisher: "Company" };
test.each<[string, Evidence, readonly string[]]>([
  ["in capitals", { source: "http://a.example/", more: page }, []],
  [
    "of a consumer",
    { source: "http://a.example/", more: { ...page, publisher: "consumer" } },
    ["is a consumer: only an organisation's or a sole trader's own address counts"],
  ],
  [
    "of nobody",
    { source: "http://a.example/", more: { refusal_notice: "no" } },
    ["does not say who published the address"],
  ],
  [
    "with a notice",
    { source: "http://a.example/", more: { ...page, refusal_notice: "YES" } },
    ["is yes: the page says beside the address that it wants no such mail, so the basis is void"],
  ],
  [
    "whose notice nobody looked for",
    { source: "http://a.example/", more: { publisher: "company" } },
    ["is not stated"],
  ],
  [
    "whose notice is unclear",
    { source: "http://a.example/", more: { ...page, refusal_notice: "perhaps" } },
    ["is neither true nor false"],
  ],
  ["from nowhere", { more: page }, ["is empty"]],
  ["from no page", { source: "their home page", more: page }, ["is not an http or https URL"]],
])("a published address %s is told what it lacks", (_name, evidence, problems) => {
  const told = problemsOf({ basis: "published_address", at, evidence });
  expect(told.map(({ problem }) => problem)).toEqual(problems);
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

test("yes and no are understood as forms and tables write them", () => {
  const told = (word: string): readonly string[] =>
    problemsOf({
      basis: "written_notice",
      at,
      evidence: { source: "Expo", more: { refusal_on_card: word } },
    }).map(({ problem }) => problem);
  for (const word of ["false", "No", "0", "n", "off", "いいえ", "無", "なし"])
    expect([word, told(word)]).toEqual([word, []]);
  for (const word of ["true", "Yes", "1", "y", "on", "はい", "有", "あり"])
    expect([word, told(word)]).toEqual([word, [expect.stringMatching(/so the basis is void$/)]]);
});

test("takes what is as long as it may be", () => {
  const name = "n".repeat(64);
  const rest = Array.from({ length: 49 }, (_, index) => [`c${index}`, "x"] as const);
  const more = { ...Object.fromEntries(rest), [name]: "x".repeat(4000) };
  expect(columns({ basis: "consent", at, evidence: { ...enough.consent, more } })).toEqual([]);
});

test("clocks may differ by five minutes, and by no more", () => {
  const ahead = (milliseconds: number): Date => new Date(now.getTime() + 300_000 + milliseconds);
  expect(columns({ basis: "consent", at: ahead(0), evidence: enough.consent })).toEqual([]);
  expect(columns({ basis: "consent", at: ahead(1), evidence: enough.consent })).toEqual([
    "granted_at",
  ]);
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
