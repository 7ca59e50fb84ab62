// The JSON Schema of an audit event as audit/show-event.ts prints it.
import Type from "typebox";

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
