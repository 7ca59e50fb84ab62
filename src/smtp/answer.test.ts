// Replies: every one is a line that RFC 5321 allows, with a code that fits its enhanced code.
import { describe, expect, test } from "vitest";

import { explain, refused } from "../intake/answer.ts";
import { formatReply, type Reply } from "../mail/reply.ts";
import { isReason, reasons } from "../policy/reasons.ts";
import { createToReply, fromLibrary, protocolReplies, protocolReply } from "./answer.ts";

const toReply = createToReply("https://gw.example.jp");
const names = Object.keys(reasons).filter(isReason);

function isLine(reply: Reply): boolean {
  return /^[245]\d\d [245]\.\d{1,3}\.\d{1,3} [\x20-\x7e]{1,}$/.test(formatReply(reply));
}

describe("replies", () => {
  test("of refusals begin with the reason's name and end with the page that explains it", () => {
    for (const reason of names) {
      const reply = toReply(refused(reason, "detail"));
      expect(reply.text.startsWith(`${reason}: `)).toBe(true);
      expect(reply.text.endsWith(`; see https://gw.example.jp/r/${reason}`)).toBe(true);
      expect(isLine(reply)).toBe(true);
    }
  });

  test("name no page where there is none", () => {
    expect(createToReply()(refused("no-consent")).text).toBe(
      "no-consent: no consent of this recipient is on record",
    );
  });

  test("tell their detail in parentheses, and none where there is none", () => {
    const told = (detail?: string): string => createToReply()(refused("no-consent", detail)).text;
    expect(told("for topic news")).toBe(`${told()} (for topic news)`);
    expect(told("")).toBe(told());
    expect(toReply({ kind: "sender-ok" })).toMatchObject({ code: 250, enhanced: "2.1.0" });
    expect(toReply({ kind: "recipient-ok" })).toMatchObject({ code: 250, enhanced: "2.1.5" });
  });

  test("of the protocol tell a detail, in one line of 512 octets", () => {
    const plain = protocolReply("fault");
    expect(protocolReply("fault", "again")).toEqual({ ...plain, text: `${plain.text}: again` });
    const long = "x".repeat(1000);
    for (const reply of [protocolReply("fault", long), fromLibrary(500, long)])
      expect(formatReply(reply).length).toBeLessThanOrEqual(510);
    expect(fromLibrary(299, "said Error: once").text).toBe("said Error: once");
  });

  test("of held and accepted messages carry the id", () => {
    expect(toReply({ kind: "accepted", messageId: "01abc" })).toEqual({
      code: 250,
      enhanced: "2.0.0",
      text: "accepted id=01abc",
    });
    const held = toReply({ kind: "held", messageId: "01abc", no: explain("opt-out-missing") });
    expect(formatReply(held)).toMatch(/^250 2\.0\.0 held id=01abc: opt-out-missing: /);
  });

  test("stay one ASCII line of 512 octets, whatever the detail holds", () => {
    const reply = toReply(refused("unreadable", `〒100\r\n250 ok ${"あ x".repeat(1000)}`));
    expect(formatReply(reply).length).toBeLessThanOrEqual(510);
    expect(isLine(reply)).toBe(true);
    expect(reply.text).toMatch(/; see https:\/\/gw\.example\.jp\/r\/unreadable$/);
  });

  test("of the protocol have an enhanced code of their own class", () => {
    for (const reply of Object.values<Reply>(protocolReplies)) {
      if (reply.code === 354) continue;
      expect(reply.enhanced?.[0]).toBe(String(reply.code)[0]);
    }
  });

  test("of the library lose its manner and get a code", () => {
    expect(formatReply(fromLibrary(503, "Error: send HELO/EHLO first"))).toBe(
      "503 5.5.1 send HELO/EHLO first",
    );
    expect(formatReply(fromLibrary(220, "Ready to start TLS"))).toBe(
      "220 2.0.0 Ready to start TLS", // RFC 2034 §3
    );
    expect(formatReply(fromLibrary(220, "gw.example.jp ESMTP"))).toBe("220 gw.example.jp ESMTP");
    expect(formatReply(fromLibrary(501, "Error: invalid userdata"))).toBe(
      "501 5.5.2 invalid userdata", // RFC 4954 §4
    );
  });
});
