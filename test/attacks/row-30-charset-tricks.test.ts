// A footer that one client shows and another does not: ambiguous, which no marketing message may be.
import { expect, test } from "vitest";

import { readMessage } from "../../src/content/read.ts";

const footer = "送信者:株式会社サンプル商事 配信停止はこちら https://u.example.jp/x";
const utf8 = Buffer.from(footer).toString("latin1");
const base64 = Buffer.from(footer).toString("base64");

/** Header fields and body. Each holds the footer for some reader. */
const tricks: Readonly<Record<string, readonly [string, string]>> = {
  "row 30: UTF-7": ["Content-Type: text/plain; charset=utf-7", "+kU1P4Q- https://u.example.jp/x"],
  "row 30: iso-2022-jp-3": ["Content-Type: text/plain; charset=iso-2022-jp-3", "\x1b$(QG[?.\x1b(B"],
  "row 30: a wrong label": ["Content-Type: text/plain; charset=shift_jis", `${utf8}。`],
  "row 30: no label": ["Content-Type: text/plain", utf8],
  "row 30: two Content-Types": [
    "Content-Type: text/plain; charset=utf-8\r\nContent-Type: text/html; charset=utf-8",
    utf8,
  ],
  "row 30: two transfer encodings": [
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 8bit",
    base64,
  ],
  "row 30: two boundaries": [
    "Content-Type: multipart/mixed; boundary=a; boundary=b",
    `--a\r\n\r\nx\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${utf8}\r\n--b--\r\n--a--`,
  ],
  "row 30: a part behind the closing boundary": [
    "Content-Type: multipart/mixed; boundary=a",
    `--a\r\n\r\nx\r\n--a--\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${utf8}\r\n--a--`,
  ],
  "row 30: text behind base64": [
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64",
    `eA==\r\n${base64}`,
  ],
  "row 30: CR LF in an encoded word": [
    "Cc: =?utf-8?q?x=0D=0ABcc:_evil@example.jp?= <c@example.jp>\r\nContent-Type: text/plain; charset=utf-8",
    utf8,
  ],
  "row 30: a word split inside a character": [
    "Cc: =?utf-8?B?6YU=?= =?utf-8?B?jQ==?= <c@example.jp>\r\nContent-Type: text/plain; charset=utf-8",
    utf8,
  ],
  "row 30: two Subjects": [
    "Subject: a\r\nSubject: b\r\nContent-Type: text/plain; charset=utf-8",
    utf8,
  ],
};

test.each(Object.entries(tricks))("%s", (_name, [fields, body]) => {
  const reading = readMessage(
    Buffer.from(`From: a@example.jp\r\n${fields}\r\n\r\n${body}`, "latin1"),
  );
  expect(reading.kind === "read" ? reading.view.ambiguities.length : 0).toBeGreaterThan(0);
});

test("row 30: a decoded value is never more than one line", () => {
  const message = "Subject: =?utf-8?q?x=0D=0ABcc:_evil@example.jp?=\r\n\r\nx";
  const reading = readMessage(Buffer.from(message));
  expect(reading.kind === "read" ? reading.view.header.subject : "").toBe("x Bcc: evil@example.jp");
});
