// /v1/freezes: the kill switch. One call stops everything, a sender or a stream, in and out, within a second.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import { formatTarget, parseTarget, type Freeze } from "../../queue/freeze.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { overtaken, refuseStale, showState } from "../entity-tag.ts";
import { actOf, closed, pageOf, text, time } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { byNamedSender } from "../reach.ts";
import { stopState } from "../resource-state.ts";
import { isKnownScope } from "./known-scope.ts";
import { patterns } from "../violation.ts";
import { partOf, wholeListQuery } from "../whole-list.ts";

const scope = Type.String({
  maxLength: 140,
  pattern: patterns.scope,
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
      schema: {
        summary: "What is frozen",
        querystring: wholeListQuery,
        response: { 200: pageOf(freezeSchema) },
      },
    },
    async ({ query }) => {
      const page = partOf(await parts.freezes.list(), query, formatTarget);
      return { ...page, items: page.items.map(view) };
    },
  );
  showRoute(app, parts);
  freezeRoute(app, parts);
  liftRoute(app, parts);
}

function showRoute(app: App, parts: HttpParts): void {
  app.get(
    "/freezes/:scope",
    {
      config: needs("freezes", "read"),
      schema: {
        summary: "One freeze",
        params: Type.Object({ scope }),
        response: { 200: freezeSchema },
      },
    },
    async (request, reply) => {
      const found = await findFreeze(parts, request.params.scope);
      if (found === undefined) return notFrozen(request, reply);
      showState(request, stopState(found));
      return view(found);
    },
  );
}

function freezeRoute(app: App, parts: HttpParts): void {
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
      if (target === undefined || !isKnownScope(parts, target)) return unknown(request, reply);
      const { reason } = request.body;
      const act = actOf(request, parts.clock());
      await parts.freezes.freeze(target, reason, act);
      request.log.warn({ scope: request.body.scope, actor: act.actor }, "frozen");
      // One that stood already keeps its first time: the answer is what stands.
      const found = await findFreeze(parts, request.body.scope);
      return reply
        .code(201)
        .send(view(found ?? { ...target, reason, actor: act.actor, at: act.at }));
    },
  );
}

function liftRoute(app: App, parts: HttpParts): void {
  app.delete(
    "/freezes",
    {
      config: needs("freezes", "write", { reach: byNamedSender, conditional: true }),
      schema: {
        summary: "Lift a freeze: mail flows again",
        querystring: Type.Object({ scope, reason: text("Why, for the log.") }, closed),
        response: { 200: Type.Object({ scope, lifted: Type.Boolean() }) },
      },
    },
    async (request, reply) => {
      const target = parseTarget(request.query.scope);
      if (target === undefined) return unknown(request, reply);
      const found = await findFreeze(parts, request.query.scope);
      if (found === undefined) return notFrozen(request, reply);
      const refusal = refuseStale(request, reply, stopState(found));
      if (refusal !== undefined) return refusal;
      const act = actOf(request, parts.clock(), request.query.reason);
      const lifted = await parts.freezes.lift(target, act, found);
      if (!lifted) return overtaken(request, reply);
      request.log.warn({ scope: request.query.scope, actor: act.actor }, "freeze lifted");
      return { scope: request.query.scope, lifted };
    },
  );
}

async function findFreeze(parts: HttpParts, text: string): Promise<Freeze | undefined> {
  const freezes = await parts.freezes.list();
  return freezes.find((each) => formatTarget(each) === text);
}

function notFrozen(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: "this is not frozen",
    remedy: "See GET /v1/freezes.",
  });
}

function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuseField(request, reply, "scope", "names no sender or stream of the configuration");
}

function view({ reason, actor, at, ...target }: Freeze): object {
  return { scope: formatTarget(target), reason, actor, at };
}
