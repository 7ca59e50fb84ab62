// Whom a complaint is about.
import { expect, test } from "vitest";

import { addressesIn, readComplaint } from "./complaint.ts";
import { readReturnedMessage } from "./returned-message.ts";

test.each([
  ["Hanako <hanako@example.net>, taro@example.net", ["hanako@example.net", "taro@example.net"]],
  ["<o'brien@example.net>", ["o'brien@example.net"]],
  ["'taro@example.net'", ["taro@example.net"]],
  ["no address", []],
])("finds the addresses of %s", (value, found) => {
  expect(addressesIn(value)).toEqual(found);
});

test.each(["o'brien", "a+b", "a&b", "a=b", "a/b", "{a}", "a|b", "a~b", "a`b", "a^b", "a*b", "$a", "a!b", "a#b", "a?b", "50%off", "a..b", ".a", "a.", "-a-", "=a", "_"])(
  "%s@… is read as a whole",
  (local) => {
    const who = `${local}@example.net`;
    for (const value of [who, `<${who}>`, `Somebody <${who}>`, `"S, B" <${who}>`, `${who} (S)`])
      expect(addressesIn(value), value).toEqual([who]);
  },
); // prettier-ignore

test("a complaint of o'brien is not one of brien", () => {
  const text = `From: fbl@example.com\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: X/1\r\nVersion: 1\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: news@example.jp\r\nTo: o'brien@example.net\r\n\r\nHello\r\n--b--\r\n`;
  expect(readComplaint(readReturnedMessage(Buffer.from(text)), "")?.recipients).toEqual([
    "o'brien@example.net",
  ]);
});
