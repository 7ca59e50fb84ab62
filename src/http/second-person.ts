// Asks for a second person where a sender's settings say so: the act is stored, and done once somebody else approves it.
import { randomUUID } from "node:crypto";

import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import type { AskedAct } from "../queue/approval.ts";
import { actOf, actorOf, time } from "./fields.ts";
import type { HttpParts } from "./parts.ts";

/** Answer of a route whose act waits for a second person. */
export const askedSchema = Type.Object({
  approval: Type.String({ description: "Id of the request: see /v1/approvals/{id}." }),
  state: Type.String({ description: "open: it waits." }),
  expiresAt: time("Until when it can be approved."),
});

/** Stores the request and answers 202 with its id. */
export async function ask(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: { readonly act: AskedAct; readonly sender?: string; readonly reason?: string },
): Promise<FastifyReply> {
  const now = parts.clock();
  const { person } = request.caller ?? {};
  const { id, expiresAt } = await parts.approvals.ask(
    {
      ...wanted,
      id: randomUUID(),
      askedBy: actorOf(request),
      askedAt: now,
      expiresAt: new Date(now.getTime() + parts.approvalExpiresSeconds * 1000),
      ...(person === undefined ? {} : { askedByPerson: person }),
    },
    actOf(request, now, wanted.reason),
  );
  return reply.code(202).send({ approval: id, state: "open", expiresAt });
}
