// What two mail clients would read differently is told as ambiguous, with its reason.
import { describe, expect, test } from "vitest";

import { html, mail, plain, utf8, view } from "../../test/support/read-mail.ts";

const base64Lines = (text: string): string =>
  Buffer.from(text).toString("base64").replace(/.{76}/g, "$&\r\n");

describe("what two clients would read differently", () => {
  const alternative = "Content-Type: multipart/alternative; boundary=b";
  const part = ["--b", plain, "", "one"];
  const cases: readonly (readonly [name: string, lines: readonly string[], problem: RegExp])[] = [
    ["two Content-Types", [plain, html, "", "x"], /several Content-Type fields that differ/],
    [
      "two transfer encodings",
      [plain, "Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: base64", "", "eA=="],
      /several Content-Transfer-Encoding/,
    ],
    [
      "two charsets in one field",
      ["Content-Type: text/plain; charset=utf-8; charset=shift_jis", "", "x"],
      /two different charset/,
    ],
    [
      "two boundaries in one field",
      ["Content-Type: multipart/mixed; boundary=b; boundary=c", "", ...part, "--b--"],
      /two different boundary/,
    ],
    [
      "a charset said again in RFC 2231 form",
      ["Content-Type: text/plain; charset=utf-8; charset*=''shift_jis", "", "x"],
      /two different charset/,
    ],
    [
      "a boundary in RFC 2231 pieces",
      [
        "Content-Type: multipart/mixed; boundary*0=b; boundary*1=c",
        "",
        "--bc",
        plain,
        "",
        "x",
        "--bc--",
      ],
      /boundary in a form/,
    ],
    [
      "no boundary parameter",
      ["Content-Type: multipart/mixed", "", ...part, "--b--"],
      /without a boundary/,
    ],
    [
      "a boundary that does not occur",
      [alternative, "", "--c", plain, "", "x", "--c--"],
      /does not occur/,
    ],
    ["a multipart that is never closed", [alternative, "", ...part], /never closed/],
    [
      "an inner boundary that begins with the outer",
      [
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: multipart/mixed; boundary=bb",
        "",
        "--bb",
        plain,
        "",
        "x",
        "--bb--",
        "--b--",
      ],
      /only begins with its boundary/,
    ],
    [
      "parts behind the closing boundary",
      [alternative, "", ...part, "--b--", ...part, "--b--"],
      /behind its closing boundary/,
    ],
    [
      "base64 on a multipart",
      [alternative, "Content-Transfer-Encoding: base64", "", ...part, "--b--"],
      /multipart with transfer encoding/,
    ],
    [
      "an unknown transfer encoding",
      [plain, "Content-Transfer-Encoding: x-uuencode", "", "x"],
      /unknown transfer encoding/,
    ],
    [
      "text behind base64",
      [plain, "Content-Transfer-Encoding: base64", "", "eHh4", "-- footer"],
      /characters that do not belong/,
    ],
    ["base64 cut short", [plain, "Content-Transfer-Encoding: base64", "", "eHh4e"], /cut short/],
    [
      "quoted-printable that encodes nothing",
      [plain, "Content-Transfer-Encoding: quoted-printable", "", "a=zz"],
      /encodes nothing/,
    ],
    [
      "8-bit octets without a charset",
      ["Content-Type: text/plain", "", utf8("配信")],
      /names no charset/,
    ],
    [
      "8-bit octets labelled US-ASCII",
      ["Content-Type: text/plain; charset=us-ascii", "", utf8("配信")],
      /labelled us-ascii/,
    ],
    [
      "UTF-8 labelled Shift_JIS",
      ["Content-Type: text/plain; charset=shift_jis", "", utf8("配信停止だ")],
      /not shift_jis/,
    ],
    ["Shift_JIS labelled UTF-8", [plain, "", "\x94\x7a\x90\x4d"], /not utf-8/],
    [
      "UTF-8 labelled ISO-8859-1",
      ["Content-Type: text/plain; charset=iso-8859-1", "", utf8("配信停止")],
      /^is labelled iso-8859-1 but holds UTF-8$/,
    ],
    [
      "UTF-8 labelled windows-1252, in HTML",
      ["Content-Type: text/html; charset=windows-1252", "", utf8("<p>配信停止</p>")],
      /^is labelled windows-1252 but holds UTF-8$/,
    ],
    [
      "ISO-2022-JP labelled UTF-8",
      [plain, "", "\x1b$BG[?.\x1b(B"],
      /^is labelled utf-8 but holds ISO-2022-JP$/,
    ],
    [
      "ISO-2022-JP labelled Shift_JIS",
      ["Content-Type: text/plain; charset=shift_jis", "", "\x1b$BG[?.\x1b(B"],
      /^is labelled shift_jis but holds ISO-2022-JP$/,
    ],
    [
      "base64 that is not said to be",
      [plain, "", base64Lines("配信停止はこちら https://u.example.jp/s/abc ".repeat(3))],
      /^names no transfer encoding but holds base64$/,
    ],
    [
      "base64 labelled 7bit",
      [plain, "Content-Transfer-Encoding: 7bit", "", base64Lines("News of the week. ".repeat(9))],
      /^is labelled 7bit but holds base64$/,
    ],
    [
      "an HTML document labelled text/plain",
      [plain, "", '<html lang="ja">\r\n<body><p>News</p></body></html>'],
      /^is labelled text\/plain but holds an HTML document$/,
    ],
    ["UTF-7", ["Content-Type: text/plain; charset=utf-7", "", "+kU1P4Q-"], /do not agree/],
    ["an unknown charset", ["Content-Type: text/plain; charset=x-foo", "", "x"], /unknown charset/],
    ["a UTF-16 byte order mark in UTF-8", [plain, "", "\xff\xfeA\0"], /byte order mark/],
    ["an escape sequence without a charset", ["", "\x1b$BG[\x1b(B"], /escape sequences/],
    [
      "ISO-2022-JP that does not return to ASCII",
      ["Content-Type: text/plain; charset=iso-2022-jp", "", "\x1b$BG[", "x"],
      /without a return to ASCII/,
    ],
    [
      "JIS X 0213 escapes",
      ["Content-Type: text/plain; charset=iso-2022-jp-3", "", "\x1b$(Q!!\x1b(B"],
      /unknown charset/,
    ],
    ["a header line that is no field", ["Content-Type text/plain", "", "x"], /no header field/],
    ["a carriage return alone", [plain, "", "a\rb"], /carriage return/],
    [
      "an encoded word split inside a character",
      ["Cc: =?utf-8?B?6YU=?= =?utf-8?B?jQ==?= <c@example.jp>", "", "x"],
      /encoded word that/,
    ],
    [
      "CR LF in an encoded word",
      ["Cc: =?utf-8?Q?a=0D=0ABcc:_x?= <c@example.jp>", "", "x"],
      /control characters/,
    ],
    ["a second Subject", ["Subject: y", "", "x"], /several Subject fields/],
  ];
  test.each(cases)("%s", (_name, lines, problem) => {
    expect(
      view(mail(lines))
        .ambiguities.map((found) => found.problem)
        .join("\n"),
    ).toMatch(problem);
  });
});

describe("what only resembles a wrong label", () => {
  const latin = "Content-Type: text/plain; charset=iso-8859-1";
  const cases: readonly (readonly [name: string, lines: readonly string[]])[] = [
    ["French", [latin, "", "L'\xe9t\xe9 \xe0 No\xebl: fa\xe7ade, \xabd\xe9j\xe0\xbb, gar\xe7on"]],
    ["letters that are UTF-8 by chance", [latin, "", "\xc3\xa9 \xc2\xa3"]],
    ["such letters among others", [latin, "", "\xc3\xa9 \xc3\xa9 \xc3\xa9 \xc3\xa9 \xe9t\xe9"]],
    ["Russian", ["Content-Type: text/plain; charset=windows-1251", "", "\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0"]],
    ["Thai", ["Content-Type: text/plain; charset=windows-874", "", "\xca\xc7\xd1\xca\xb4\xd5\xa4\xc3\xd1\xba"]],
    ["the colours of a terminal", [plain, "", "\x1b[32mok\x1b(B\x1b[m"]],
    ["a key", [plain, "", `${"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuyz/".repeat(2)}`]],
    ["a long word", [plain, "", "A".repeat(100)]],
    ["base64 in a text", [plain, "", `Config:\r\n${base64Lines("setting = value; ".repeat(9))}`]],
  ]; // prettier-ignore
  test.each(cases)("%s", (_name, lines) => {
    expect(view(mail(lines)).ambiguities).toEqual([]);
  });
});
