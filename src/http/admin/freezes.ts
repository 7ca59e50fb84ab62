// /v1/freezes: the kill switch. One call stops everything, a sender or a stream, in and out, within a second.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import { formatTarget, parseTarget, type Freeze, type FreezeTarget } from "../../queue/freeze.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { actOf, closed, pageOf, text, time } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { byNamedSender } from "../reach.ts";

const scope = Type.String({
  maxLength: 140,
  pattern: "^(all|(sender|stream):.+)$",
  description: "all, sender:ID or stream:ID.",
});
const freezeSchema = Type.Object({
  scope,
  reason: Type.String(),
  actor: Type.String(),
  at: time("Since when."),
});

export function freezeRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/freezes",
    {
      config: needs("freezes", "read"),
      schema: { summary: "What is frozen", response: { 200: pageOf(freezeSchema) } },
    },
    async () => ({ items: (await parts.freezes.list()).map(view), next: null }),
  );
  app.post(
    "/freezes",
    {
      config: needs("freezes", "write", { reach: byNamedSender }),
      schema: {
        summary: "Freeze: take no mail in and let none out",
        description: "Clients are told 451 frozen, so that they try again; what waits stays.",
        body: Type.Object({ scope, reason: text("Why, for the log.") }, closed),
        response: { 201: freezeSchema },
      },
    },
    async (request, reply) => {
      const target = parseTarget(request.body.scope);
      if (target === undefined || !isKnown(parts, target)) return unknown(request, reply);
      const { reason } = request.body;
      const act = actOf(request, parts.clock());
      await parts.freezes.freeze(target, reason, act);
      request.log.warn({ scope: request.body.scope, actor: act.actor }, "frozen");
      return reply.code(201).send(view({ ...target, reason, actor: act.actor, at: act.at }));
    },
  );
  app.delete(
    "/freezes",
    {
      config: needs("freezes", "write", { reach: byNamedSender }),
      schema: {
        summary: "Lift a freeze: mail flows again",
        querystring: Type.Object({ scope, reason: text("Why, for the log.") }, closed),
        response: { 200: Type.Object({ scope, lifted: Type.Boolean() }) },
      },
    },
    async (request, reply) => {
      const target = parseTarget(request.query.scope);
      if (target === undefined) return unknown(request, reply);
      const act = actOf(request, parts.clock(), request.query.reason);
      const lifted = await parts.freezes.lift(target, act);
      if (!lifted)
        return refuse(request, reply, "not-found", {
          detail: "this is not frozen",
          remedy: "See GET /v1/freezes.",
        });
      request.log.warn({ scope: request.query.scope, actor: act.actor }, "freeze lifted");
      return { scope: request.query.scope, lifted };
    },
  );
}

function isKnown(parts: HttpParts, { kind, name }: FreezeTarget): boolean {
  if (kind === "all") return true;
  const known: readonly { readonly id: string }[] =
    kind === "sender" ? parts.senders : parts.streams;
  return known.some(({ id }) => id === name);
}

function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuseField(request, reply, "scope", "names no sender or stream of the configuration");
}

function view({ reason, actor, at, ...target }: Freeze): object {
  return { scope: formatTarget(target), reason, actor, at };
}
