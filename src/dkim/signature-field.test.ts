// What is filled into a form once laid out is what mailauth lays out with the values themselves.
import { createPublicKey } from "node:crypto";

import fc from "fast-check";
import { formatRelaxedLine, formatSignatureHeaderLine } from "mailauth/lib/tools.js";
import { expect, test } from "vitest";

import type { Domain } from "../mail/domain.ts";
import { generateKey } from "./generate.ts";
import type { SigningKey } from "./keyring.ts";
import { signatureField } from "./signature-field.ts";

const keys: readonly SigningKey[] = await Promise.all(
  (
    [
      { algorithm: "rsa", bits: 2048 },
      { algorithm: "rsa", bits: 3072 },
      { algorithm: "ed25519" },
    ] as const
  ).map(async (kind) => {
    const privateKey = await generateKey(kind);
    const { algorithm } = kind;
    const domain = "example.jp" as Domain;
    const selector = "s20261126";
    return { domain, selector, algorithm, privateKey, publicKey: createPublicKey(privateKey) };
  }),
);
const signatureOctets = [256, 384, 64] as const;

const octets = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => {
    return Buffer.from(array).toString("base64");
  });

test.each([0, 1, 2] as const)("key %i: equals mailauth's own layout, whatever the values", (at) => {
  const key = keys[at];
  if (key === undefined) throw new Error("no such key");
  const name = fc.constantFrom("From", "To", "Subject", "List-Unsubscribe-Post", "X".repeat(60));
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1_000_000_000, max: 9_999_999_999 }),
      octets(32),
      octets(signatureOctets[at]),
      (names, timestamp, bodyHash, signature) => {
        const field = signatureField(key, names);
        const whole = field.whole({ timestamp, bodyHash }, signature);
        const tags = {
          a: `${key.algorithm}-sha256`,
          c: "relaxed/relaxed",
          s: key.selector,
          d: key.domain,
          h: names.join(": "),
          t: String(timestamp),
          bh: bodyHash,
          b: signature,
        };
        expect(whole).toBe(`${formatSignatureHeaderLine("DKIM", tags, true)}\r\n`);
        const relaxed = formatRelaxedLine(whole, "").toString("latin1");
        expect(field.signedForm({ timestamp, bodyHash })).toBe(
          relaxed.slice(0, relaxed.lastIndexOf("; b=") + 4),
        );
      },
    ),
  );
});
