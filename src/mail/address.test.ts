import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { foldAddress, isAscii, parseAddress, parseRecordedAddress } from "./address.ts";
import { parseDomain } from "./domain.ts";

function problem(text: string): string {
  const parsed = parseAddress(text);
  return parsed.kind === "bad" ? parsed.problem : "none";
}

function address(text: string): ReturnType<typeof parseAddress> & { kind: "ok" } {
  const parsed = parseAddress(text);
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  return parsed;
}

describe("parseAddress", () => {
  test.each([
    ["taro@example.jp", "taro@example.jp"],
    ["Taro.Yamada+news@Example.JP", "Taro.Yamada+news@example.jp"],
    ["taro@bücher.example", "taro@xn--bcher-kva.example"],
    ["taro@例え.テスト", "taro@xn--r8jz45g.xn--zckzah"],
    ['"taro yamada"@example.jp', '"taro yamada"@example.jp'],
    ["a..b@docomo.ne.jp", "a..b@docomo.ne.jp"],
    ["taro.@ezweb.ne.jp", "taro.@ezweb.ne.jp"],
    ["'; drop table--@example.jp", undefined],
    ["$x`id`|%00@example.jp", "$x`id`|%00@example.jp"],
  ])("%s", (text, expected) => {
    const parsed = parseAddress(text);
    expect(parsed.kind === "ok" ? parsed.value.text : undefined).toBe(expected);
  });

  test.each([
    ["", "is not of the form local@domain"],
    ["taro", "is not of the form local@domain"],
    ["@example.jp", "is not of the form local@domain"],
    ["taro@", "has an empty domain"],
    ["taro@localhost", "has a domain without a dot"],
    ["taro@[127.0.0.1]", "has an address literal in place of a domain name"],
    ["taro@127.0.0.1", "has an IP address in place of a domain name"],
    ["taro@exa mple.jp", "has a character that no domain name may have"],
    ["taro@-example.jp", "has a domain that is not a valid name"],
    [`${"a".repeat(65)}@example.jp`, "has a local part longer than 64 octets"],
    [
      `a@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(63)}.${"e".repeat(63)}.jp`,
      "has a domain longer than 255 octets",
    ],
    ["taro\r\nRCPT TO:<x@y.jp>@example.jp", "has a local part that RFC 5321 does not allow"],
    ["ta<ro@example.jp", "has a local part that RFC 5321 does not allow"],
    ["taro\u0000@example.jp", "has a local part that RFC 5321 does not allow"],
  ])("refuses %j", (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  test.each([
    ["ｔａｒｏ@example.jp", "has full-width characters: write it in half-width (ASCII) characters"],
    [
      "taro＋news@example.jp",
      "has full-width characters: write it in half-width (ASCII) characters",
    ],
    ["*@example.jp", "stands for a whole domain, not for one address"],
    ["taro＠example.jp", "is not of the form local@domain"],
  ])("puts nothing on record for %s", (text, expected) => {
    const parsed = parseRecordedAddress(text);
    expect(parsed.kind === "bad" && parsed.problem).toBe(expected);
  });

  test("puts what it parses on record", () => {
    for (const text of ["taro@ＥＸＡＭＰＬＥ.jp", "山田@example.jp", "a*b@example.jp"])
      expect(parseRecordedAddress(text)).toEqual(parseAddress(text));
  });

  test("never throws, and what it accepts parses to itself again", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.emailAddress()),
        (text) => {
          const parsed = parseAddress(text);
          if (parsed.kind === "bad") return;
          expect(parsed.value.text).not.toMatch(/[\r\n\0<>]/);
          expect(parseAddress(parsed.value.text)).toEqual(parsed);
        },
      ),
    );
  });
});

describe("foldAddress", () => {
  test("tells persons apart, not spellings", () => {
    const folded = foldAddress(address("taro@example.jp").value);
    for (const same of ["TARO@example.jp", "Taro@EXAMPLE.JP", '"taro"@example.jp']) {
      expect(foldAddress(address(same).value)).toBe(folded);
    }
    const dotted = foldAddress(address("ta.ro@example.jp").value);
    for (const same of [
      '"ta.ro"@example.jp',
      String.raw`"t\a.ro"@example.jp`,
      String.raw`"\T\A\.\r\o"@example.jp`,
    ])
      expect(foldAddress(address(same).value)).toBe(dotted);
    for (const other of ["taro+x@example.jp", "taro@example.com", "t.aro@example.jp"]) {
      expect(foldAddress(address(other).value)).not.toBe(folded);
    }
  });
});

test.each([
  ['"Taro Yamada"@example.jp', '"taro yamada"@example.jp'],
  [String.raw`"taro\ yamada"@example.jp`, '"taro yamada"@example.jp'],
  [String.raw`"ta\"ro"@example.jp`, String.raw`"ta\"ro"@example.jp`],
  [String.raw`"ta\\ro"@example.jp`, String.raw`"ta\\ro"@example.jp`],
  [String.raw`"t\a\\\r\o"@example.jp`, String.raw`"ta\\ro"@example.jp`],
  ['""@example.jp', '""@example.jp'],
  [String.raw`"t\@x"@example.jp`, '"t@x"@example.jp'],
])("folds %s to %s, which stays quoted", (text, folded) => {
  expect(foldAddress(address(text).value)).toBe(folded);
});

test("what is folded folds to itself, and an address without a backslash as it always did", () => {
  const asBefore = (local: string): string =>
    (/^"([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)"$/.exec(local)?.[1] ?? local)
      .normalize("NFC")
      .toLowerCase();
  const locals = fc.oneof(
    fc.stringMatching(/^"(?:[ !#-[\]-~]|\\[ -~]){0,20}"$/),
    fc.stringMatching(/^[A-Za-z0-9._+-]{1,20}$/),
  );
  fc.assert(
    fc.property(locals, (local) => {
      const { value } = address(`${local}@example.jp`);
      const folded = foldAddress(value);
      expect(foldAddress(address(folded).value)).toBe(folded);
      if (!local.includes("\\")) expect(folded).toBe(`${asBefore(local)}@example.jp`);
    }),
  );
});

test("isAscii tells internationalised local parts", () => {
  expect(isAscii(address("taro@例え.テスト").value)).toBe(true);
  expect(isAscii(address("太郎@example.jp").value)).toBe(false);
});

test("parseDomain gives one form of each name", () => {
  for (const text of ["Example.JP", "example.jp.", "EXAMPLE.jp"]) {
    expect(parseDomain(text)).toEqual({ kind: "ok", value: "example.jp" });
  }
});
