// Every "no" that Sekisho can say: one closed table, from which replies, pages and documentation are made.
import { contentReasons } from "./reasons/content-reasons.ts";
import { operationReasons } from "./reasons/operation-reasons.ts";
import type { ReasonRow } from "./reasons/reason-row.ts";
import { recipientReasons } from "./reasons/recipient-reasons.ts";

export type { ReasonRow } from "./reasons/reason-row.ts";

export const reasons = {
  ...recipientReasons,
  ...contentReasons,
  ...operationReasons,
} as const satisfies Record<string, ReasonRow>;

export type Reason = keyof typeof reasons;

export function isReason(text: string): text is Reason {
  return Object.hasOwn(reasons, text);
}
