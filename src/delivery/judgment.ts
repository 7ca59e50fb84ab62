// Asks policy once more whether one recipient may be sent to, from facts read at this moment.
import type { Indexer } from "../consent/address-index.ts";
import type { Ledger } from "../consent/ledger.ts";
import type { Reply } from "../mail/reply.ts";
import { clear, clearNotification, type Cleared } from "../policy/decide.ts";
import type { Purpose, Stream } from "../policy/stream.ts";
import type { Lease, Settlement } from "../queue/store.ts";
import type { Log } from "./log.ts";
import { droppedSettlement, postponed, replyOf, type SettlementContext } from "./settlement.ts";

export interface JudgmentParts {
  readonly ledger: Pick<Ledger, "lookUp">;
  readonly indexer: Indexer;
  /** undefined: no such stream is configured any more. */
  readonly stream: (id: string) => Stream | undefined;
  readonly clock: () => Date;
  readonly contextFor: (lease: Lease) => SettlementContext;
  readonly log: Log;
}

export type Judged =
  | { readonly kind: "cleared"; readonly cleared: Cleared }
  | { readonly kind: "settled"; readonly settlement: Settlement };

/** Never throws. The same question as at RCPT, from facts read now: an opt-out stops queued mail too. */
export async function judge(lease: Lease, parts: JudgmentParts): Promise<Judged> {
  const now = parts.clock();
  if (lease.notification)
    return { kind: "cleared", cleared: clearNotification(lease.recipientId, now) };
  const later = async (why: "ledger" | "stream" | "papers", reply?: Reply): Promise<Judged> => ({
    kind: "settled",
    settlement: await postponed(lease, why, parts.contextFor(lease), reply),
  });
  const stream = parts.stream(lease.stream);
  if (stream === undefined) {
    parts.log.error({ recipientId: lease.recipientId, stream: lease.stream }, "stream unknown");
    return later("stream", {
      code: 451,
      enhanced: "4.3.5",
      text: `the stream ${lease.stream} is not in the configuration: put it back, or drop its mail`,
    });
  }
  let decision: ReturnType<typeof clear>;
  try {
    decision = await decide(lease, stream, now, parts);
    const { purpose } = lease;
    // Advertising does not become a receipt because its stream did, nor does what was withdrawn from one topic by another's.
    if (decision.kind === "cleared" && purpose !== undefined && !isOf(stream, purpose))
      decision = await decide(lease, { ...stream, ...purpose }, now, parts);
  } catch (error) {
    parts.log.error({ recipientId: lease.recipientId, err: error }, "ledger not available");
    return later("ledger");
  }
  switch (decision.kind) {
    case "cleared":
      return decision;
    case "defer":
    case "hold": // policy/decide gives no hold for a recipient; should it ever, the message waits
      return later("papers", replyOf(decision));
    case "refuse":
      return {
        kind: "settled",
        settlement: await droppedSettlement(lease, decision, parts.contextFor(lease)),
      };
  }
}

async function decide(
  lease: Lease,
  stream: Stream,
  now: Date,
  { ledger, indexer }: JudgmentParts,
): Promise<ReturnType<typeof clear>> {
  const record = await ledger.lookUp({
    subject: lease.subject,
    domain: indexer.domain(lease.address.domain),
    sender: lease.sender,
    stream: lease.stream,
    topic: stream.topic,
    maxAges: stream.sender.maxAges,
    now,
  });
  return clear({ stream, ...record }, lease.recipientId, now);
}

function isOf(stream: Stream, purpose: Purpose): boolean {
  return stream.class === purpose.class && stream.topic === purpose.topic;
}

const freshMs = 2000; // preparing and connecting take less, as a rule; a slow peer must not outlast an opt-out

/** Whether a judgment is of this moment: otherwise it has to be asked for again before the message is offered. */
export function isFresh(cleared: Cleared, now: Date): boolean {
  return Math.abs(now.getTime() - cleared.decidedAt.getTime()) <= freshMs;
}
