// All that can happen, as one closed vocabulary: the record from which log, trace, metrics and proof are made.
import type { AddressIndex } from "../consent/address-index.ts";
import type { Reply } from "../mail/reply.ts";
import type { Reason } from "../policy/reasons.ts";

export const eventTypes = [
  "Reception", // a message was accepted (one event a message)
  "Refusal", // a client was told no, at MAIL, RCPT or DATA
  "Observed", // a rule in shadow would have refused
  "Held", // a message waits for a person
  "Released", // a person let it go
  "Rejected", // a person stopped it
  "Delivery", // a host took one recipient's copy
  "TransientFailure", // one attempt failed; another follows
  "Bounce", // one recipient failed for good
  "Expiration", // one recipient's time ran out
  "Dropped", // an operator or policy took one recipient out of the queue
  "Report", // a delivery status notification was written to the client's MAIL FROM
  "Complaint",
  "Unsubscribe",
  "Returned", // a bounce came back by mail
  "AutoReply",
  "Suppression", // added or removed: see detail.change
  "Consent",
  "Erasure",
  "Import",
  "Export",
  "KeyChange",
  "Credential",
  "Token",
  "User",
  "Login",
  "Approval", // asked for, approved, rejected, expired: see detail.change
  "Config",
  "Alarm", // something an operator must look at
  "Operation", // start, stop, retry, pause: see detail.change
] as const;
export type EventType = (typeof eventTypes)[number];

export function isEventType(text: string): text is EventType {
  return (eventTypes as readonly string[]).includes(text);
}

/** Plain JSON; no address, name or secret: what tells of a person goes into `personal`. */
export type Detail = Readonly<
  Record<string, string | number | boolean | null | readonly string[] | undefined>
>;

/** An event as its maker writes it; storage adds sequence, time of recording and the chain's hash. */
export interface AuditDraft {
  readonly type: EventType;
  readonly at: Date;
  readonly messageId?: string;
  readonly recipientId?: string;
  readonly stream?: string;
  readonly sender?: string;
  /** The recipient or person it is about. */
  readonly subject?: AddressIndex;
  readonly reason?: Reason;
  /** What we answered, or the remote's own words. An address in it is shown only while the person is known. */
  readonly reply?: Reply;
  /** Who did it: `credential:NAME`, `cli:USER`, `token:ID`, `recipient`, `gateway`. */
  readonly actor?: string;
  readonly detail?: Detail;
  /** Sealed with the subject's own key: erasing the person makes it unreadable and leaves the chain whole. */
  readonly personal?: Readonly<Record<string, string>>;
}

/** An event as read back. `recipient` is the readable address, absent where unknown or erased. */
export interface AuditEvent extends AuditDraft {
  /** Place in its chain, from 1 without a gap. */
  readonly sequence: number;
  readonly chain: string;
  readonly recipient?: string;
}
