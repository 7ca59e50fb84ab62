// /v1/pauses: what is kept from going out, for a destination, a stream or a sender, while mail is still taken in.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import {
  formatTarget,
  parsePauseTarget,
  type Pause,
  type PauseTarget,
} from "../../queue/freeze.ts";
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
  maxLength: 300,
  pattern: patterns.pauseScope,
  description: "destination:DOMAIN, sender:ID or stream:ID.",
});
const pauseSchema = Type.Object({
  scope,
  reason: Type.String(),
  actor: Type.String(),
  at: time("Since when."),
});

export function pauseRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/pauses",
    {
      config: needs("freezes", "read"),
      schema: {
        summary: "What is paused",
        querystring: wholeListQuery,
        response: { 200: pageOf(pauseSchema) },
      },
    },
    async ({ query }) => {
      const page = partOf(await parts.freezes.pauses(), query, formatTarget);
      return { ...page, items: page.items.map(view) };
    },
  );
  showRoute(app, parts);
  pauseRoute(app, parts);
  resumeRoute(app, parts);
}

function showRoute(app: App, parts: HttpParts): void {
  app.get(
    "/pauses/:scope",
    {
      config: needs("freezes", "read"),
      schema: {
        summary: "One pause",
        params: Type.Object({ scope }),
        response: { 200: pauseSchema },
      },
    },
    async (request, reply) => {
      const target = parsePauseTarget(request.params.scope);
      const found = target === undefined ? undefined : await findPause(parts, target);
      if (found === undefined) return notPaused(request, reply);
      showState(request, stopState(found));
      return view(found);
    },
  );
}

function pauseRoute(app: App, parts: HttpParts): void {
  app.post(
    "/pauses",
    {
      config: needs("freezes", "write", { reach: byNamedSender }),
      schema: {
        summary: "Pause: let no more out, and take in as before",
        description: "What is being handed over ends; what waits stays, and grows old as ever.",
        body: Type.Object({ scope, reason: text("Why, for the log.") }, closed),
        response: { 201: pauseSchema },
      },
    },
    async (request, reply) => {
      const target = parsePauseTarget(request.body.scope);
      if (target === undefined || !isKnownScope(parts, target)) return unknown(request, reply);
      await parts.freezes.pause(target, request.body.reason, actOf(request, parts.clock()));
      // One that stood already keeps its first time: the answer is what stands.
      const found = await findPause(parts, target);
      return found === undefined ? overtaken(request, reply) : reply.code(201).send(view(found));
    },
  );
}

function resumeRoute(app: App, parts: HttpParts): void {
  app.delete(
    "/pauses",
    {
      config: needs("freezes", "write", { reach: byNamedSender, conditional: true }),
      schema: {
        summary: "Resume: what was paused goes out again",
        querystring: Type.Object({ scope, reason: text("Why, for the log.") }, closed),
        response: { 200: Type.Object({ scope, resumed: Type.Boolean() }) },
      },
    },
    async (request, reply) => {
      const target = parsePauseTarget(request.query.scope);
      if (target === undefined) return unknown(request, reply);
      const found = await findPause(parts, target);
      if (found === undefined) return notPaused(request, reply);
      const refusal = refuseStale(request, reply, stopState(found));
      if (refusal !== undefined) return refusal;
      const act = actOf(request, parts.clock(), request.query.reason);
      const resumed = await parts.freezes.resume(target, act, found);
      return resumed ? { scope: formatTarget(target), resumed } : overtaken(request, reply);
    },
  );
}

async function findPause(parts: HttpParts, target: PauseTarget): Promise<Pause | undefined> {
  const pauses = await parts.freezes.pauses();
  return pauses.find(({ kind, name }) => kind === target.kind && name === target.name);
}

function notPaused(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: "this is not paused",
    remedy: "See GET /v1/pauses.",
  });
}

function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuseField(
    request,
    reply,
    "scope",
    "names no domain, and no sender or stream of the configuration",
  );
}

function view({ reason, actor, at, ...target }: Pause): object {
  return { scope: formatTarget(target), reason, actor, at };
}
