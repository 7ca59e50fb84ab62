// Fields that somebody puts on top after signing, to show the reader something else (RFC 6376 §8.15).
import { expect, test } from "vitest";

import { oddMessages } from "../dkim/odd-messages.ts";
import { hasDkimpy, verifyByDkimpy, verifyByMailauth } from "../support/dkim-verifiers.ts";
import { openSigningOffice } from "../support/signing-office.ts";

const office = await openSigningOffice();
const added = [
  "From: Bank <bank@example.com>",
  "Subject: your account",
  "To: other@example.net",
  "Cc: other@example.net",
  "Reply-To: thief@example.com",
  "Date: Thu, 26 Nov 2026 09:00:00 +0900",
  "Message-ID: <2@example.com>",
  "MIME-Version: 1.0",
  "Content-Type: text/html",
  "Content-Transfer-Encoding: base64",
  "List-Id: other <other.example.com>",
  "List-Unsubscribe: <https://example.com/trap>",
  "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
];
const names = ["plain ASCII", "a multipart of alternatives with one-click unsubscription"] as const;

test.each(names)(
  "row 31: %s with one more signed field on top fails in both verifiers",
  async (name) => {
    const signed = await office.signed(oddMessages[name] ?? Buffer.alloc(0));
    const forged = added.map((field) => Buffer.concat([Buffer.from(`${field}\r\n`), signed]));
    for (const [index, message] of forged.entries()) {
      const verdict = await verifyByMailauth(message, office.records);
      expect([added[index], ...verdict]).toEqual([added[index], false, false]);
    }
    if (!hasDkimpy) return;
    expect(verifyByDkimpy(forged, office.records)).toEqual(forged.map(() => [false, false]));
  },
);

test("row 31: a field that the signature does not cover may be added on the way", async () => {
  const signed = await office.signed(oddMessages["plain ASCII"] ?? Buffer.alloc(0));
  const relayed = Buffer.concat([Buffer.from("Received: from a by b; now\r\n"), signed]);
  expect(await verifyByMailauth(relayed, office.records)).toEqual([true, true]);
  const second = hasDkimpy ? verifyByDkimpy([relayed], office.records).flat() : [];
  expect(second).not.toContain(false);
});
