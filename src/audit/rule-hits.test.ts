// Rules are counted by what they did and what people said to it.
import { expect, test } from "vitest";

import type { AuditEvent, EventType } from "./event.ts";
import { countRuleHits } from "./rule-hits.ts";

test("counts refusals, holds with the person's word, and what shadow would have done", async () => {
  let sequence = 0;
  const event = (type: EventType, messageId: string, detail: AuditEvent["detail"]): AuditEvent => ({
    type,
    messageId,
    at: new Date(0),
    chain: "main",
    sequence: (sequence += 1),
    ...(detail === undefined ? {} : { detail }),
  });
  const events = [
    event("Refusal", "m1", { rules: ["jp/name", "jp/contact"] }),
    event("Refusal", "m2", { phase: "rcpt" }),
    event("Held", "m3", { rules: ["jp/name"] }),
    event("Held", "m4", { rules: ["jp/name"] }),
    event("Observed", "m5", { rule: "jp/privacy-link" }),
    event("Released", "m3", undefined),
    event("Rejected", "m4", undefined),
    event("Released", "m9", undefined),
  ];
  const audit = {
    search: ({ cursor }: { readonly cursor?: string }) =>
      Promise.resolve(
        cursor === undefined
          ? { items: events.slice(0, 4), next: "4" }
          : { items: events.slice(4), next: null },
      ),
  };
  const none = { refused: 0, held: 0, released: 0, rejected: 0, observed: 0 };
  expect(await countRuleHits(audit, {})).toEqual([
    { ...none, rule: "jp/name", refused: 1, held: 2, released: 1, rejected: 1 },
    { ...none, rule: "jp/contact", refused: 1 },
    { ...none, rule: "jp/privacy-link", observed: 1 },
  ]);
});
