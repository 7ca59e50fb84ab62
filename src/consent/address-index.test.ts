// The index is HMAC-SHA-256 over a label and the folded address, whatever way it is computed.
import { createHmac } from "node:crypto";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseAddress } from "../mail/address.ts";
import { createIndexer } from "./address-index.ts";

function index(key: Buffer, text: string): string {
  const address = parseAddress(text);
  if (address.kind === "bad") throw new Error(address.problem);
  return createIndexer(key).address(address.value);
}

describe("address index", () => {
  test("is the HMAC that OpenSSL computes, cut to 128 bits", () => {
    const keys = fc.uint8Array({ minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(keys, fc.stringMatching(/^[a-z0-9é見]{1,20}$/u), (key, local) => {
        const expected = createHmac("sha256", key)
          .update(`address\0${local.normalize("NFC")}@example.jp`)
          .digest("hex");
        expect(index(Buffer.from(key), `${local}@example.jp`)).toBe(expected.slice(0, 32));
      }),
    );
  });

  test("takes the longest address", () => {
    const long = `${"a".repeat(64)}@${`${"b".repeat(60)}.`.repeat(3)}jp`;
    expect(index(Buffer.alloc(32, 1), long)).toMatch(/^[0-9a-f]{32}$/);
  });

  test("of an address and of a domain of the same letters differ", () => {
    const indexer = createIndexer(Buffer.alloc(32, 1));
    const address = parseAddress("a@example.jp");
    if (address.kind === "bad") throw new Error(address.problem);
    expect(indexer.domain(address.value.domain)).not.toBe(indexer.address(address.value));
  });
});
