// Numbers that must not enter the ledger, and look-alikes that may.
import { expect, test } from "vitest";

import { findPersonalNumber } from "./personal-number.ts";

// 123456789018 is the worked example of the check digit rule; the cards are the brands' published test numbers.
test.each([
  ["123456789018", "individual-number"],
  ["1234 5678 9018", "individual-number"],
  ["1234-5678-9018", "individual-number"],
  ["１２３４５６７８９０１８", "individual-number"],
  ["マイナンバー 123456789018 です", "individual-number"],
  ["202613010019", "individual-number"],
  ["4111111111111111", "card-number"],
  ["5555 5555 5555 4444", "card-number"],
  ["3530-1113-3330-0000", "card-number"],
  ["378282246310005", "card-number"],
  ["6200000000000000000", "card-number"], // 19 digits, UnionPay
])("%s is found", (text, kind) => {
  expect(findPersonalNumber(text)).toBe(kind);
});

test.each([
  ["a wrong check digit", "123456789012"],
  ["eleven digits", "12345678901"],
  ["a mobile number", "090-1234-5678"],
  ["an international number", "+81 90 1234 5678"],
  ["a wrong Luhn digit", "4111111111111112"],
  ["a part of a URL", "https://www.example.jp/entry/123456789018"],
  ["a query of a URL", "https://www.example.jp/?id=4111111111111111"],
  ["a part of a code", "K123456789018"],
  ["an address", "123456789018@example.jp"],
  ["one digit again and again", "000000000000"],
  ["sixteen digits of no issuer", "9999999999999995"],
  ["a date and time", "2026-01-05 09:03:00"],
  ["a date and time without marks", "202604010006"],
  ["a date, and a time without marks", "2026-04-01 0006"],
])("%s is not", (_name, text) => {
  expect(findPersonalNumber(text)).toBeUndefined();
});
