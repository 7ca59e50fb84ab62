// What the result of a transaction says of the connection that it ran over.
import type { NoHost, Transaction } from "./outcome.ts";
import type { ReleaseState } from "./pool.ts";

/**
 * Whether it was the end of the connection, and no word on the message, which was not sent yet: the peer closed it, or said
 * that it will (RFC 5321 §3.8). A host that took messages over it and now refuses MAIL has had as many as it takes over one.
 */
export function isStale(result: Transaction, proven: boolean): boolean {
  if (result.kind !== "lost" && result.kind !== "refused") return false;
  const { phase } = result;
  if (phase === "body" || phase === "final-dot") return false;
  if (result.kind === "lost") return result.loss === "closed";
  return result.reply.code === 421 || (phase === "mail" && proven);
}

export function stateAfter(result: Transaction | NoHost): ReleaseState {
  if (result.kind === "accepted") return "accepted";
  if (result.kind === "unfit") return "clean";
  return result.kind === "refused" && result.reply.code !== 421 && result.phase !== "body"
    ? "refused"
    : "broken";
}
