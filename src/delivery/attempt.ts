// One try to hand over one recipient's copy: fresh facts, judgment, preparation, route, connection, transaction.
import type { ReplyClassifier } from "../feedback/reply-class.ts";
import type { Address } from "../mail/address.ts";
import { freeOctets } from "../mail/free-octets.ts";
import type { Cleared } from "../policy/decide.ts";
import type { Lease, QueueStore, Settlement } from "../queue/store.ts";
import { connectionDetail, resultDetail, type Used } from "./attempt-detail.ts";
import { classify, type Outcome } from "./classify.ts";
import type { Connection } from "./connect.ts";
import { isFresh, judge, type Judged, type JudgmentParts } from "./judgment.ts";
import { otherHosts } from "./other-hosts.ts";
import { mayBeThere, unsent, type NoHost, type Transaction } from "./outcome.ts";
import type { Pace, PaceResult } from "./pace/pace.ts";
import type { Acquired, Pool } from "./pool.ts";
import type { AtHand, Prepared, Preparer } from "./prepare.ts";
import { isStale, stateAfter } from "./reuse.ts";
import { wayOf, type Router } from "./route.ts";
import type { Timeouts } from "./settings.ts";
import { postponed, settlementOf, type AttemptEvidence } from "./settlement.ts";
import type { TlsDesk } from "./tls/tls-desk.ts";
import { transact, type Mail } from "./transact.ts";

export interface Attempted {
  readonly settlement: Settlement;
  /** What it means for the pace towards the destination's group. */
  readonly pace: PaceResult;
  /** To be called once the settlement is durable: only then may the connection carry the next message. */
  readonly release: () => void;
}

export interface AttemptParts extends JudgmentParts {
  readonly queue: Pick<QueueStore, "begin">;
  readonly owner: string;
  readonly preparer: Preparer;
  readonly router: Router;
  readonly pool: Pool;
  readonly tls: Pick<TlsDesk, "note">;
  readonly pacing: Pick<Pace, "learn" | "paused" | "places" | "messagesPerConnection">;
  /** The table of what replies mean, as one value: it may be exchanged behind this while delivery runs. */
  readonly classifier: ReplyClassifier;
  readonly perHostMax: number;
  readonly timeouts: Timeouts;
  /** MAIL FROM in place of the client's, so that returns come to the gateway; undefined: the client's own. */
  readonly returnPath?: (lease: Lease) => Address | undefined;
}

/** `atHand`: the content, where it is. Never throws: a fault of ours postpones the recipient and is logged. */
export async function attempt(
  lease: Lease,
  parts: AttemptParts,
  atHand?: AtHand,
): Promise<Attempted> {
  try {
    // Whatever ends the process from here on may be this copy's doing (threats.md row 49).
    if (lease.uncertain) await parts.queue.begin(parts.owner, lease.recipientId);
    const judged = await judge(lease, parts);
    if (judged.kind === "settled") return settled(judged.settlement);
    const prepared = await parts.preparer.prepare(lease, atHand);
    if (prepared.kind !== "ready") return await unprepared(lease, prepared, parts);
    const attempted = await handOver(lease, judged.cleared, prepared, parts);
    // Nobody else gets these octets, and a receiver that answers to the last of them has taken them all.
    if (atHand?.isShared === false && attempted.pace === "good")
      freeOctets(prepared.message.octets);
    return attempted;
  } catch (error) {
    parts.log.error({ recipientId: lease.recipientId, err: error }, "attempt failed by our fault");
    return settled(await postponed(lease, "storage", parts.contextFor(lease)));
  }
}

async function unprepared(
  lease: Lease,
  prepared: Exclude<Prepared, { kind: "ready" }>,
  parts: AttemptParts,
): Promise<Attempted> {
  const context = parts.contextFor(lease);
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
          pace: "none",
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
            pace: "none",
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
  const isTlsReport = lease.envelope.tlsReport === true;
  const route = await parts.router.route(lease.destination, isTlsReport);
  // A report about reports would be followed by one about it, day after day.
  const note = (acquired?: Acquired): void => {
    if (!isTlsReport) parts.tls.note(lease.destination, route, acquired);
  };
  if (route.kind !== "hosts") {
    note();
    return conclude(lease, route, undefined, parts);
  }
  parts.pacing.learn(lease.destination, wayOf(route));
  // The group may be known only now, or have been paused while this one was made ready.
  if (parts.pacing.paused(lease, performance.now()) !== undefined)
    return conclude(lease, { kind: "busy" }, undefined, parts);
  // A smarthost is the operator's own: its bound is that of all connections.
  const perHostMax = route.via === "mx" ? parts.perHostMax : Number.POSITIVE_INFINITY;
  const perConnection = parts.pacing.messagesPerConnection(lease.destination);
  const messagesMax = perConnection === undefined ? {} : { messagesMax: perConnection };
  const mail = mailOf(lease, prepared, parts);
  let { hosts } = route;
  const began = performance.now();
  let putOff: PutOff | undefined; // by the last host that put us off, while others are asked
  for (let fresh = false; ;) {
    const acquired = await parts.pool.acquire(hosts, { perHostMax, fresh, ...messagesMax });
    note(acquired);
    if (acquired.kind !== "connected")
      return putOff === undefined
        ? conclude(lease, acquired, undefined, parts)
        : concludeLate(lease, putOff, parts);
    const { connection, failures, passedOver } = acquired;
    const result = await run(lease, cleared, connection, mail, parts);
    if (result.kind === "settled") {
      parts.pool.release(connection, "clean");
      return settled(result.settlement);
    }
    if (acquired.reused && isStale(result, acquired.proven)) {
      // The peer had closed what we had kept open, or takes no more over it: it said nothing of this message. Once more, on a
      // new connection.
      parts.pool.release(connection, result.kind === "refused" ? "spent" : "broken");
      fresh = true;
      continue;
    }
    const used = {
      connection,
      reused: acquired.reused,
      signedBy: prepared.signedBy,
      replaced: mail.envelope !== lease.envelope,
    };
    if (result.kind === "accepted") return conclude(lease, result, used, parts);
    const outcome = outcomeOf(lease, result, connection, parts);
    const others = otherHosts(hosts, connection.host, result, outcome, putOff?.result);
    const late = result.kind !== "unfit" && performance.now() - began > othersMs;
    if (others.length === 0 || late)
      return concludeLast(lease, result, used, { failures, passedOver, putOff }, parts);
    parts.pool.release(connection, stateAfter(result));
    if (result.kind !== "unfit") putOff = { result, used };
    hosts = others;
    fresh = false;
  }
}

const othersMs = 300_000; // no further host is asked after this long: a lease must outlast its attempt

type ConnectedTo = Extract<Acquired, { readonly kind: "connected" }>;

interface PutOff {
  readonly result: Transaction;
  readonly used: UsedHost;
}

/** Nobody else is asked. A better host, which cannot be had now, may be fit later for what the last one is not. */
async function concludeLast(
  lease: Lease,
  result: Transaction,
  used: UsedHost,
  before: Pick<ConnectedTo, "failures" | "passedOver"> & { readonly putOff: PutOff | undefined },
  parts: AttemptParts,
): Promise<Attempted> {
  const { failures, passedOver, putOff } = before;
  const isBetter = putOff !== undefined || failures.length > 0 || passedOver;
  if (result.kind !== "unfit" || !isBetter) return conclude(lease, result, used, parts);
  parts.pool.release(used.connection, "clean");
  if (putOff !== undefined) return concludeLate(lease, putOff, parts);
  const none: NoHost = passedOver ? { kind: "busy" } : { kind: "unreachable", failures };
  return conclude(lease, none, undefined, parts);
}

/** The words of a host whose connection was given back already. */
async function concludeLate(
  lease: Lease,
  { result, used }: PutOff,
  parts: AttemptParts,
): Promise<Attempted> {
  return { ...(await conclude(lease, result, used, parts)), release: () => undefined };
}

function mailOf(
  lease: Lease,
  prepared: Extract<Prepared, { kind: "ready" }>,
  parts: AttemptParts,
): Mail {
  // Mail from `<>` and reports keep the null sender (RFC 5321 §4.5.5).
  const keepsOwn = lease.envelope.mailFrom === null || lease.notification;
  const returnPath = keepsOwn ? undefined : parts.returnPath?.(lease);
  return {
    recipientId: lease.recipientId,
    envelope:
      returnPath === undefined ? lease.envelope : { ...lease.envelope, mailFrom: returnPath },
    recipient: lease.address,
    message: prepared.message,
    ...(lease.dsn === undefined ? {} : { dsn: lease.dsn }),
  };
}

async function run(
  lease: Lease,
  cleared: Cleared,
  connection: Connection,
  mail: Mail,
  parts: AttemptParts,
): Promise<Transaction | Extract<Judged, { kind: "settled" }>> {
  try {
    // Finding a host that answers may have taken minutes: what was true before need not be true now.
    const judged: Judged = isFresh(cleared, parts.clock())
      ? { kind: "cleared", cleared }
      : await judge(lease, parts);
    return judged.kind === "settled"
      ? judged
      : await transact(judged.cleared, connection, mail, parts.timeouts);
  } catch (error) {
    parts.pool.release(connection, "broken");
    throw error;
  }
}

/** `replaced`: a return path of ours stood in place of the client's MAIL FROM. */
type UsedHost = Used & { readonly replaced: boolean };

function outcomeOf(
  lease: Lease,
  result: Transaction | NoHost,
  connection: Connection | undefined,
  { classifier }: AttemptParts,
): Outcome {
  const { domain } = lease.address;
  return classify(
    result,
    connection === undefined ? { domain } : { domain, host: connection.host.name },
    classifier,
  );
}

async function conclude(
  lease: Lease,
  result: Transaction | NoHost,
  used: UsedHost | undefined,
  parts: AttemptParts,
): Promise<Attempted> {
  const host = used?.connection.host.name;
  const outcome = outcomeOf(lease, result, used?.connection, parts);
  const release = (): void => {
    if (used !== undefined) parts.pool.release(used.connection, stateAfter(result));
  };
  const context = parts.contextFor(lease);
  if (outcome.kind === "busy")
    return { settlement: await postponed(lease, "busy", context), pace: "unsent", release };
  const evidence: AttemptEvidence = {
    detail: { ...(used === undefined ? {} : connectionDetail(used)), ...resultDetail(result) },
    ...(host === undefined ? {} : { remoteHost: host }),
    ...(used?.connection.extensions.dsn === true ? { peerReports: true } : {}),
    ...(used?.replaced === true && mayBeThere(result) && lease.envelope.mailFrom !== null
      ? { replacedMailFrom: lease.envelope.mailFrom.text }
      : {}),
  };
  return {
    settlement: await settlementOf(lease, outcome, evidence, context),
    pace: outcome.kind === "delivered" ? "good" : unsent(result) ? "unsent" : outcome.pace,
    release,
  };
}

function settled(settlement: Settlement): Attempted {
  return { settlement, pace: "unsent", release: () => undefined };
}
