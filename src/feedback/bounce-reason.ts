// Why mail to one recipient failed, as a closed list of classes (feedback.md).

/**
 * user-unknown, host-unknown and moved say that the address itself is dead. All others speak of the moment, the message or
 * us: policy, spam, rate, authentication, network and system never say anything about the recipient.
 */
export const bounceReasons = [
  "user-unknown",
  "mailbox-full",
  "host-unknown",
  "no-relay",
  "policy",
  "spam",
  "rate",
  "authentication",
  "too-large",
  "content",
  "suspended",
  "moved",
  "network",
  "system",
  "expired",
  "other",
] as const;
export type BounceReason = (typeof bounceReasons)[number];

export function isBounceReason(text: string): text is BounceReason {
  return (bounceReasons as readonly string[]).includes(text);
}

/** Whether the class means that this address will not work again, however the message, the pace or the sender change. */
export function isPermanentReason(reason: BounceReason): boolean {
  return reason === "user-unknown" || reason === "host-unknown" || reason === "moved";
}
