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
  ['asked by "jiro sato"@example.com today', "asked by j***@example.com today"],
  [String.raw`"\"x\" y"@example.com`, "***@example.com"],
  ["goro@[192.0.2.1] and g@[IPv6:2001:db8::1]", "g***@[192.0.2.1] and g***@[IPv6:2001:db8::1]"],
  ["https://x.example/?e=hanako%40example.com&n=2", "https://x.example/?e=h***%40example.com&n=2"],
  ["hanako%2Bx%2540mail.example.co.jp", "h***%2540mail.example.co.jp"],
  [
    "shiro＠example.jp、shiro＠ｅｘａｍｐｌｅ．ｊｐ",
    "s***＠example.jp、s***＠ｅｘａｍｐｌｅ．ｊｐ",
  ],
  ["ｓｈｉｒｏ＠例え.テスト", "ｓ***＠例え.テスト"],
  ["कमल@हिन्दी.भारत", "क***@हिन्दी.भारत"],
  ["打合せ＠東京支店。明日は休み", "打合せ＠東京支店。明日は休み"],
  [
    "50%40 off, 100%401.5, see @handle and [192.0.2.1]",
    "50%40 off, 100%401.5, see @handle and [192.0.2.1]",
  ],
])("%j is shown as %j", (text, shown) => {
  expect(maskText(text)).toBe(shown);
});

test.each([
  ['"taro yamada"@example.com', "t***@example.com"],
  [String.raw`"\@ (x) y"@example.com`, "@***@example.com"],
  ["taro,yamada@x@localhost", "t***@localhost"],
  ["*@example.com", "****@example.com"],
  ["example.com", "example.com"],
])("a field that holds an address shows %j as %j", (address, shown) => {
  for (const field of ["email", "address", "recipient", "mailFrom"])
    expect(masked({ items: [{ [field]: address }] })).toEqual({ items: [{ [field]: shown }] });
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
