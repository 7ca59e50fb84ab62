// An audit event as people and programs read it: one JSON object, the same from the command line and over HTTP.
import { formatReply } from "../mail/reply.ts";
import type { AuditEvent } from "./event.ts";

export interface ShownEvent {
  readonly type: string;
  /** RFC 3339. */
  readonly at: string;
  readonly messageId: string | null;
  readonly stream: string | null;
  readonly sender: string | null;
  /** The readable address; null where there is none or the person was erased. */
  readonly recipient: string | null;
  readonly reason: string | null;
  /** As it went over the wire: code, enhanced code, text. */
  readonly reply: string | null;
}

/** Absent things are null; the keyed index of the person stays inside. */
export function showEvent(event: AuditEvent): ShownEvent {
  const {
    reply,
    subject: _subject,
    type,
    at,
    messageId,
    stream,
    sender,
    recipient,
    reason,
    ...rest
  } = event;
  return {
    type,
    at: at.toISOString(),
    messageId: messageId ?? null,
    stream: stream ?? null,
    sender: sender ?? null,
    recipient: recipient ?? null,
    reason: reason ?? null,
    reply: reply === undefined ? null : formatReply(reply),
    ...rest,
  };
}
