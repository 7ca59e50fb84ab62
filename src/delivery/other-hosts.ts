// Which of a destination's other hosts are asked in the same attempt, where one of them was reached and did not take the message.
import type { Outcome } from "./classify.ts";
import type { Host } from "./connect.ts";
import { hostKey } from "./idle-connections.ts";
import type { Transaction } from "./outcome.ts";

/**
 * RFC 5321 §5.1: each in order, until one takes it. Those that come behind one that broke off, shut down or takes no mail now
 * from anybody; and, behind one that is unfit for the message, all others: one that cannot be reached now may be fit later.
 */
export function otherHosts(
  hosts: readonly Host[],
  tried: Host,
  result: Transaction,
  outcome: Outcome,
  /** Of the host that was asked before this one. */
  before: Transaction | undefined,
): readonly Host[] {
  if (result.kind === "unfit")
    return result.triesOthers === true
      ? hosts.filter((host) => hostKey(host) !== hostKey(tried))
      : [];
  if (!isOfHost(result) || !mayAsk(outcome)) return [];
  if (result.kind === "refused" && before?.kind === "refused") return []; // two that say "not now" speak for all
  return hosts.slice(hosts.findIndex((host) => hostKey(host) === hostKey(tried)) + 1);
}

/** It speaks of the host. What is said at RCPT and behind DATA is about this message: the next host would say the same. */
function isOfHost(result: Transaction): boolean {
  switch (result.kind) {
    case "lost":
      return !result.uncertain;
    case "refused":
      return (
        result.phase === "mail" ||
        (result.reply.code === 421 && (result.phase === "rcpt" || result.phase === "data"))
      );
    case "accepted":
    case "unfit":
      return false;
  }
}

/** A receiver that asks for less mail, or for a pause, asks it for all of its hosts. */
function mayAsk(outcome: Outcome): boolean {
  return (
    outcome.kind === "deferred" &&
    outcome.class !== "rate" &&
    (outcome.pace === "none" || outcome.pace === "slow")
  );
}
