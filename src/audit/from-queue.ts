// The audit events of what people and the store itself do to queued and held mail. Pure.
import type { AddressIndex } from "../consent/address-index.ts";
import type { AuditDraft } from "./event.ts";

/** The recipient that an event is about. */
export interface QueuedRecipient {
  readonly messageId: string;
  readonly recipientId: string;
  readonly subject: AddressIndex;
  readonly stream: string;
  readonly sender: string;
}

export interface QueueAct {
  readonly actor: string;
  readonly reason?: string;
  readonly at: Date;
}

export function recipientChanged(
  recipient: QueuedRecipient,
  change: "retry" | "hold" | "release" | "drop",
  act: QueueAct,
): AuditDraft {
  return {
    type: change === "drop" ? "Dropped" : "Operation",
    at: act.at,
    ...recipient,
    actor: act.actor,
    detail: { change },
    ...(act.reason === undefined ? {} : { personal: { reason: act.reason } }),
  };
}

/** A lease ended without an outcome: the copy may have been delivered. */
export function leaseRecovered(recipient: QueuedRecipient, at: Date): AuditDraft {
  return {
    type: "TransientFailure",
    at,
    ...recipient,
    actor: "gateway",
    detail: { change: "recovered", uncertain: true },
  };
}

/** Its attempts have ended in a crash again and again: it goes on when a person lets it. */
export function leaseQuarantined(
  recipient: QueuedRecipient,
  at: Date,
  crashes: number,
): AuditDraft {
  return {
    type: "Alarm",
    at,
    ...recipient,
    actor: "gateway",
    detail: { change: "quarantined", crashes },
  };
}

/** Nobody can be written to: the person's record was erased while the copy waited. */
export function recipientErased(recipient: QueuedRecipient, actor: string, at: Date): AuditDraft {
  return { type: "Dropped", at, ...recipient, actor, detail: { change: "erased" } };
}

export function heldDecided(
  message: { readonly messageId: string; readonly stream: string; readonly sender: string },
  verdict: "release" | "reject",
  act: QueueAct,
  recipients: number,
): AuditDraft {
  return {
    type: verdict === "release" ? "Released" : "Rejected",
    at: act.at,
    ...message,
    actor: act.actor,
    detail: { recipients },
    ...(act.reason === undefined ? {} : { personal: { reason: act.reason } }),
  };
}
