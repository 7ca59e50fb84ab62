import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { splitMessage } from "./header.ts";
import { createMessageId } from "./message-id.ts";
import { formatReply, parseReply } from "./reply.ts";

describe("splitMessage", () => {
  test("keeps each field's bytes and unfolds its value", () => {
    const split = splitMessage(
      Buffer.from("From: a@example.jp\r\nSubject : one\r\n two\r\n\tthree\r\n\r\nbody"),
    );
    expect(split.fields).toEqual([
      { name: "From", key: "from", raw: "From: a@example.jp\r\n", value: "a@example.jp" },
      {
        name: "Subject",
        key: "subject",
        raw: "Subject : one\r\n two\r\n\tthree\r\n",
        value: "one two\tthree",
      },
    ]);
    expect(split.bodyOffset).toBe(51);
    expect(split.malformed).toEqual([]);
  });

  test("names lines that are no field", () => {
    expect(
      splitMessage(Buffer.from(" folded first\r\nA: b\r\nno colon here\r\n\r\n")).malformed,
    ).toEqual([" folded first", "no colon here"]);
  });

  test("reads a message without header, without body, and an empty one", () => {
    expect(splitMessage(Buffer.from("\r\nbody")).bodyOffset).toBe(2);
    expect(splitMessage(Buffer.from("A: b\r\n"))).toMatchObject({
      bodyOffset: 6,
      fields: [{ name: "A" }],
    });
    expect(splitMessage(Buffer.alloc(0))).toEqual({ fields: [], malformed: [], bodyOffset: 0 });
  });

  test("loses no byte: fields, malformed lines and body make up the message", () => {
    const line = fc.string({ unit: fc.constantFrom("A", ":", " ", "\t", "b", "é"), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const message = Buffer.from(lines.map((each) => `${each}\r\n`).join(""), "latin1");
        const split = splitMessage(message);
        const raw = split.fields.map((field) => field.raw).join("");
        expect(raw.length).toBeLessThanOrEqual(split.bodyOffset);
        expect(split.bodyOffset).toBeLessThanOrEqual(message.length);
      }),
    );
  });
});

describe("parseReply", () => {
  test.each([
    ["250 2.0.0 Ok: queued", { code: 250, enhanced: "2.0.0", text: "Ok: queued" }],
    [
      "550-5.1.1 The account\r\n550 5.1.1 does not exist",
      { code: 550, enhanced: "5.1.1", text: "The account does not exist" },
    ],
    ["421 try later", { code: 421, text: "try later" }],
    ["250", { code: 250, text: "" }],
    ["550 \u001b[31mred\u0000", { code: 550, text: "[31mred" }],
  ])("%j", (raw, expected) => {
    expect(parseReply(raw)).toEqual(expected);
  });

  test.each(["", "2", "garbage", "999 what", "25 short"])("knows that %j is no reply", (raw) => {
    expect(parseReply(raw)).toBeUndefined();
  });

  test("bounds a remote's words", () => {
    expect(parseReply(`550 ${"x".repeat(100_000)}`)?.text).toHaveLength(512);
  });

  test("formatReply prints what parseReply reads", () => {
    expect(formatReply({ code: 550, enhanced: "5.7.1", text: "no" })).toBe("550 5.7.1 no");
    expect(formatReply({ code: 421, text: "later" })).toBe("421 later");
  });
});

test("message ids sort by time and never repeat", () => {
  const first = createMessageId(new Date(1_700_000_000_000));
  const second = createMessageId(new Date(1_700_000_000_001));
  expect(first).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  expect(first < second).toBe(true);
  const many = new Set(Array.from({ length: 1000 }, () => createMessageId(new Date(0))));
  expect(many.size).toBe(1000);
});
