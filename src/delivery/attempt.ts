// One try to hand over one recipient's copy: fresh facts, judgment, preparation, route, connection, transaction.
import type { Indexer } from "../consent/address-index.ts";
import type { Ledger } from "../consent/ledger.ts";
import { clear, clearNotification, type Cleared } from "../policy/decide.ts";
import type { Stream } from "../policy/stream.ts";
import type { Lease, QueueStore, Settlement } from "../queue/store.ts";
import { connectionDetail, resultDetail } from "./attempt-detail.ts";
import { classify, type Outcome } from "./classify.ts";
import type { Connection } from "./connect.ts";
import type { Log } from "./log.ts";
import type { NoHost, Transaction } from "./outcome.ts";
import type { Pool } from "./pool.ts";
import type { Prepared, Preparer } from "./prepare.ts";
import type { Router } from "./route.ts";
import type { Timeouts } from "./settings.ts";
import {
  droppedSettlement,
  postponed,
  settlementOf,
  type AttemptEvidence,
  type SettlementContext,
} from "./settlement.ts";
import { transact, type Mail } from "./transact.ts";

export interface Attempted {
  readonly settlement: Settlement;
  /** What it says about the destination: it takes mail, or it is in trouble. */
  readonly omen: "good" | "bad" | "none";
  /** To be called once the settlement is durable: only then may the connection carry the next message. */
  readonly release: () => void;
}

export interface AttemptParts {
  readonly queue: Pick<QueueStore, "content">;
  readonly ledger: Pick<Ledger, "lookUp">;
  readonly indexer: Indexer;
  /** undefined: no such stream is configured any more. */
  readonly stream: (id: string) => Stream | undefined;
  readonly preparer: Preparer;
  readonly router: Router;
  readonly pool: Pool;
  readonly perHostMax: number;
  readonly timeouts: Timeouts;
  readonly clock: () => Date;
  readonly context: (now: Date) => Omit<SettlementContext, "content">;
  readonly log: Log;
}

/** Never throws: a fault of ours postpones the recipient and is logged. */
export async function attempt(lease: Lease, parts: AttemptParts): Promise<Attempted> {
  try {
    const judged = await judge(lease, parts);
    if (judged.kind === "settled") return settled(judged.settlement);
    const prepared = await parts.preparer.prepare(lease);
    if (prepared.kind !== "ready") return await unprepared(lease, prepared, parts);
    return await handOver(lease, judged.cleared, prepared, parts);
  } catch (error) {
    parts.log.error({ recipientId: lease.recipientId, err: error }, "attempt failed by our fault");
    return settled(await postponed(lease, "storage", contextOf(lease, parts)));
  }
}

type Judged =
  | { readonly kind: "cleared"; readonly cleared: Cleared }
  | { readonly kind: "settled"; readonly settlement: Settlement };

/** The same question as at RCPT, from facts read now (design.md invariants 2 and 4). */
async function judge(lease: Lease, parts: AttemptParts): Promise<Judged> {
  const now = parts.clock();
  if (lease.notification)
    return { kind: "cleared", cleared: clearNotification(lease.recipientId, now) };
  const later = async (why: "ledger" | "stream"): Promise<Judged> => ({
    kind: "settled",
    settlement: await postponed(lease, why, contextOf(lease, parts)),
  });
  const stream = parts.stream(lease.stream);
  if (stream === undefined) {
    parts.log.error({ recipientId: lease.recipientId, stream: lease.stream }, "stream unknown");
    return later("stream");
  }
  let record: Awaited<ReturnType<Ledger["lookUp"]>>;
  try {
    record = await parts.ledger.lookUp({
      subject: lease.subject,
      domain: parts.indexer.domain(lease.address.domain),
      sender: lease.sender,
      stream: lease.stream,
      topic: stream.topic,
      now,
    });
  } catch (error) {
    parts.log.error({ recipientId: lease.recipientId, err: error }, "ledger not available");
    return later("ledger");
  }
  const decision = clear({ stream, ...record }, lease.recipientId, now);
  switch (decision.kind) {
    case "cleared":
      return decision;
    case "defer":
    case "hold": // policy/decide gives neither for a recipient; should it ever, the message waits
      return later("stream");
    case "refuse":
      return {
        kind: "settled",
        settlement: await droppedSettlement(lease, decision, contextOf(lease, parts)),
      };
  }
}

async function unprepared(
  lease: Lease,
  prepared: Exclude<Prepared, { kind: "ready" }>,
  parts: AttemptParts,
): Promise<Attempted> {
  const context = contextOf(lease, parts);
  const ids = { messageId: lease.messageId, recipientId: lease.recipientId };
  const failed = async (text: string, enhanced: string): Promise<Attempted> =>
    settled(
      await settlementOf(
        lease,
        {
          kind: "failed",
          class: "unfit",
          reply: { code: 554, enhanced, text },
          unknownUser: false,
        },
        { detail: {} },
        context,
      ),
    );
  switch (prepared.kind) {
    case "unsigned":
      parts.log.error({ ...ids, problem: prepared.detail }, "message cannot be signed");
      return settled(
        await settlementOf(
          lease,
          {
            kind: "deferred",
            class: "unfit",
            reply: { code: 451, enhanced: "4.7.5", text: `not signed: ${prepared.detail}` },
            uncertain: false,
          },
          { detail: {}, reason: "signing-failed" },
          context,
        ),
      );
    case "unsendable":
      parts.log.error({ ...ids, problem: prepared.problem }, "message cannot be sent as stored");
      return failed(`the message ${prepared.problem}`, "5.6.0");
    case "missing":
      parts.log.error(ids, "content of a queued message is missing");
      return failed("the gateway has lost the content of the message", "5.3.0");
  }
}

async function handOver(
  lease: Lease,
  cleared: Cleared,
  prepared: Extract<Prepared, { kind: "ready" }>,
  parts: AttemptParts,
): Promise<Attempted> {
  const mail = {
    recipientId: lease.recipientId,
    envelope: lease.envelope,
    recipient: lease.address,
    ...(lease.dsn === undefined ? {} : { dsn: lease.dsn }),
    message: prepared.message,
  };
  const route = await parts.router.route(lease.destination);
  if (route.kind === "no-route") return conclude(lease, route, undefined, parts);
  // A smarthost is the operator's own: its bound is that of all connections.
  const perHostMax = route.via === "mx" ? parts.perHostMax : Number.POSITIVE_INFINITY;
  let acquired = await parts.pool.acquire(route.hosts, { perHostMax });
  if (acquired.kind !== "connected") return conclude(lease, acquired, undefined, parts);
  let result = await run(cleared, acquired.connection, mail, parts);
  if (acquired.reused && isStale(result)) {
    // The peer had closed what we had kept open: nothing was said about this message yet.
    parts.pool.release(acquired.connection, "broken");
    acquired = await parts.pool.acquire(route.hosts, { perHostMax, fresh: true });
    if (acquired.kind !== "connected") return conclude(lease, acquired, undefined, parts);
    result = await run(cleared, acquired.connection, mail, parts);
  }
  return conclude(lease, result, { ...acquired }, parts);
}

async function run(
  cleared: Cleared,
  connection: Connection,
  mail: Mail,
  parts: AttemptParts,
): Promise<Transaction> {
  try {
    return await transact(cleared, connection, mail, parts.timeouts);
  } catch (error) {
    parts.pool.release(connection, "broken");
    throw error;
  }
}

function isStale(result: Transaction): boolean {
  return (
    (result.kind === "lost" && result.phase === "mail" && result.loss === "closed") ||
    (result.kind === "refused" && result.phase === "mail" && result.reply.code === 421)
  );
}

async function conclude(
  lease: Lease,
  result: Transaction | NoHost,
  used: { readonly connection: Connection; readonly reused: boolean } | undefined,
  parts: AttemptParts,
): Promise<Attempted> {
  const host = used?.connection.host.name;
  const outcome = classify(result, {
    domain: lease.address.domain,
    ...(host === undefined ? {} : { host }),
  });
  const release = (): void => {
    if (used !== undefined) parts.pool.release(used.connection, stateAfter(result));
  };
  const context = contextOf(lease, parts);
  if (outcome.kind === "busy")
    return { settlement: await postponed(lease, "busy", context), omen: "none", release };
  const evidence: AttemptEvidence = {
    detail: { ...resultDetail(result), ...(used === undefined ? {} : connectionDetail(used)) },
    ...(host === undefined ? {} : { remoteHost: host }),
  };
  return {
    settlement: await settlementOf(lease, outcome, evidence, context),
    omen: omenOf(outcome),
    release,
  };
}

function stateAfter(result: Transaction | NoHost): "clean" | "refused" | "broken" {
  if (result.kind === "accepted" || result.kind === "unfit") return "clean";
  return result.kind === "refused" && result.reply.code !== 421 && result.phase !== "body"
    ? "refused"
    : "broken";
}

function omenOf(outcome: Exclude<Outcome, { kind: "busy" }>): Attempted["omen"] {
  if (outcome.kind === "delivered") return "good";
  if (outcome.kind === "failed") return "none";
  return ["connection", "tls", "rate", "reputation"].includes(outcome.class) ? "bad" : "none";
}

function contextOf(lease: Lease, parts: AttemptParts): SettlementContext {
  return {
    ...parts.context(parts.clock()),
    // A report without the message's header is better than none.
    content: () => parts.queue.content(lease.messageId).catch(() => undefined),
  };
}

function settled(settlement: Settlement): Attempted {
  return { settlement, omen: "none", release: () => undefined };
}
