// Turns the outcome of one attempt into what the queue records: next state, audit event, lesson for the ledger, report.
import type { AuditDraft, Detail, EventType } from "../audit/event.ts";
import type { AddressIndex } from "../consent/address-index.ts";
import type { EarlierBounces } from "../feedback/earlier-bounces.ts";
import type { Address } from "../mail/address.ts";
import type { Decision } from "../policy/decide.ts";
import { reasons, type Reason } from "../policy/reasons.ts";
import type { Reply } from "../mail/reply.ts";
import { nextAttempt, type RetryPlan } from "../queue/retry.ts";
import type { Lease, Settlement } from "../queue/store.ts";
import type { Outcome } from "./classify.ts";
import { lessonOf, type Failure } from "./lesson.ts";
import { dueDelayNotice, dueReport, type Owed } from "./due-report.ts";
import type { ReportKind } from "./report.ts";

type FinalSettlement = Extract<Settlement, { readonly kind: "failed" | "expired" | "dropped" }>;

export interface SettlementContext {
  readonly plan: RetryPlan;
  /** From reception; 0: nobody is told of delays. */
  readonly delayNoticeSeconds: number;
  /** Takes one of the reports that the sender may still get in this hour; false: none is left. */
  readonly mayReport: (sender: string) => boolean;
  /** Recipients of whose delay was told: kept from one attempt to the next. */
  readonly delayTold: Set<string>;
  readonly hostname: string;
  readonly language: "ja" | "en";
  readonly now: Date;
  /** In [0, 1). */
  readonly random: number;
  /** Makes the name of a report, should one be due. */
  readonly reportId: () => string;
  readonly subject: (address: Address) => AddressIndex;
  readonly earlierBounces?: EarlierBounces;
  /** The stored content, read only where a report is due; undefined where it is gone. */
  readonly content: () => Promise<Buffer | undefined>;
}

type Judgment = Pick<Exclude<Decision, { readonly kind: "accept" }>, "reason" | "detail">;

/** What is known of the attempt beside its outcome: host, TLS, phase. */
export interface AttemptEvidence {
  readonly detail: Detail;
  readonly remoteHost?: string;
  readonly reason?: Reason;
  /** The client's MAIL FROM, where a return path of ours left in its place: what comes back goes on there. */
  readonly replacedMailFrom?: string;
  /** The host that took it offers DSN, and will report by itself (RFC 3461 §5.2.2). */
  readonly peerReports?: boolean;
}

const uncertainDelayMaxSeconds = 3600;
const uncountedDelaySeconds = 60;
const busyDelaySeconds = 5;

export function settlementOf(
  lease: Lease,
  outcome: Exclude<Outcome, { kind: "busy" }>,
  evidence: AttemptEvidence,
  context: SettlementContext,
): Promise<Settlement> {
  switch (outcome.kind) {
    case "delivered":
      return delivered(lease, outcome.reply, evidence, context);
    case "deferred":
      return deferral(lease, outcome, evidence, context);
    case "failed":
      return failure(lease, outcome, evidence, context);
  }
}

async function delivered(
  lease: Lease,
  reply: Reply,
  evidence: AttemptEvidence,
  context: SettlementContext,
): Promise<Settlement> {
  const owed =
    evidence.peerReports === true
      ? {}
      : await dueReport("relayed", lease, reply, context, evidence.remoteHost);
  return {
    kind: "delivered",
    recipientId: lease.recipientId,
    reply,
    event: event("Delivery", lease, context, reply, withReport(evidence, owed)),
    ...(owed.report === undefined ? {} : { report: owed.report }),
  };
}

/** The ledger's fresh answer was no: the recipient is taken out, and the sender is told. */
export function droppedSettlement(
  lease: Lease,
  decision: Judgment,
  context: SettlementContext,
): Promise<Settlement> {
  const evidence = { ...noEvidence, reason: decision.reason };
  return final("dropped", "Dropped", lease, replyOf(decision), evidence, context);
}

/** What the client would be told, were it there to be told. */
export function replyOf({ reason, detail }: Judgment): Reply {
  const { code, enhanced, text } = reasons[reason];
  const words = detail === undefined ? text.en : `${text.en}: ${detail}`;
  return { code, enhanced, text: `${reason}: ${words}` };
}

/** No attempt could be made, and not for the recipient's sake: due again soon, and not counted. `reply`: what it waits for. */
export async function postponed(
  lease: Lease,
  why: "ledger" | "storage" | "stream" | "papers" | "busy" | "given-back",
  context: SettlementContext,
  reply?: Reply,
): Promise<Settlement> {
  const due = (inSeconds: number): Settlement => ({
    kind: "deferred",
    recipientId: lease.recipientId,
    nextAttemptAt: new Date(context.now.getTime() + inSeconds * 1000),
    ...(reply === undefined ? {} : { reply }),
    counted: false,
  });
  if (why === "given-back") return due(0);
  const delay = why === "busy" ? busyDelaySeconds : uncountedDelaySeconds;
  const seconds = delay * (1 + context.random);
  if (!isTooOld(lease, context, seconds)) return due(seconds);
  const text = reply === undefined ? expiredReply.text : `${expiredReply.text}: ${reply.text}`;
  return expiration(lease, { ...expiredReply, text }, noEvidence, context);
}

/** It waited for its turn for longer than it may. */
export function overdueSettlement(lease: Lease, context: SettlementContext): Promise<Settlement> {
  return expiration(lease, expiredReply, noEvidence, context);
}

const noEvidence: AttemptEvidence = { detail: {} };
const expiredReply: Reply = {
  code: reasons.expired.code,
  enhanced: reasons.expired.enhanced,
  text: reasons.expired.text.en,
};

async function failure(
  lease: Lease,
  outcome: Extract<Outcome, { kind: "failed" }>,
  evidence: AttemptEvidence,
  context: SettlementContext,
): Promise<Settlement> {
  const known = withClass(evidence, outcome);
  return {
    ...(await final("failed", "Bounce", lease, outcome.reply, known, context)),
    ...(await lesson(lease, outcome, context)),
  };
}

async function deferral(
  lease: Lease,
  outcome: Extract<Outcome, { kind: "deferred" }>,
  evidence: AttemptEvidence,
  context: SettlementContext,
): Promise<Settlement> {
  const known = withClass(evidence, outcome);
  if (outcome.uncertain && lease.uncertain)
    // Twice the end of the message was sent and nothing came back: a third copy would help nobody.
    return final("failed", "Bounce", lease, outcome.reply, known, context, "uncertain");
  const scheduled = nextAttempt(context.plan, {
    attempts: lease.attempts + 1,
    receivedAt: lease.receivedAt,
    now: context.now,
    random: context.random,
  });
  if (scheduled === undefined) {
    const { class: outcomeClass, reply } = outcome;
    const failure = { class: outcomeClass, reply, unknownUser: false };
    return {
      ...(await expiration(lease, reply, known, context)),
      // Name servers that did not answer in all that time say nothing of the address.
      ...(outcomeClass === "routing" ? {} : await lesson(lease, failure, context)),
    };
  }
  const next = outcome.uncertain ? lateOf(scheduled, context) : scheduled;
  const owed = await dueDelayNotice(lease, next, outcome.reply, context, evidence.remoteHost);
  const detail = {
    ...known.detail,
    nextAttemptAt: next.toISOString(),
    ...(outcome.uncertain ? { uncertain: true } : {}),
    ...(owed.beyondCap === true ? { reportBeyondCap: true } : {}),
  };
  return {
    kind: "deferred",
    recipientId: lease.recipientId,
    nextAttemptAt: next,
    reply: outcome.reply,
    counted: true,
    ...(outcome.uncertain ? { uncertain: true } : {}),
    event: event("TransientFailure", lease, context, outcome.reply, { ...known, detail }),
    ...(owed.report === undefined ? {} : { report: owed.report }),
  };
}

/** What may have arrived is sent again late: at the schedule's longest delay, an hour at most (RFC 1047). */
function lateOf(scheduled: Date, context: SettlementContext): Date {
  const seconds = Math.min(Math.max(...context.plan.scheduleSeconds), uncertainDelayMaxSeconds);
  return new Date(Math.max(scheduled.getTime(), context.now.getTime() + seconds * 1000));
}

function isTooOld(lease: Lease, context: SettlementContext, delaySeconds: number): boolean {
  const age = (context.now.getTime() - lease.receivedAt.getTime()) / 1000;
  return age + delaySeconds > context.plan.maxAgeSeconds;
}

function expiration(
  lease: Lease,
  reply: Reply,
  evidence: AttemptEvidence,
  context: SettlementContext,
): Promise<FinalSettlement> {
  return final("expired", "Expiration", lease, reply, { ...evidence, reason: "expired" }, context);
}

async function final(
  kind: "failed" | "expired" | "dropped",
  type: EventType,
  lease: Lease,
  reply: Reply,
  evidence: AttemptEvidence,
  context: SettlementContext,
  reportKind: ReportKind = kind,
): Promise<FinalSettlement> {
  const owed = await dueReport(reportKind, lease, reply, context, evidence.remoteHost);
  const known = withReport(evidence, owed);
  return {
    kind,
    recipientId: lease.recipientId,
    reply,
    event: event(type, lease, context, reply, {
      ...known,
      detail: { ...known.detail, ...(reportKind === "uncertain" ? { uncertain: true } : {}) },
    }),
    ...(owed.report === undefined ? {} : { report: owed.report }),
  };
}

function withReport(evidence: AttemptEvidence, owed: Owed): AttemptEvidence {
  const { report, beyondCap } = owed;
  if (report === undefined && beyondCap === undefined) return evidence;
  return {
    ...evidence,
    detail: {
      ...evidence.detail,
      ...(report === undefined ? { reportBeyondCap: true } : { report: report.message.messageId }),
    },
  };
}

function event(
  type: EventType,
  lease: Lease,
  context: SettlementContext,
  reply: Reply,
  evidence: AttemptEvidence,
): AuditDraft {
  return {
    type,
    at: context.now,
    messageId: lease.messageId,
    recipientId: lease.recipientId,
    stream: lease.stream,
    sender: lease.sender,
    subject: lease.subject,
    reply,
    actor: "gateway",
    detail: { ...evidence.detail, attempt: lease.attempts + 1 },
    ...(evidence.reason === undefined ? {} : { reason: evidence.reason }),
    // It may name the recipient (VERP of the client's own): sealed with that person's key.
    ...(evidence.replacedMailFrom === undefined
      ? {}
      : { personal: { mailFrom: evidence.replacedMailFrom } }),
  };
}

function withClass(
  evidence: AttemptEvidence,
  outcome: { readonly class: string },
): AttemptEvidence {
  return { ...evidence, detail: { ...evidence.detail, class: outcome.class } };
}

/** The remote's words stay in the event, where they can be erased. */
async function lesson(
  lease: Lease,
  failure: Failure,
  context: SettlementContext,
): Promise<Pick<FinalSettlement, "suppress">> {
  const suppression = await lessonOf(lease, failure, context);
  return suppression === undefined ? {} : { suppress: { target: lease.address, suppression } };
}
