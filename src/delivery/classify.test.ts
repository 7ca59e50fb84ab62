import { expect, test } from "vitest";

import { parseDomain } from "../mail/domain.ts";
import { parseReply } from "../mail/reply.ts";
import { classify, type Outcome } from "./classify.ts";
import type { MailPhase } from "./outcome.ts";

function classifyText(raw: string, phase: MailPhase, domain: string): Outcome {
  const reply = parseReply(raw);
  const parsed = parseDomain(domain);
  if (reply === undefined || parsed.kind === "bad") throw new Error(raw);
  return classify({ kind: "refused", phase, reply }, { domain: parsed.value });
}

test.each([
  [
    "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550 5.1.1 double-checking",
    "rcpt",
    "gmail.com",
    "failed",
    "user-unknown",
    true,
  ],
  [
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "rcpt",
    "x.test",
    "failed",
    "user-unknown",
    true,
  ],
  [
    "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table",
    "rcpt",
    "x.test",
    "failed",
    "user-unknown",
    true,
  ],
  [
    "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0]",
    "final-dot",
    "yahoo.com",
    "failed",
    "user-unknown",
    false,
  ],
  ["550 Unknown user a@docomo.ne.jp", "rcpt", "docomo.ne.jp", "failed", "user-unknown", true],
  ["550 Unknown user a@docomo.ne.jp", "final-dot", "docomo.ne.jp", "failed", "filtered", false],
  ["550 <a@ezweb.ne.jp>: User unknown", "rcpt", "ezweb.ne.jp", "failed", "user-unknown", true],
  ["550 : User unknown", "rcpt", "ezweb.ne.jp", "failed", "filtered", false],
  [
    "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail",
    "mail",
    "gmail.com",
    "deferred",
    "rate",
    undefined,
  ],
  [
    "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
    "mail",
    "yahoo.com",
    "deferred",
    "rate",
    undefined,
  ],
  [
    "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list",
    "mail",
    "yahoo.com",
    "failed",
    "reputation",
    false,
  ],
  [
    "550 5.7.515 Access denied, sending domain example.jp does not meet the required authentication level",
    "final-dot",
    "outlook.com",
    "failed",
    "authentication",
    false,
  ],
  [
    "421 5.7.32 From header is not aligned",
    "final-dot",
    "gmail.com",
    "deferred",
    "authentication",
    undefined,
  ],
  [
    "552-5.2.2 The email account that you tried to reach is over quota",
    "rcpt",
    "gmail.com",
    "failed",
    "mailbox-full",
    false,
  ],
  [
    "452 4.2.2 The recipient's inbox is out of storage space",
    "rcpt",
    "gmail.com",
    "deferred",
    "mailbox-full",
    undefined,
  ],
  [
    "450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey",
    "rcpt",
    "x.test",
    "deferred",
    "greylisted",
    undefined,
  ],
  [
    "450 4.1.8 <a@b.example>: Sender address rejected: Domain not found",
    "rcpt",
    "x.test",
    "deferred",
    "sender",
    undefined,
  ],
  ["550 5.1.1 sender unknown", "mail", "x.test", "failed", "sender", false],
  ["550 5.1.0 Sender address does not exist", "rcpt", "x.test", "failed", "sender", false],
  [
    "550 5.7.1 Service unavailable; client blocked using zen.example",
    "rcpt",
    "x.test",
    "failed",
    "reputation",
    false,
  ],
  ["552 too much mail data", "final-dot", "docomo.ne.jp", "failed", "too-large", false],
  [
    "554 5.7.9 Message not accepted for policy reasons",
    "final-dot",
    "yahoo.com",
    "failed",
    "policy",
    false,
  ],
  ["550 no", "rcpt", "x.test", "failed", "other", false],
  ["250 fine", "mail", "x.test", "deferred", "other", undefined],
] as const)("%s (at %s, %s) is %s: %s", (raw, phase, domain, kind, replyClass, unknownUser) => {
  const outcome = classifyText(raw, phase, domain);
  expect(outcome).toMatchObject({ kind, class: replyClass });
  expect(outcome.kind === "failed" ? outcome.unknownUser : undefined).toBe(unknownUser);
});
