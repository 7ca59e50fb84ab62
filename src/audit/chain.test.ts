// The chain's pure parts: one text for one value, and no step that can be changed unseen.
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { canonicalJson, chainStart, checkLink, linkHash, type StoredEvent } from "./chain.ts";

const event: StoredEvent = {
  sequence: 1,
  at: 1,
  type: "Refusal",
  messageId: "m",
  subject: "00".repeat(16),
  stream: "news",
  sender: "sample",
  rest: "{}",
  sealed: Buffer.from("x"),
};

describe("canonicalJson", () => {
  test("says the same as JSON, whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("sorts keys by their code units and says texts and numbers as JSON does", () => {
    expect(canonicalJson({ é: 5, b: 4, "10": 2, "9": 3, '"': 1, B: [{ d: 7, c: 6 }] })).toBe(
      '{"\\"":1,"10":2,"9":3,"B":[{"c":6,"d":7}],"b":4,"é":5}',
    );
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(value, (one) => {
        expect(canonicalJson(one)).toBe(JSON.stringify(one));
      }),
    );
    expect(canonicalJson("\ud800\u007f\u0000")).toBe(JSON.stringify("\ud800\u007f\u0000"));
  });

  test("leaves absent values out and refuses what JSON has no word for", () => {
    expect(canonicalJson({ b: undefined, a: [null, true, 1.5, "é"] })).toBe(
      '{"a":[null,true,1.5,"é"]}',
    );
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(/finite/);
    expect(() => canonicalJson({ a: 1n })).toThrow(/bigint/);
  });
});

describe("linkHash", () => {
  test("gives the hash that stands in every log written so far", () => {
    expect(linkHash(chainStart.hash, event).toString("hex")).toBe(
      "da8e081207dd621c84b5fb6d2775c7f44f62edc0213d67d53a0c9905d5f7deab",
    );
  });
});

describe("checkLink", () => {
  test("accepts the event that was appended", () => {
    expect(checkLink(chainStart, event, linkHash(chainStart.hash, event))).toBeUndefined();
  });

  test.each([
    ["at", { at: 2 }],
    ["type", { type: "Held" }],
    ["messageId", { messageId: null }],
    ["subject", { subject: null }],
    ["stream", { stream: "sample", sender: "news" }],
    ["rest", { rest: '{"a":1}' }],
    ["sealed", { sealed: null }],
  ] as const)("finds a change of %s", (_name, change) => {
    const hash = linkHash(chainStart.hash, event);
    expect(checkLink(chainStart, { ...event, ...change }, hash)).toMatch(/changed/);
  });

  test("tells a gap from a step back, and another past from the same", () => {
    const hash = linkHash(chainStart.hash, event);
    expect(checkLink(chainStart, { ...event, sequence: 2 }, hash)).toBe("event 1 is missing");
    expect(checkLink({ sequence: 1, hash }, event, hash)).toBe("event 1 is out of order");
    const other = { sequence: 0, hash: Buffer.alloc(32, 1) };
    expect(checkLink(other, event, hash)).toMatch(/changed/);
  });
});
