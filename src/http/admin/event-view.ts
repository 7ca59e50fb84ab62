// An audit event as JSON: the same fields as `sekisho log search --json`.
import Type from "typebox";

import type { AuditEvent } from "../../audit/event.ts";
import { formatReply } from "../../mail/reply.ts";
import { orNull, time } from "../fields.ts";

export const eventSchema = Type.Object({
  type: Type.String(),
  at: time("When it happened."),
  messageId: orNull("The gateway's own id of the message."),
  stream: orNull("Stream."),
  sender: orNull("Sender."),
  recipient: orNull("The address; null where there is none or the person was erased."),
  reason: orNull("Why not: a name of docs/replies.md."),
  reply: orNull("What we answered, or the remote's own words."),
  recipientId: Type.Optional(Type.String()),
  actor: Type.Optional(Type.String()),
  detail: Type.Optional(Type.Object({}, { additionalProperties: true })),
  personal: Type.Optional(Type.Object({}, { additionalProperties: true })),
  sequence: Type.Integer(),
  chain: Type.String(),
});

export function showEvent(event: AuditEvent): object {
  const { reply, subject: _subject, messageId, stream, sender, recipient, reason, ...rest } = event;
  return {
    ...rest,
    messageId: messageId ?? null,
    stream: stream ?? null,
    sender: sender ?? null,
    recipient: recipient ?? null,
    reason: reason ?? null,
    reply: reply === undefined ? null : formatReply(reply),
  };
}
