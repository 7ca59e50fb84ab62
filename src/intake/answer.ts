// What intake says to the client, as a value: smtp/answer.ts alone turns it into protocol text.
import { reasons, type Reason, type ReasonRow } from "../policy/reasons.ts";

/** A reason with its row of the closed table, so that whoever writes the reply needs no table of its own. */
export interface No {
  readonly reason: Reason;
  readonly row: ReasonRow;
  /** What the reason means here, in words for the client; holds no internals. */
  readonly detail?: string;
}

export type Answer =
  | { readonly kind: "sender-ok" }
  | { readonly kind: "recipient-ok" }
  | { readonly kind: "accepted"; readonly messageId: string }
  | { readonly kind: "held"; readonly messageId: string; readonly no: No }
  | { readonly kind: "refused"; readonly no: No };

/** A refusal or deferral: which of both it is stands in the reason's code. */
export function refused(
  reason: Reason,
  detail?: string,
): { readonly kind: "refused"; readonly no: No } {
  return { kind: "refused", no: explain(reason, detail) };
}

/** `held`: why it waits for a person, where it does. */
export function kept(
  messageId: string,
  held?: { readonly reason: Reason; readonly detail?: string },
): Answer {
  return held === undefined
    ? { kind: "accepted", messageId }
    : { kind: "held", messageId, no: explain(held.reason, held.detail) };
}

export function explain(reason: Reason, detail?: string): No {
  const row = reasons[reason];
  return detail === undefined ? { reason, row } : { reason, row, detail };
}
