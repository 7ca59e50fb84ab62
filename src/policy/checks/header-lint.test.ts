// Names and answers that make the reader believe another than the sender writes.
import { expect, test } from "vitest";

import { domain, makeSender, makeStream } from "../../../test/support/smtp-gateway.ts";
import { readMessage } from "../../content/read.ts";
import { headerLint } from "./header-lint.ts";

const sender = makeSender({
  otherNames: ["株式会社ベータ", "サンプル商事"],
  replyDomains: [domain("desk.example")],
});

function encoded(text: string): string {
  return `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}

function warnings(...lines: readonly string[]): readonly string[] {
  const subject = lines.some((line) => line.startsWith("Subject:")) ? [] : ["Subject: x"];
  const header = ["To: b@example.net", ...subject, ...lines].join("\r\n");
  const reading = readMessage(Buffer.from(`${header}\r\n\r\ntext\r\n`));
  if (reading.kind !== "read") throw new Error("the message cannot be read");
  const stream = makeStream({ sender });
  const facts = { stream, bases: [], gatewayHosts: [], now: new Date(0) };
  return headerLint({ view: reading.view, facts, pages: [] })
    .filter(({ outcome }) => outcome === "warn")
    .map(({ evidence }) => evidence.en);
}

test.each([
  [`From: ${encoded("サンプル")} <a@example.jp>`, "Reply-To: help@example.jp"],
  [`From: ${encoded("株式会社サンプル商事")} <a@example.jp>`, "Reply-To: help@desk.example"],
  ['From: "a@example.jp" <a@example.jp>'],
])("%s is in order", (...lines) => {
  expect(warnings(...lines)).toEqual([]);
});

test("a field in raw UTF-8 is warned about, as many receivers cannot be sent it", () => {
  const told = "has characters that are neither ASCII nor encoded (RFC 2047): ";
  for (const [line, name] of [
    ["From: 株式会社サンプル商事 <a@example.jp>", "From"],
    ["X-Campaign-Name: 秋の", "X-Campaign-Name"],
  ] as const) {
    const from = name === "From" ? [] : ["From: a@example.jp"];
    expect(warnings(line, ...from)).toEqual([
      `${name} ${told}receivers without SMTPUTF8 cannot be sent it`,
    ]);
  }
});

test.each([
  ['From: "ceo@example.com" <a@example.jp>', /another mail address/],
  [`From: ${encoded("株式会社ベータ")} <a@example.jp>`, /another sender/],
  [`From: ${encoded("株式会社 ベータ サポート")} <a@example.jp>`, /another sender/],
])("%s is warned about", (line, text) => {
  expect(warnings(line)).toEqual([expect.stringMatching(text)]);
});

test.each([
  [`From: ${encoded("\u202e行銀本見")} <a@example.jp>`, "", "From"],
  ["From: <a@example.jp>", `Subject: ${encoded("請求書\u202efdp.exe")}`, "Subject"],
])("letters turned round in a header are warned about: %s %s", (from, subject, field) => {
  expect(warnings(...[from, subject].filter((line) => line !== ""))).toEqual([
    `${field} has a character that turns the order of letters round (U+202D, U+202E)`,
  ]);
});

test("a Reply-To of a strange domain is warned about", () => {
  expect(warnings("From: <a@example.jp>", "Reply-To: x@attacker.example")).toEqual([
    "Reply-To is of attacker.example, which is no domain of the sender's",
  ]);
});
