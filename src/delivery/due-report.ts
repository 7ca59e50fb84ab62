// The report that an outcome owes to the sender, ready for the commit that records the outcome; bounded for each sender.
import type { AuditDraft } from "../audit/event.ts";
import type { Reply } from "../mail/reply.ts";
import type { Lease } from "../queue/store.ts";
import { isReportDue, writeReport, type Report, type ReportKind } from "./report.ts";
import type { SettlementContext } from "./settlement.ts";

export type DueReport = Report & { readonly event: AuditDraft };

/** `beyondCap`: one was due, and the sender has had as many as an hour may bring (threats.md row 53). */
export interface Owed {
  readonly report?: DueReport;
  readonly beyondCap?: true;
}

export async function dueReport(
  kind: ReportKind,
  lease: Lease,
  reply: Reply,
  context: SettlementContext,
  remoteHost?: string,
): Promise<Owed> {
  if (!isReportDue(lease, kind)) return {};
  if (!context.mayReport(lease.sender)) return { beyondCap: true };
  const report = writeReport({
    lease,
    kind,
    reply,
    ...(remoteHost === undefined ? {} : { remoteHost }),
    content: await context.content(),
    hostname: context.hostname,
    language: context.language,
    now: context.now,
    messageId: context.reportId(),
    subject: context.subject,
    giveUpAt: new Date(lease.receivedAt.getTime() + context.plan.maxAgeSeconds * 1000),
  });
  if (report === undefined) return {};
  return {
    report: {
      ...report,
      event: {
        type: "Report",
        at: context.now,
        messageId: report.message.messageId,
        recipientId: report.recipient.recipientId,
        stream: lease.stream,
        sender: lease.sender,
        subject: report.recipient.subject,
        actor: "gateway",
        detail: { about: lease.recipientId, kind },
      },
    },
  };
}

/** For so long behind its time a notice is still given. */
export const noticeWindowMs = 36_000_000; // less than the day for which the store knows a notice again, schedule's gaps included

/** Of one copy there is one notice: a further one, which the store would drop, must not be one of those that the hour has. */
export async function dueDelayNotice(
  lease: Lease,
  nextAttemptAt: Date,
  reply: Reply,
  context: SettlementContext,
  remoteHost?: string,
): Promise<Owed> {
  const { delayTold } = context;
  if (!isDelayNoticeDue(lease, nextAttemptAt, context) || delayTold.has(lease.recipientId))
    return {};
  const owed = await dueReport("delayed", lease, reply, context, remoteHost);
  if (owed.report === undefined) return owed;
  delayTold.add(lease.recipientId);
  for (const oldest of delayTold) {
    if (delayTold.size <= toldMax) break;
    delayTold.delete(oldest);
  }
  return owed;
}

const toldMax = 100_000; // recipients' ids, some 10 MB; of those forgotten here the store knows the notice

/**
 * Whether this deferral is the one to tell of: the copy has waited for as long as the operator set, or will have by its
 * next attempt. The store knows a notice again for a day (its fingerprint), so a second one is dropped there.
 */
function isDelayNoticeDue(lease: Lease, nextAttemptAt: Date, context: SettlementContext): boolean {
  if (context.delayNoticeSeconds <= 0) return false;
  const from = lease.receivedAt.getTime() + context.delayNoticeSeconds * 1000;
  const now = context.now.getTime();
  return nextAttemptAt.getTime() >= from && now < from + noticeWindowMs;
}
