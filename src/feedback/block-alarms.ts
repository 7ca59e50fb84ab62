// Tells the operator that a receiver refuses us (policy, spam, rate, authentication): once an hour for each and its reason.
import type { AuditDraft } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import type { Lease, Settlement } from "../queue/store.ts";
import { isBounceReason } from "./bounce-reason.ts";
import { createHourlyQuota } from "./hourly-quota.ts";
import { alarmingReasons, refusesUs } from "./learn.ts";

export interface BlockAlarmParts {
  readonly audit: Pick<AuditLog, "append">;
  readonly clock: () => Date;
  /** The attempt itself is recorded already: a lost alarm is told here and nowhere else. */
  readonly lost: (cause: unknown) => void;
}

/** As delivery tells of settlements: never throws, and waits for nothing. */
export function createBlockAlarms(
  parts: BlockAlarmParts,
): (settlement: Settlement, lease: Lease) => void {
  const isFirst = createHourlyQuota(1);
  return (settlement, lease) => {
    const reason = settlement.event?.detail?.["class"];
    if (settlement.kind === "delivered" || typeof reason !== "string") return;
    if (!isBounceReason(reason) || !alarmingReasons.has(reason)) return;
    const at = parts.clock();
    if (!isFirst(`${lease.destination} ${lease.sender} ${reason}`, at)) return;
    const alarm: AuditDraft = {
      type: "Alarm",
      at,
      messageId: lease.messageId,
      recipientId: lease.recipientId,
      stream: lease.stream,
      sender: lease.sender,
      subject: lease.subject,
      ...(settlement.reply === undefined ? {} : { reply: settlement.reply }),
      actor: "gateway",
      detail: { what: refusesUs, reason, destination: lease.destination },
    };
    parts.audit.append([alarm]).catch(parts.lost);
  };
}
