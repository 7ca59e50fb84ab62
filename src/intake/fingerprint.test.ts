// The mark of a submission: the same over the order of its recipients, and over releases, since a day's marks are kept.
import { expect, test } from "vitest";

import { parseAddressIndex, type AddressIndex } from "../consent/address-index.ts";
import { fingerprint } from "./fingerprint.ts";

function index(octet: string): AddressIndex {
  const parsed = parseAddressIndex(octet.repeat(16));
  if (parsed === undefined) throw new Error(octet);
  return parsed;
}

const facts = {
  actor: "credential:tool",
  messageId: "<1.é@example.jp>",
  title: "=?utf-8?q?=C3=A9?=",
  bodyHash: "ab".repeat(32),
  subjects: [index("ff"), index("00")],
};

test("is SHA-256 over each part and a NUL behind it, as it was when the marks on disk were made", () => {
  expect(fingerprint(facts)).toBe(
    "62ecac0dfd86042d21f1dfb8220b0a238e63900cc5b048d3c2d6eae903e82614",
  );
});

test("does not change with the order of the recipients, and does with each of its parts", () => {
  const mark = fingerprint(facts);
  expect(fingerprint({ ...facts, subjects: facts.subjects.toReversed() })).toBe(mark);
  expect(fingerprint({ ...facts, actor: "credential:other" })).not.toBe(mark);
  expect(fingerprint({ ...facts, messageId: "<2@example.jp>" })).not.toBe(mark);
  expect(fingerprint({ ...facts, title: "" })).not.toBe(mark);
  expect(fingerprint({ ...facts, bodyHash: "cd".repeat(32) })).not.toBe(mark);
  expect(fingerprint({ ...facts, subjects: [index("ff")] })).not.toBe(mark);
});
