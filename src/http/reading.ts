// Records that personal data was read, before it is shown: no record, no data.
import type { FastifyRequest } from "fastify";

import type { AddressIndex } from "../consent/address-index.ts";
import { actorOf } from "./fields.ts";
import type { HttpParts } from "./parts.ts";

/** `what` names the list; `subject` the one person asked about; `count` how many were shown. Throws where storage does. */
export async function recordReading(
  parts: Pick<HttpParts, "audit" | "clock">,
  request: FastifyRequest,
  reading: {
    readonly what: string;
    readonly subject?: AddressIndex;
    readonly messageId?: string;
    readonly count: number;
  },
): Promise<void> {
  const { what, count, subject, messageId } = reading;
  await parts.audit.append([
    {
      type: subject === undefined && messageId === undefined ? "Export" : "Operation",
      at: parts.clock(),
      actor: actorOf(request),
      ...(subject === undefined ? {} : { subject }),
      ...(messageId === undefined ? {} : { messageId }),
      detail: { change: "read", what, count, from: request.ip, requestId: request.id },
    },
  ]);
}
