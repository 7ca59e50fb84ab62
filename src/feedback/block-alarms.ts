// Tells the operator that a receiver refuses us (policy, spam, rate, authentication), that mail finds no way out, which our
// own settings may be to blame for, or that it cannot be signed: once an hour for each receiver, or From domain, and reason.
import type { AuditDraft } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import type { Lease, Settlement } from "../queue/store.ts";
import { isBounceReason } from "./bounce-reason.ts";
import { createHourlyQuota } from "./hourly-quota.ts";
import { alarmingReasons, refusesUs } from "./learn.ts";
import type { PaceAction } from "./reply-rules.ts";

export interface BlockAlarmParts {
  readonly audit: Pick<AuditLog, "append">;
  readonly clock: () => Date;
  /** Told of each alarm once it is recorded. */
  readonly raised: (alarm: AuditDraft) => void;
  /** The attempt itself is recorded already: a lost alarm is told here and nowhere else. */
  readonly lost: (cause: unknown) => void;
}

const noWay = "mail finds no way: delivery.routes or delivery.allow_private may be wrong";

const unsigned = "mail cannot be signed and waits: sekisho keys list, and the files in keys_dir";

/** undefined: nothing that an operator must look at. */
function whatOf(reason: string, pace: string): string | undefined {
  if (reason === "signing-failed") return unsigned;
  if (reason === "no-route") return noWay;
  // Greylisting, a recipient who gets too much mail: it asks nothing of our pace, and is about this copy alone.
  if (reason === "rate" && pace === "none") return undefined;
  return isBounceReason(reason) && alarmingReasons.has(reason) ? refusesUs : undefined;
}

/** As delivery tells of settlements, and of what each asks of its pace: never throws, and waits for nothing. */
export function createBlockAlarms(
  parts: BlockAlarmParts,
): (settlement: Settlement, lease: Lease, pace: PaceAction | "good" | "unsent") => void {
  const isFirst = createHourlyQuota(1);
  return (settlement, lease, pace) => {
    const { event } = settlement;
    const reason = event?.reason === "signing-failed" ? event.reason : event?.detail?.["class"];
    if (settlement.kind === "delivered" || typeof reason !== "string") return;
    const what = whatOf(reason, pace);
    if (what === undefined) return;
    const at = parts.clock();
    const who = what === noWay ? "" : lease.sender;
    const about =
      what === unsigned ? { domain: lease.fromDomain } : { destination: lease.destination };
    if (!isFirst(`${Object.values(about).join()} ${who} ${reason}`, at)) return;
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
      detail: { what, reason, ...about },
    };
    parts.audit.append([alarm]).then(() => {
      parts.raised(alarm);
    }, parts.lost);
  };
}
