// What an auditor sees of an address, and what somebody limited to a sender sees of a list.
import fc from "fast-check";
import { expect, test } from "vitest";

import { masked, maskText } from "./mask.ts";
import { cut } from "./reach.ts";

test.each([
  ["taro.yamada@example.jp", "t***@example.jp"],
  [
    "550 5.1.1 <hanako+x@mail.example.co.jp>: unknown",
    "550 5.1.1 <h***@mail.example.co.jp>: unknown",
  ],
  ["山田@例え.jp と a@b.jp", "山***@例え.jp と a***@b.jp"],
  ["<o'brien@example.jp>, 'taro@example.jp'", "<o***@example.jp>, 't***@example.jp'"],
  ["no address here", "no address here"],
])("%j is shown as %j", (text, shown) => {
  expect(maskText(text)).toBe(shown);
});

test("no local part of two characters or more survives anywhere in an answer, and times stay", () => {
  const local = fc.stringMatching(/^[a-z][a-z0-9.+_-]{6,20}[a-z0-9]$/);
  fc.assert(
    fc.property(local, fc.string(), (name, noise) => {
      const address = `${name}@example.jp`;
      const at = new Date(0);
      const answer = { items: [{ a: [`${noise} ${address}`], [address]: { b: address }, at }] };
      const shown = masked(answer);
      expect(JSON.stringify(shown)).not.toContain(`${name}@`);
      expect(JSON.stringify(shown)).toContain(at.toISOString());
    }),
  );
});

const parts = {
  senders: [
    { id: "a", domains: ["a.example"] },
    { id: "b", domains: ["b.example"] },
  ],
  streams: [{ id: "news", sender: { id: "a" } }],
} as unknown as Parameters<typeof cut>[0]; // Ids and domains are all that is looked at.

test("an answer is cut to the caller's senders; what names none is not shown", () => {
  const caller = { senders: ["a"] };
  const items = [
    { sender: "a" },
    { sender: "b" },
    { stream: "news" },
    { stream: "gone" },
    { scope: "sender:a" },
    { scope: "stream:news" },
    { scope: "all" },
    {},
    null,
  ];
  expect(cut(parts, caller, "suppressions", { items, next: null })).toEqual({
    items: [items[0], items[2], items[4], items[5]],
    next: null,
  });
  const keys = { items: [{ domain: "a.example" }, { domain: "b.example" }], next: null };
  expect(cut(parts, caller, "keys", keys)).toEqual({ items: [keys.items[0]], next: null });
  expect(cut(parts, caller, "held", { id: "1", sender: "b" })).toBeUndefined();
  expect(
    cut(parts, caller, "messages", { messageId: "1", events: [{ sender: "b" }] }),
  ).toBeUndefined();
  expect(cut(parts, { senders: [] }, "held", { id: "1" })).toEqual({ id: "1" });
});
