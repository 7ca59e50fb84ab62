// threats.md row 89: an opt-out token is guessed, edited, lengthened, or used for what it was not made for.
import { randomBytes } from "node:crypto";

import { expect, test } from "vitest";

import { parseAddressIndex } from "../../src/consent/address-index.ts";
import { createTokens } from "../../src/consent/token.ts";
import { createMessageId } from "../../src/mail/message-id.ts";

const key = randomBytes(32);
const tokens = createTokens(key);
const known = [{ sender: "sample", topic: "news" }];
const subject = parseAddressIndex(randomBytes(16).toString("hex"));
if (subject === undefined) throw new Error("not an index");
const content = {
  subject,
  sender: "sample",
  topic: "news",
  messageId: createMessageId(new Date()),
};
const token = tokens.issue(content);

test("row 89: the token is at most 90 characters, and names what it was made for", () => {
  expect(token.length).toBeLessThanOrEqual(90);
  expect(tokens.read(token, known)).toEqual(content);
});

test("row 89: each single bit of it counts", () => {
  const octets = Buffer.from(token, "base64url");
  for (let bit = 0; bit < octets.length * 8; bit += 1) {
    const edited = Buffer.from(octets);
    edited[bit >> 3] = (edited[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(tokens.read(edited.toString("base64url"), known)).toBeUndefined();
  }
});

test("row 89: guesses of the right form are void", () => {
  for (let guess = 0; guess < 5000; guess += 1) {
    expect(tokens.read(randomBytes(62).toString("base64url"), known)).toBeUndefined();
  }
});

test("row 89: oversized and foreign texts are void", () => {
  for (const text of [
    "",
    token + token,
    "A".repeat(101),
    "A".repeat(1_000_000),
    "%00",
    "../../x",
  ]) {
    expect(tokens.read(text, known)).toBeUndefined();
  }
});

test("row 89: a token of another purpose or gateway is void", () => {
  expect(createTokens(key, "confirm-consent").read(token, known)).toBeUndefined();
  expect(createTokens(randomBytes(32)).read(token, known)).toBeUndefined();
});
