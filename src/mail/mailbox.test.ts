import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseMailboxes } from "./mailbox.ts";

function read(value: string): readonly string[] | string {
  const parsed = parseMailboxes(value);
  return parsed.kind === "bad"
    ? parsed.problem
    : parsed.value.map((mailbox) => `${mailbox.displayName}|${mailbox.address.text}`);
}

function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

describe("parseMailboxes", () => {
  test.each([
    ["news@example.jp", ["|news@example.jp"]],
    ["<news@example.jp>", ["|news@example.jp"]],
    ["Sample News <news@example.jp>", ["Sample News|news@example.jp"]],
    ['"Sample, Inc." <news@example.jp>', ["Sample, Inc.|news@example.jp"]],
    ["=?UTF-8?B?5qCq?= <news@example.jp>", ["=?UTF-8?B?5qCq?=|news@example.jp"]],
    ["news@example.jp (Sample (News))", ["|news@example.jp"]],
    ["a@example.jp, B <b@example.jp>", ["|a@example.jp", "B|b@example.jp"]],
    ["Team: a@example.jp, b@example.jp;", ["|a@example.jp", "|b@example.jp"]],
    ["undisclosed-recipients:;", []],
    ['"other@example.com" <news@example.jp>', ["other@example.com|news@example.jp"]],
    ["株式会社 <news@example.jp>", ["株式会社|news@example.jp"]],
    // Raw UTF-8 in latin1 characters, as the header section gives it: octets 0x80–0xA0 are no white space.
    [latin1("株式会社京都 <news@example.jp>"), [`${latin1("株式会社京都")}|news@example.jp`]],
    [latin1("会社　名前 <news@example.jp>"), [`${latin1("会社　名前")}|news@example.jp`]],
  ])("%s", (value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  test.each([
    "news@example.jp <other@example.com>x",
    "a@example.jp b@example.com",
    "<a@example.jp",
    '"open <a@example.jp>',
    "(open <a@example.jp>",
    "<<a@example.jp>>",
    "<a@example.jp> <b@example.com>",
    "Name only",
    "a\u0000b <a@example.jp>",
    "a\rb <a@example.jp>",
  ])("refuses what two clients could read differently: %s", (value) => {
    expect(typeof read(value)).toBe("string");
  });

  test("says what to write where a name lacks its quotes, or a domain is not in ASCII", () => {
    expect(read("Sample Co., Ltd. <news@example.jp>")).toBe(
      'has a name without an address: write a name with a comma as "Sample, Inc." <address>',
    );
    expect(read(latin1("News <news@日本語.jp>"))).toBe(
      "has an address that has a domain not in ASCII: write it as xn--...",
    );
    expect(read("News <news@日本語.jp>")).toEqual(["News|news@xn--wgv71a119e.jp"]);
  });

  test.each([
    "Sample: News <news@example.jp>",
    "other@example.com: news@example.jp;",
    "Team: news@example.jp;",
  ])("takes no group where none may stand: %s", (value) => {
    expect(parseMailboxes(value, { groups: false })).toEqual({
      kind: "bad",
      problem: 'has a colon outside quotes: write a name with one as "Sample: News" <address>',
    });
    expect(parseMailboxes('"Sample: News" <news@example.jp> (a: b)', { groups: false }).kind).toBe(
      "ok",
    );
  });

  test("refuses more than 500 addresses", () => {
    expect(read(Array.from({ length: 501 }, (_, index) => `a${index}@example.jp`).join(","))).toBe(
      "has more than 500 addresses",
    );
  });

  test("never throws", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('a@.<>,;:"\\()[] \tb=?')) }),
        (value) => {
          expect(["ok", "bad"]).toContain(parseMailboxes(value).kind);
        },
      ),
    );
  });
});
