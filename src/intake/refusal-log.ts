// Writes what clients were refused to the audit log: in batches beside the dialogue, and without losing one.
//
// A refusal at RCPT is answered at once; its event follows in the next batch, and the end of the transaction (the reply
// behind DATA) waits until all of its batches are durable. A transaction that never gets there (RSET, a client gone)
// leaves its events in the queue, from where they are written all the same. While writing fails they are kept and tried
// again, and `healthy` is false: intake then begins no transaction, so the queue cannot grow without limit. What a power
// cut can take is the events of one batch in flight, never a message and never a refusal behind DATA.
import type { AuditDraft } from "../audit/event.ts";
import type { AuditLog } from "../audit/log.ts";
import type { IntakeLog } from "./parts.ts";

const waitingMax = 10_000; // some 5 MB; only reached while the audit log cannot be written
const batchMax = 500;
const retryMilliseconds = 1000;

export interface RefusalLog extends AsyncDisposable {
  /** Queues one event; false where the queue is full: the caller must then defer instead of refusing. */
  readonly note: (event: AuditDraft) => boolean;
  /** Resolves once everything noted before the call is durable; rejects when writing it failed. */
  readonly flushed: () => Promise<void>;
  /** False while writing fails. */
  readonly healthy: () => boolean;
}

export function createRefusalLog(audit: Pick<AuditLog, "append">, log: IntakeLog): RefusalLog {
  const waiting: AuditDraft[] = [];
  let writing: Promise<void> | undefined;
  let failing = false;
  let retry: NodeJS.Timeout | undefined;
  let noted = 0;
  let durable = 0;

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchMax);
      await audit.append(batch);
      waiting.splice(0, batch.length);
      durable += batch.length;
      failing = false;
    }
  };
  const start = (): Promise<void> => {
    clearTimeout(retry);
    writing ??= writeAll()
      .catch((cause: unknown) => {
        if (!failing) log.error({ err: cause, waiting: waiting.length }, "audit log not writable");
        failing = true;
        retry = setTimeout(() => void start().catch(() => undefined), retryMilliseconds);
        retry.unref();
        throw cause;
      })
      .finally(() => (writing = undefined));
    return writing;
  };
  return {
    note: (event) => {
      if (waiting.length >= waitingMax) return false;
      waiting.push(event);
      noted += 1;
      // In the next turn, so that a pipelined group of RCPTs makes one batch.
      if (writing === undefined) setImmediate(() => void start().catch(() => undefined));
      return true;
    },
    flushed: async () => {
      const target = noted;
      while (durable < target) await start();
    },
    healthy: () => !failing,
    [Symbol.asyncDispose]: async () => {
      clearTimeout(retry);
      await start().catch((cause: unknown) => {
        log.error({ err: cause, lost: waiting.length }, "refusals not written to the audit log");
      });
      clearTimeout(retry);
    },
  };
}
