// What we sign verifies with two verifiers that are not ours, whatever shape the message has.
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { hasDkimpy, verifyByDkimpy, verifyByMailauth } from "../support/dkim-verifiers.ts";
import { openSigningOffice } from "../support/signing-office.ts";
import { oddMessages } from "./odd-messages.ts";

const office = await openSigningOffice();

/** As it arrives: the dot that ends DATA stands on a line of its own (RFC 5321 §4.1.1.4). */
function onTheWire(message: Buffer): Buffer {
  return message.subarray(-2).toString() === "\r\n"
    ? message
    : Buffer.concat([message, Buffer.from("\r\n")]);
}

describe("mailauth verifies both signatures of", () => {
  test.each(Object.entries(oddMessages))("%s", async (_name, message) => {
    const verdict = await verifyByMailauth(onTheWire(await office.signed(message)), office.records);
    expect(verdict.slice(0, 2)).toEqual([true, true]);
  });
});

test.skipIf(!hasDkimpy)("dkimpy verifies both signatures of all of them", async () => {
  // dkimpy takes no message with white space before a colon (RFC 5322 §4.5 obsolete syntax, which intake may refuse).
  const names = Object.keys(oddMessages).filter((name) => name !== "space before the colon");
  const messages = await Promise.all(
    names.map((name) => office.signed(oddMessages[name] ?? Buffer.alloc(0))),
  );
  const verdicts = verifyByDkimpy(messages.map(onTheWire), office.records);
  const good = verdicts.map((verdict) => verdict.slice(0, 2));
  expect(Object.fromEntries(names.map((name, index) => [name, good[index]]))).toEqual(
    Object.fromEntries(names.map((name) => [name, [true, true]])),
  );
});

test("mailauth verifies generated messages of any octets, white space and line breaks", async () => {
  const octets = fc
    .array(
      fc.constantFrom(
        "a",
        "=",
        ".",
        " ",
        "  ",
        "\t",
        "\r\n",
        "\r\n\r\n",
        " \r\n",
        "\xe9",
        "\x00",
        ";",
      ),
      { maxLength: 60 },
    )
    .map((pieces) => pieces.join(""));
  const value = fc
    .array(fc.constantFrom("a", "b=", ";", " ", "\t", "\r\n ", "\r\n\t", "\xc4"), { maxLength: 30 })
    .map((pieces) => pieces.join(""));
  await fc.assert(
    fc.asyncProperty(octets, value, async (body, subject) => {
      const message = Buffer.from(
        `From: a@example.jp\r\nSubject: x${subject}\r\n\r\n${body}`,
        "latin1",
      );
      const verdict = await verifyByMailauth(await office.signed(message), office.records);
      expect(verdict).toEqual([true, true]);
    }),
    { numRuns: 200 },
  );
});
