// What is sealed opens only as it is, where it stands, with its own key.
import { createSecretKey } from "node:crypto";

import fc from "fast-check";
import { expect, test } from "vitest";

import { mentions } from "./mentions.ts";
import { seal, unseal } from "./sealing.ts";

const key = createSecretKey(Buffer.alloc(32, 1));

test("opens to what was sealed, and never to anything else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.string(), fc.nat(), (plain, place, at) => {
      const sealed = seal(key, place, plain);
      expect(unseal(key, place, sealed).equals(plain)).toBe(true);
      const changed = Buffer.from(sealed);
      const position = at % changed.length;
      changed[position] = (changed[position] ?? 0) ^ 1;
      expect(() => unseal(key, place, changed)).toThrow(/authenticate|unknown form/);
      expect(() => unseal(key, `${place}.`, sealed)).toThrow(/authenticate|unknown form/);
      expect(() => unseal(createSecretKey(Buffer.alloc(32, 2)), place, sealed)).toThrow(
        /authenticate|unknown form/,
      );
    }),
  );
});

test("never seals the same value to the same bytes", () => {
  const all = Array.from({ length: 2000 }, () => seal(key, "p", Buffer.from("x")).toString("hex"));
  expect(new Set(all).size).toBe(2000);
});

test("finds an address by its sign or its local part, in any case", () => {
  expect(mentions("<taro@example.jp> unknown", "")).toBe(true);
  expect(mentions("mailbox TARO unknown", "taro@example.jp")).toBe(true);
  expect(mentions("2.0.0 queued as 4F2", "taro@example.jp")).toBe(false);
  expect(mentions("anything", "")).toBe(false);
});
