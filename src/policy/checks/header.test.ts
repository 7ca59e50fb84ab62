// The checks of the header section, each on the smallest header that shows it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseDomain, type Domain } from "../../mail/domain.ts";
import { splitMessage } from "../../mail/header.ts";
import { checkHeader, type HeaderVerdict } from "./header.ts";

function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed.kind === "bad") throw new Error(text);
  return parsed.value;
}

const domains = [domain("example.jp"), domain("news.example.jp")];

function check(lines: readonly string[]): HeaderVerdict {
  const message = Buffer.from(`${lines.join("\r\n")}\r\n\r\nx`);
  return checkHeader({ ...splitMessage(message), domains, hostname: "gw.example.jp" });
}

const from = "From: <a@example.jp>";

describe("the header section", () => {
  test("passes with one From of the sender's domains, which chooses the key", () => {
    expect(check(["From: <a@news.example.jp>", "Message-ID: <1@x>"])).toEqual({
      kind: "ok",
      fromDomain: "news.example.jp",
      messageId: "<1@x>",
    });
    expect(check([from])).toEqual({ kind: "ok", fromDomain: "example.jp" });
  });

  test.each([
    "Mon, 1 Jun 2026 09:00:00 +0900",
    "1 Jun 2026 09:00 +0900 (JST)",
    "Mon,  1 Jun 26 09:00:60 GMT",
  ])("takes the date %s", (date) => {
    expect(check([from, `Date: ${date}`]).kind).toBe("ok");
  });

  test.each([
    "",
    "yesterday",
    "31 Feb 2026 09:00:00 +0900",
    "1 Jun 2026 25:00:00 +0900",
    "1 Jun 2026",
  ])("refuses the date %j", (date) => {
    expect(check([from, `Date: ${date}`])).toMatchObject({ reason: "malformed-header" });
  });

  test.each(["", "1@x", "<1>", "<1@x> <2@x>", "<a b@x>"])("refuses the Message-ID %j", (id) => {
    expect(check([from, `Message-ID: ${id}`])).toMatchObject({ reason: "malformed-header" });
  });

  const single: readonly (readonly [string, string])[] = [
    ["Sender", "a@example.jp"],
    ["Reply-To", "a@example.jp"],
    ["To", "a@example.jp"],
    ["Cc", "a@example.jp"],
    ["Bcc", "a@example.jp"],
    ["Date", "Mon, 1 Jun 2026 09:00:00 +0900"],
    ["Message-ID", "<1@x>"],
    ["In-Reply-To", "<1@x>"],
    ["References", "<1@x>"],
    ["Subject", "x"],
    ["MIME-Version", "1.0"],
    ["Content-Type", "text/plain"],
    ["Content-Transfer-Encoding", "7bit"],
    ["Content-Disposition", "inline"],
    ["List-Unsubscribe", "<https://u.example.jp/>"],
    ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"],
    ["List-ID", "<news.example.jp>"],
  ];
  test.each(single)("refuses a second %s, however its name is written", (name, value) => {
    const line = `${name}: ${value}`;
    expect(check([from, line]).kind).toBe("ok");
    const refused = { reason: "malformed-header", detail: `2 ${name.toLowerCase()} fields` };
    expect(check([from, line, line])).toMatchObject(refused);
    expect(check([line, from, `${name.toUpperCase()}: ${value}`])).toMatchObject(refused);
  });

  test("refuses a second From, a missing one, and white space before a colon", () => {
    expect(check([from, "FROM: <a@example.jp>"])).toMatchObject({
      reason: "sender-not-permitted",
      detail: "several From fields",
    });
    expect(check(["Subject: x"])).toMatchObject({
      reason: "malformed-header",
      detail: "no From field",
    });
    for (const line of ["Subject : x", "X-Id\t: x"])
      expect(check([from, line])).toMatchObject({
        reason: "malformed-header",
        detail: expect.stringMatching(/^white space before the colon of /) as string,
      });
    expect(check([from, "X-Id: 1", "X-Id: 2"]).kind).toBe("ok");
  });

  test("counts addresses up to five hundred, over all fields that hold some", () => {
    const list = (count: number): string =>
      Array.from({ length: count }, (_, at) => `r${at}@example.net`).join(",\r\n ");
    expect(check([from, `To: ${list(250)}`, `Cc: ${list(249)}`]).kind).toBe("ok");
    expect(check([from, `To: ${list(250)}`, `Cc: ${list(250)}`])).toMatchObject({
      reason: "too-complex",
    });
    expect(check([from, `X-List: ${list(600)}`]).kind).toBe("ok");
  });

  test.each([
    [
      "Date: 2026-11-27T12:00:00+09:00",
      "the Date is not of the form Mon, 1 Jun 2026 09:00:00 +0900",
    ],
    ["Message-ID: 1@example.jp", "the Message-ID is not of the form <left@right>, without spaces"],
  ])("says what was to stand in place of %s", (line, detail) => {
    expect(check([from, line])).toMatchObject({ reason: "malformed-header", detail });
  });

  test("refuses a line that is no field", () => {
    expect(check([from, "not a field"])).toMatchObject({ reason: "malformed-header" });
    expect(check([" folded at the beginning", from])).toMatchObject({ reason: "malformed-header" });
  });
});

describe("loops and senders", () => {
  test("counts Received fields up to thirty", () => {
    const received = Array.from({ length: 30 }, () => "Received: from a by b; x");
    expect(check([...received, from]).kind).toBe("ok");
    expect(check([...received, "Received: by c", from])).toMatchObject({ reason: "mail-loop" });
  });

  test("takes no group in From or Sender, whose name one receiver reads as the author", () => {
    const group = "other@example.net: a@example.jp;";
    for (const lines of [[`From: ${group}`], [from, `Sender: ${group}`]])
      expect(check(lines)).toMatchObject({ kind: "refuse", reason: "malformed-header" });
    expect(check([from, "To: undisclosed-recipients:;"]).kind).toBe("ok");
  });

  test("shows the line that is no field, without an address that stands in it", () => {
    const detail = "a line is not a header field, and no empty line stands before it: ";
    expect(check(["From taro@example.net Fri Nov 27 12:00:00 2026", from])).toMatchObject({
      detail: `${detail}From (address) Fri Nov 27 12:00:00 2026`,
    });
    expect(check([from, "Subject: x", "Hello Taro,", "this is the body"])).toMatchObject({
      detail: `${detail}Hello Taro,`,
    });
  });

  test("holds Sender to the same domains as From", () => {
    expect(check([from, "Sender: b@news.example.jp"]).kind).toBe("ok");
    expect(check([from, "Sender: b@example.net"])).toMatchObject({
      reason: "sender-not-permitted",
    });
  });

  test("never lets a From by whose last address is foreign, whatever stands before it", () => {
    const noise = fc.stringMatching(/^[a-z@.,;:"()<>\\ -]{0,20}$/);
    fc.assert(
      fc.property(noise, (text) => {
        expect(check([`From: ${text} <b@foreign.example>`]).kind).toBe("refuse");
      }),
    );
  });
});

test.each(["Subject : x", "Subject\t: x", "From : <a@example.jp>"])(
  "white space before a colon is refused: %j",
  (line) => {
    expect(check([...(line.startsWith("From") ? [] : [from]), line])).toMatchObject({
      kind: "refuse",
      reason: "malformed-header",
    });
  },
);
