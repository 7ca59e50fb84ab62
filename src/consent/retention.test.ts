// Retention: each of the law's clocks, and which one decides.
import fc from "fast-check";
import { expect, test } from "vitest";

import { retention, type RetentionFacts } from "./retention.ts";

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
const facts: RetentionFacts = {
  lastSentAt: day("2026-01-31"),
  endedAt: day("2026-02-01"),
  tokusho: false,
  orderReceivedAt: undefined,
  legalHold: false,
};

test.each<[string, Partial<RetentionFacts>, Date | undefined]>([
  ["while mail may be sent", { endedAt: undefined }, undefined],
  [
    "while mail may be sent, though none was",
    { endedAt: undefined, lastSentAt: undefined },
    undefined,
  ],
  ["never sent: when the sender gave it up", { lastSentAt: undefined }, day("2026-02-01")],
  ["1 month after the last mail, at the month's last day", {}, day("2026-02-28")],
  ["not before the end of the consent", { endedAt: day("2026-06-01") }, day("2026-06-01")],
  ["3 years for mail order", { tokusho: true }, day("2029-01-31")],
  ["1 year after an order", { orderReceivedAt: day("2025-06-01") }, day("2027-01-31")],
  [
    "1 year, from the order if that is later",
    { orderReceivedAt: day("2026-03-15") },
    day("2027-03-15"),
  ],
  ["a leap day", { lastSentAt: day("2028-02-29"), tokusho: true }, day("2031-02-28")],
  ["legal hold", { legalHold: true, lastSentAt: undefined }, undefined],
])("%s", (_name, change, expected) => {
  const result = retention({ ...facts, ...change });
  expect(result).toMatchObject(expected ? { kind: "until", at: expected } : { kind: "keep" });
  expect(result.law).not.toBe("");
});

test("a further duty never shortens the time", () => {
  const dates = fc.date({ min: day("2000-01-01"), max: day("2100-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(dates, dates, dates, (lastSentAt, endedAt, orderReceivedAt) => {
      const until = (more: Partial<RetentionFacts>): number => {
        const result = retention({ ...facts, lastSentAt, endedAt, ...more });
        return result.kind === "until" ? result.at.getTime() : Infinity;
      };
      expect(until({ tokusho: true })).toBeGreaterThanOrEqual(until({}));
      expect(until({ orderReceivedAt })).toBeGreaterThanOrEqual(until({}));
      expect(until({ legalHold: true })).toBe(Infinity);
    }),
  );
});
