import { expect, test } from "vitest";

import { base64Lines, encodedWords } from "./encoded-text.ts";

test("encoded words hold whole characters, in lines that are short enough", () => {
  const text = "配信できませんでした / Undelivered mail 👩‍👩‍👧";
  const words = encodedWords(text).split("\r\n ");
  const decoded = words.map((word) => {
    expect(word.length).toBeLessThanOrEqual(75); // RFC 2047 §2
    return Buffer.from(word.slice("=?utf-8?B?".length, -2), "base64").toString();
  });
  expect(decoded.join("")).toBe(text);
  expect(encodedWords("Undelivered mail")).toBe("Undelivered mail");
});

test("base64 lines have 76 characters at most and no empty one", () => {
  expect(base64Lines(Buffer.alloc(0))).toBe("");
  const lines = base64Lines(Buffer.alloc(114, 1)).split("\r\n");
  expect(lines.map(({ length }) => length)).toEqual([76, 76]);
});
