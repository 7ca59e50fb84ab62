// What readMessage shows of each kind of message, and that nothing makes it throw.
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { html, mail, plain, print, utf8, view } from "../../test/support/read-mail.ts";
import { readMessage } from "./read.ts";

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
