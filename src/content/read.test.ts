import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { readMessage } from "./read.ts";
import type { MessageView } from "./view.ts";

const head = "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

/** A message of header lines and body lines; bytes above 0x7f as latin1. */
function mail(lines: readonly string[]): Buffer {
  return Buffer.from(head + lines.join("\r\n"), "latin1");
}

function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function view(content: Buffer): MessageView {
  const reading = readMessage(content);
  if (reading.kind !== "read") throw new Error(reading.problem);
  return reading.view;
}

/** Each alternative as "part: block | block", and each ambiguity. */
function print(content: Buffer): string[] {
  const { alternatives, ambiguities } = view(content);
  return [
    ...alternatives.map(
      ({ part, blocks }) => `${part}: ${blocks.map(({ text }) => text).join(" | ")}`,
    ),
    ...ambiguities.map(({ part, problem }) => `! ${part} ${problem}`),
  ];
}

const plain = "Content-Type: text/plain; charset=utf-8";
const html = "Content-Type: text/html; charset=utf-8";

describe("what each reader is shown", () => {
  const cases: readonly (readonly [
    name: string,
    lines: readonly string[],
    shown: readonly string[],
  ])[] = [
    ["no Content-Type at all", ["", "hello"], ["text/plain: hello"]],
    [
      "US-ASCII in upper case",
      ["Content-Type: TEXT/PLAIN; CHARSET=US-ASCII", "", "hello"],
      ["text/plain: hello"],
    ],
    [
      "both alternatives",
      [
        'Content-Type: multipart/alternative; boundary="b"',
        "",
        "--b",
        plain,
        "",
        "one",
        "--b",
        html,
        "",
        "<p>two</p>",
        "--b--",
      ],
      ["text/plain: one", "text/html: two"],
    ],
    [
      "a final boundary without a line end, blank lines behind it, the usual preamble",
      [
        "Content-Type: multipart/alternative; boundary=----=_Part_1.2",
        "",
        "This is a multi-part message in MIME format.",
        "------=_Part_1.2",
        plain,
        "",
        "one",
        "------=_Part_1.2--",
        "",
        "",
        "",
      ],
      ["text/plain: one"],
    ],
    [
      "a second inline text part stands below the body in each alternative",
      [
        "Content-Type: multipart/mixed; boundary=m",
        "",
        "--m",
        "Content-Type: multipart/alternative; boundary=a",
        "",
        "--a",
        plain,
        "",
        "one",
        "--a",
        html,
        "",
        "<p>two</p>",
        "--a--",
        "--m",
        plain,
        "",
        "footer",
        "--m--",
      ],
      ["text/plain: one | footer", "text/html: two | footer"],
    ],
    [
      "an attachment, a forwarded mail and an inline file are no part of the body",
      [
        "Content-Type: multipart/mixed; boundary=m",
        "",
        "--m",
        plain,
        "",
        "one",
        "--m",
        plain,
        "Content-Disposition: attachment; filename=a.txt",
        "",
        "no",
        "--m",
        "Content-Type: message/rfc822",
        "",
        "Subject: y",
        "",
        "no",
        "--m",
        plain,
        "Content-Disposition: inline; filename=b.txt",
        "",
        "no",
        "--m--",
      ],
      ["text/plain: one"],
    ],
    [
      "related: the root alone is shown",
      [
        'Content-Type: multipart/related; boundary=r; type="text/html"',
        "",
        "--r",
        html,
        "",
        "<p>two</p>",
        "--r",
        "Content-Type: image/png",
        "Content-ID: <i>",
        "Content-Transfer-Encoding: base64",
        "",
        "iVBO",
        "--r--",
      ],
      ["text/html: two"],
    ],
    [
      "a signed message is its first part",
      [
        "Content-Type: multipart/signed; boundary=s; protocol=x",
        "",
        "--s",
        plain,
        "",
        "one",
        "--s",
        "Content-Type: application/pkcs7-signature",
        "",
        "x",
        "--s--",
      ],
      ["text/plain: one"],
    ],
    [
      "two HTML alternatives are told apart by their numbers",
      [
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "--b",
        html,
        "",
        "<p>one</p>",
        "--b",
        html,
        "",
        "<p>two</p>",
        "--b--",
      ],
      ["1 text/html: one", "2 text/html: two"],
    ],
    [
      "format=flowed joins soft lines",
      ["Content-Type: text/plain; format=flowed", "", "one ", "two", "", "-- ", "sig"],
      ["text/plain: one two | --\nsig"],
    ],
    [
      "delsp=yes takes the space out",
      [
        "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes",
        "",
        utf8("配信停止は "),
        utf8("こちら"),
      ],
      ["text/plain: 配信停止はこちら"],
    ],
    [
      "base64 and quoted-printable",
      [
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "--b",
        plain,
        "Content-Transfer-Encoding: BASE64",
        "",
        Buffer.from("配信停止").toString("base64"),
        "--b",
        html,
        "Content-Transfer-Encoding: Quoted-Printable",
        "",
        "<p>=E9=85=8D=E4=BF=\r\n=A1</p>",
        "--b--",
      ],
      ["text/plain: 配信停止", "text/html: 配信"],
    ],
    [
      "an attachment as the whole message leaves nothing to read",
      [html, "Content-Disposition: attachment", "", "<p>x</p>"],
      [],
    ],
  ];
  test.each(cases)("%s", (_name, lines, shown) => {
    expect(print(mail(lines))).toEqual(shown);
  });
});

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

describe("Japanese charsets", () => {
  const sample = "㈱髙﨑①ｶﾅ配信停止";
  // The same text as each charset writes it; ISO-2022-JP holds NEC and IBM extensions as Windows clients send them.
  const eucBytes =
    "\xad\xea\xfc\xe2\xf9\xf5\xad\xa1\x8e\xb6\x8e\xc5\xc7\xdb\xbf\xae\xc4\xe4\xbb\xdf";
  const sjisBytes = "\x87\x8a\xfb\xfc\xfa\xb1\x87\x40\xb6\xc5\x94\x7a\x90\x4d\x92\xe2\x8e\x7e";
  const jisBytes = "\x1b$B-j|by\x75-!\x1b(I6E\x1b$BG[?.Dd;_\x1b(B";
  const cases = [
    ["utf-8", utf8(sample)],
    ["UTF8", utf8(sample)],
    ['"utf-8"', utf8(sample)],
    ["iso-2022-jp", jisBytes],
    ["ISO-2022-JP-MS", jisBytes],
    ["cp50220", jisBytes],
    ["cp50221", jisBytes],
    ["shift_jis", sjisBytes],
    ["Shift-JIS", sjisBytes],
    ["cp932", sjisBytes],
    ["windows-31j", sjisBytes],
    ["x-sjis", sjisBytes],
    ["euc-jp", eucBytes],
    ["eucJP-ms", eucBytes],
    ["cp51932", eucBytes],
  ] as const;
  test.each(cases)("%s", (charset, bytes) => {
    const content = mail([`Content-Type: text/plain; charset=${charset}`, "", bytes]);
    expect(print(content)).toEqual([`text/plain: ${sample}`]);
  });
  test("encoded words in ISO-2022-JP, one behind the other", () => {
    const content = Buffer.from(
      "Subject: =?ISO-2022-JP?B?GyRCR1s/LhsoQg==?=\r\n =?ISO-2022-JP?B?GyRCRGQ7XxsoQg==?=\r\n\r\nx",
    );
    expect(view(content).header.subject).toBe("配信停止");
    expect(view(content).ambiguities).toEqual([]);
  });
});

test("text before the first and behind the last boundary is told as hidden", () => {
  const content = mail([
    "Content-Type: multipart/mixed; boundary=b",
    "",
    utf8("配信停止"),
    "--b",
    plain,
    "",
    "x",
    "--b--",
    "late",
  ]);
  expect(view(content).alternatives[0]?.hidden).toEqual([
    { text: "配信停止", why: "in the preamble, outside every part", beforeBlock: 0 },
    { text: "late", why: "in the epilogue, outside every part", beforeBlock: 1 },
  ]);
});

test("plain text: paragraphs, blank lines before them, addresses as links without the punctuation around them", () => {
  const text =
    "見よ(https://u.example.jp/a_(b)?c=1)。\r\nstop@example.jp、\r\n　\r\n\r\nwww.example.jp.";
  const [alternative] = view(mail([plain, "", utf8(text)])).alternatives;
  expect(alternative?.blocks.map(({ blankLinesBefore }) => blankLinesBefore)).toEqual([0, 2]);
  const links = alternative?.blocks.flatMap(({ runs }) =>
    runs.flatMap(({ link }) => (link === undefined ? [] : [link.target])),
  );
  expect(links).toEqual([
    "https://u.example.jp/a_(b)?c=1",
    "mailto:stop@example.jp",
    "http://www.example.jp",
  ]);
});

test("a message with bare line feeds reads like one with CR LF", () => {
  expect(print(Buffer.from(`Subject: x\n${plain}\n\none\ntwo\n`))).toEqual([
    "text/plain: one\ntwo",
  ]);
});

describe("never throws", () => {
  test("on any octets", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        (bytes) => void readMessage(Buffer.from(bytes)),
      ),
    );
  });
  const token = fc.constantFrom(
    "Content-Type: ",
    "multipart/mixed",
    "multipart/alternative",
    "text/html",
    "; boundary=b",
    "; boundary=",
    "; charset=",
    "iso-2022-jp",
    "utf-8",
    "\r\n",
    "\r\n\r\n",
    "\r\n--b\r\n",
    "--b--",
    "Content-Transfer-Encoding: base64",
    "quoted-printable",
    "=?utf-8?B?",
    "?=",
    "=E3=81",
    "\x1b$B",
    "\x1b(B",
    '"',
    "(",
    "*0*=",
    "''",
    "<p style='",
    "<style>",
    "</style>",
    "<!--",
    "-->",
    "\xff",
    "\0",
  );
  test("on pieces of messages in any order", () => {
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 60 }),
        (tokens) => void readMessage(Buffer.from(tokens.join(""), "latin1")),
      ),
      { numRuns: 500 },
    );
  });
});
