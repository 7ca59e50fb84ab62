// Rows of a consents table: what becomes of good ones, and what is told about bad ones.
import { expect, test } from "vitest";

import { createIndexer } from "../consent/address-index.ts";
import { consentSpecs, readConsentRow, requiredConsentColumns } from "./consent-row.ts";
import { nameCells, readHeader } from "./header.ts";
import type { RowContext } from "./row-problem.ts";

const indexer = createIndexer(Buffer.alloc(32, 1));
const context: RowContext = {
  indexer,
  senders: [{ id: "sample", topics: ["news", "sale"] }],
  streams: ["newsletter"],
  zone: 540,
  now: new Date("2026-06-01T00:00:00Z"),
  actor: "import:0123456789abcdef",
  trusted: new Set(),
};
const good = {
  email: "taro@example.jp",
  sender: "sample",
  topic: "news",
  basis: "consent",
  granted_at: "2026/1/5 9:03",
  method: "web-form",
  source: "https://www.example.jp/form",
};
const read = (row: Record<string, string>, more: Partial<RowContext> = {}) =>
  readConsentRow(new Map(Object.entries(row)), { ...context, ...more });
const problems = (row: Record<string, string>): readonly string[] => {
  const reading = read(row);
  return reading.kind === "ok" ? [] : reading.problems.map(({ column }) => column);
};

test("a full row becomes a grant that is not the person's own act, unknown columns its evidence", () => {
  const reading = read({
    ...good,
    wording: "メルマガを受け取る",
    evidence: "log 77",
    policy_version: "3",
    expires_at: "2027-01-05",
    会社名: "株式会社サンプル",
    部署: "",
  });
  expect(reading).toMatchObject({
    kind: "ok",
    value: {
      address: { text: "taro@example.jp" },
      event: {
        kind: "granted",
        topic: "news",
        basis: "consent",
        byPerson: false,
        at: new Date("2026-01-05T00:03:00Z"),
        expiresAt: new Date("2027-01-04T15:00:00Z"),
        actor: "import:0123456789abcdef",
        evidence: {
          method: "web-form",
          source: "https://www.example.jp/form",
          wording: "メルマガを受け取る",
          policyVersion: "3",
          more: { evidence: "log 77", 会社名: "株式会社サンプル" },
        },
      },
    },
  });
});

test("a JSON object in evidence is taken apart, and can claim nothing else", () => {
  const reading = read({
    ...good,
    basis: "名刺",
    evidence: '{"refusal_on_card":false,"event":"Expo","__proto__":"x","policy_version":"2"}',
  });
  expect(reading).toMatchObject({
    kind: "ok",
    value: {
      event: {
        basis: "written_notice",
        evidence: { policyVersion: "2", more: { refusal_on_card: "false", event: "Expo" } },
      },
    },
  });
});

test("stops are rows too, of one topic or all, and need no evidence", () => {
  const stop = { email: good.email, sender: "sample", granted_at: "2026-02-01" };
  expect(read({ ...stop, topic: "*", basis: "withdrawn" })).toMatchObject({
    value: { event: { kind: "withdrawn", topic: null } },
  });
  expect(read({ ...stop, topic: "news", basis: "paused", expires_at: "2026-07-01" })).toMatchObject(
    {
      value: { event: { kind: "paused", topic: "news", until: new Date("2026-07-01T15:00:00Z") } },
    },
  );
  expect(problems({ ...stop, topic: "news", basis: "paused" })).toEqual(["expires_at"]);
  expect(problems({ ...good, topic: "*" })).toEqual(["topic"]);
});

test.each([
  ["withdrawn", "2026-02-01", "", "2026-02-01T14:59:59.999Z"],
  ["withdrawn", "2026-02-01 9:03", "", "2026-02-01T00:03:00.000Z"],
  ["withdrawn", "2026-06-01", "", "2026-06-01T00:00:00.000Z"], // today, so now
  ["expired", "2026-02-01", "", "2026-02-01T14:59:59.999Z"],
  ["paused", "2026-06-01", "2026-06-01", "2026-06-01T00:00:00.000Z"],
  ["paused", "2026-02-01", "2026-02-01", "2026-02-01T14:59:59.999Z"],
  ["paused", "2026-02-01", "2026-02-01 10:00", "2026-02-01T00:59:59.999Z"],
  ["consent", "2026-02-01", "2027-02-01", "2026-01-31T15:00:00.000Z"],
])("%s on %s until %j takes effect at %s", (basis, granted_at, expires_at, at) => {
  expect(read({ ...good, basis, granted_at, expires_at })).toMatchObject({
    value: { event: { at: new Date(at) } },
  });
});

test("a stop of a day to come is refused, and a grant ends as its last day begins", () => {
  expect(problems({ ...good, basis: "withdrawn", granted_at: "2026-06-02" })).toEqual([
    "granted_at",
  ]);
  expect(read({ ...good, expires_at: "2027-02-01" })).toMatchObject({
    value: { event: { expiresAt: new Date("2027-01-31T15:00:00Z") } },
  });
});

test.each([
  ["full-width characters", { email: "ｔａｒｏ＠example.jp" }, /full-width.*half-width/],
  ["a full-width at sign", { email: "taro＠example.jp" }, /full-width/],
  ["a name around it", { email: "太郎 <taro@example.jp>" }, /more than an address/],
  ["two addresses", { email: "a@example.jp;b@example.jp" }, /one address a row/],
  ["no domain", { email: "taro" }, /local@domain/],
  ["nothing", { email: "" }, /is empty/],
  ["a local part that cannot be sent to", { email: "太郎@example.jp" }, /not ASCII/],
  ["another sender", { sender: "other" }, /not a sender/],
  ["another topic", { topic: "other" }, /not a topic/],
  ["an unknown basis", { basis: "hearsay" }, /none that is known/],
  ["a basis named as an object's own property", { basis: "constructor" }, /none that is known/],
  ["no date", { granted_at: "" }, /is empty/],
  ["a date to come", { granted_at: "2026-06-02" }, /future/],
  ["no method", { method: "" }, /is empty/],
  ["a My Number", { memo: "123456789018" }, /My Number/],
  ["a card", { wording: "4111 1111 1111 1111" }, /card number/],
])("a row with %s is bad, and says why", (_name, change, problem) => {
  const reading = read({ ...good, ...change });
  const [column = ""] = Object.keys(change);
  const told = reading.kind === "bad" ? reading.problems : [];
  expect(told.map((found) => found.column)).toEqual([column]);
  expect(told[0]?.problem).toMatch(problem);
  expect(told[0]?.remedy).not.toBe("");
});

test("tells all problems of a row at once", () => {
  expect(problems({ email: "taro", sender: "other", basis: "x", granted_at: "y" })).toEqual([
    "email",
    "basis",
    "sender",
    "granted_at",
  ]);
});

test("shows neither addresses nor personal numbers in problems", () => {
  const shown = JSON.stringify([
    read({ ...good, email: "taro.yamada@example" }),
    read({ ...good, email: "123456789018" }),
    read({ ...good, memo: "card 4111111111111111" }),
  ]);
  expect(shown).toContain("t***@example");
  expect(shown).not.toContain("yamada");
  expect(shown).not.toContain("123456789018");
  expect(shown).not.toContain("4111111111111111");
});

test("a trusted column may hold long numbers", () => {
  const row = { ...good, contract_id: "123456789018" };
  expect(problems(row)).toEqual(["contract_id"]);
  expect(read(row, { trusted: new Set(["contract_id"]) }).kind).toBe("ok");
});

test("headers: our names, Japanese names, mapped ones, and set values", () => {
  const wish = { map: { source: "きっかけ" }, set: { sender: "sample", topic: "news" } };
  const header = readHeader(
    ["メールアドレス", "根拠", "同意日時", "Ｍｅｔｈｏｄ", "きっかけ", "会社名"],
    consentSpecs,
    requiredConsentColumns,
    wish,
  );
  expect(header).toEqual({
    names: ["email", "basis", "granted_at", "method", "source", "会社名"],
    problems: [],
  });
  expect([...nameCells(header, ["a@example.jp", "同意"], wish)]).toEqual([
    ["email", "a@example.jp"],
    ["basis", "同意"],
    ["sender", "sample"],
    ["topic", "news"],
  ]);
});

test("headers: what is missing, twice there or mapped to nothing is told", () => {
  const told = (cells: string[], map: Record<string, string> = {}): readonly string[] =>
    readHeader(cells, consentSpecs, requiredConsentColumns, { map, set: {} }).problems.map(
      ({ column, problem }) => `${column} ${problem}`,
    );
  expect(told(["email", "sender", "topic", "granted_at"])).toEqual(["basis is missing"]);
  expect(told([...requiredConsentColumns, "Email"])).toEqual(["email stands twice in the header"]);
  expect(told([...requiredConsentColumns], { method: "how" })).toEqual([
    "method is mapped to how, which the file does not have",
  ]);
});
