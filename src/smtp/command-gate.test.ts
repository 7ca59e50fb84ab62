// The verb of a command line, as the gate and the connection see it.
import fc from "fast-check";
import { expect, test } from "vitest";

import { verbOf } from "./command-gate.ts";

test.each([
  ["mail FROM:<a@example.jp>", "MAIL"],
  ["DATA", "DATA"],
  ["MAIL-FROM:<a@example.jp>", "MAIL"],
  [" NOOP", ""],
  ["", ""],
  ["MAıL", "MA"],
  ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOP"],
])("of %j the verb is %j", (line, verb) => {
  expect(verbOf(Buffer.from(line))).toBe(verb);
});

test("a verb is the ASCII letters that a line begins with, whatever octets follow", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (octets) => {
      const text = Buffer.from(octets).toString("latin1").slice(0, 16);
      expect(verbOf(Buffer.from(octets))).toBe(/^[A-Za-z]*/.exec(text)?.[0].toUpperCase());
    }),
  );
});
