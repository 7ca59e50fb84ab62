// Opt-out tokens: what was issued is read back, and nothing else is.
import fc from "fast-check";
import { expect, test } from "vitest";

import { createMessageId } from "../mail/message-id.ts";
import { parseAddressIndex } from "./address-index.ts";
import { createTokens, type TokenContent } from "./token.ts";

const key = Buffer.alloc(32, 7);
const tokens = createTokens(key);
const known = [
  { sender: "sample", topic: "news" },
  { sender: "sample", topic: "sale" },
  { sender: "other", topic: "news" },
];

const octets = (size: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((array) => Buffer.from(array));
const contents: fc.Arbitrary<TokenContent> = fc
  .record({
    subject: octets(16).map((bytes) => bytes.toString("hex")),
    pair: fc.constantFrom(...known),
    messageId: fc.option(
      fc
        .tuple(
          fc.date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true }),
          octets(10),
        )
        .map(([at, random]) => createMessageId(at, () => random)),
      { nil: undefined },
    ),
  })
  .map(({ subject: hex, pair, messageId }) => {
    const subject = parseAddressIndex(hex);
    if (subject === undefined) throw new Error("not an index");
    return { subject, ...pair, ...(messageId === undefined ? {} : { messageId }) };
  });

test("reads back what it issued, in at most 90 characters that any URL carries", () => {
  fc.assert(
    fc.property(contents, (content) => {
      const token = tokens.issue(content);
      expect(token).toMatch(/^[A-Za-z0-9_-]{1,90}$/);
      expect(tokens.read(token, known)).toEqual(content);
    }),
  );
});

test("any edit of a token makes it void", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  fc.assert(
    fc.property(contents, fc.nat(), fc.nat(63), (content, where, which) => {
      const token = tokens.issue(content);
      const index = where % token.length;
      const edited = token.slice(0, index) + alphabet.charAt(which) + token.slice(index + 1);
      fc.pre(edited !== token);
      expect(tokens.read(edited, known)).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

test("a cut, lengthened, padded or spliced token is void", () => {
  fc.assert(
    fc.property(contents, contents, fc.nat(120), (content, other, cut) => {
      const token = tokens.issue(content);
      const spliced = token.slice(0, cut) + tokens.issue(other).slice(cut);
      expect(tokens.read(token.slice(0, cut % token.length), known)).toBeUndefined();
      for (const tail of ["A", "=", "\n", " "]) {
        expect(tokens.read(token + tail, known)).toBeUndefined();
      }
      fc.pre(spliced !== token && spliced !== tokens.issue(other));
      expect(tokens.read(spliced, known)).toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});

test("arbitrary text is void and never throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.base64String()), (text) => {
      expect(tokens.read(text, known)).toBeUndefined();
    }),
  );
});

test("a token of another purpose or key is void", () => {
  const confirm = createTokens(key, "confirm-consent");
  const foreign = createTokens(Buffer.alloc(32, 8));
  fc.assert(
    fc.property(contents, (content) => {
      expect(tokens.read(confirm.issue(content), known)).toBeUndefined();
      expect(confirm.read(tokens.issue(content), known)).toBeUndefined();
      expect(foreign.read(tokens.issue(content), known)).toBeUndefined();
    }),
  );
});

test("a token of a former key is read after the key has changed", () => {
  const renewed = createTokens(Buffer.alloc(32, 9), "opt-out", [key]);
  fc.assert(
    fc.property(contents, (content) => {
      expect(renewed.read(tokens.issue(content), known)).toEqual(content);
      expect(renewed.read(renewed.issue(content), known)).toEqual(content);
    }),
  );
});

test("shows neither the subject nor that two links belong to one person", () => {
  fc.assert(
    fc.property(contents, (content) => {
      const token = Buffer.from(tokens.issue(content), "base64url");
      expect(token.includes(Buffer.from(content.subject, "hex"))).toBe(false);
    }),
  );
  const subject = parseAddressIndex("0123456789abcdef0123456789abcdef");
  if (subject === undefined) throw new Error("not an index");
  const one = Buffer.from(tokens.issue({ subject, sender: "sample", topic: "news" }), "base64url");
  const two = Buffer.from(tokens.issue({ subject, sender: "sample", topic: "sale" }), "base64url");
  expect(one.subarray(1, 33).equals(two.subarray(1, 33))).toBe(false);
});

test("a topic or sender that is no longer known leaves the wish to stop standing", () => {
  const subject = parseAddressIndex("0123456789abcdef0123456789abcdef");
  if (subject === undefined) throw new Error("not an index");
  const token = tokens.issue({ subject, sender: "sample", topic: "news" });
  expect(tokens.read(token, [{ sender: "sample", topic: "sale" }])).toEqual({
    subject,
    sender: "sample",
  });
  expect(tokens.read(token, [])).toEqual({ subject });
});
