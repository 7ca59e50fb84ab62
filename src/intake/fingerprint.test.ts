// The mark of a recipient's copy: the same over releases, since a day's marks are kept.
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
  subject: index("ff"),
};

test("is SHA-256 over each part and a NUL behind it, as it was when the marks on disk were made", () => {
  expect(fingerprint(facts)).toBe(
    "61dd4bfd8831cbcd0eb29b5cf77d02b5fc8fed32b4a7f8972619dd3fc1ebd458",
  );
});

test("changes with each of its parts", () => {
  const mark = fingerprint(facts);
  expect(fingerprint({ ...facts, actor: "credential:other" })).not.toBe(mark);
  expect(fingerprint({ ...facts, messageId: "<2@example.jp>" })).not.toBe(mark);
  expect(fingerprint({ ...facts, title: "" })).not.toBe(mark);
  expect(fingerprint({ ...facts, bodyHash: "cd".repeat(32) })).not.toBe(mark);
  expect(fingerprint({ ...facts, subject: index("00") })).not.toBe(mark);
});
