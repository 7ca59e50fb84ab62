// /v1/tokens: what programs use this API with. A token is shown in the answer that makes it, and never again.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import type { Caller } from "../../identity/caller.ts";
import { createToken, revokeToken, type TokenPlan } from "../../identity/issue.ts";
import { covers, isScope, routeNouns } from "../../identity/scope.ts";
import { endedWith, type Token } from "../../identity/token.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { overtaken, refuseStale, showState } from "../entity-tag.ts";
import { actOf, closed, id, label, pageOf, parseTime, reasonBody, time } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { byToken } from "../reach.ts";
import { tokenState } from "../resource-state.ts";
import { partOf, wholeListQuery } from "../whole-list.ts";

const scopesSchema = Type.Array(Type.String({ maxLength: 64 }), {
  minItems: 1,
  maxItems: 2 * routeNouns.length + 1,
  description: `* or noun:read|write; nouns: ${routeNouns.join(", ")}.`,
});
const tokenSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  createdAt: time("When it was made."),
  expiresAt: Type.Optional(time("When it ends.")),
  revokedAt: Type.Optional(time("When it was revoked.")),
  lastUsedAt: Type.Optional(time("About when it was last used.")),
  owner: Type.Optional(Type.String({ description: "The person who made it." })),
  madeBy: Type.Optional(Type.String({ description: "The token that made it: they end together." })),
  senders: Type.Optional(Type.Array(Type.String(), { description: "Limited to these." })),
});

const newTokenSchema = Type.Object(
  {
    name: label("For people: who uses it."),
    scopes: scopesSchema,
    expiresAt: Type.Optional(time("When it ends; absent: with the token that makes it, or never.")),
  },
  closed,
);
const madeSchema = Type.Object({
  id: Type.String(),
  token: Type.String({ description: "Shown this once." }),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
});
const revokedSchema = Type.Object({
  ...tokenSchema.properties,
  ended: Type.Array(Type.String(), {
    description: "Tokens that ended with it: it had made them, or one of them had.",
  }),
});

export function tokenRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/tokens",
    {
      config: needs("tokens", "read"),
      schema: {
        summary: "List tokens",
        querystring: wholeListQuery,
        response: { 200: pageOf(tokenSchema) },
      },
    },
    async ({ query }) => {
      const page = partOf(await parts.tokens.list(), query, (token) => token.id);
      return { ...page, items: page.items.map(view) };
    },
  );
  app.get(
    "/tokens/:id",
    {
      config: needs("tokens", "read"),
      schema: {
        summary: "One token, without its secret",
        params: Type.Object({ id }),
        response: { 200: tokenSchema },
      },
    },
    async (request, reply) => {
      const token = await parts.tokens.find(request.params.id);
      if (token === undefined) return unknown(request, reply);
      showState(request, tokenState(token));
      return view(token);
    },
  );
  createRoute(app, parts);
  revokeRoute(app, parts);
}

function revokeRoute(app: App, parts: HttpParts): void {
  app.post(
    "/tokens/:id/revoke",
    {
      config: needs("tokens", "write", { reach: byToken, stepUp: true, conditional: true }),
      schema: {
        summary: "End a token, and those that it made, at once and for good",
        params: Type.Object({ id }),
        body: reasonBody,
        response: { 200: revokedSchema },
      },
    },
    async (request, reply) => {
      const now = parts.clock();
      const known = await parts.tokens.find(request.params.id);
      if (known === undefined) return unknown(request, reply);
      const refusal = refuseStale(request, reply, tokenState(known));
      if (refusal !== undefined) return refusal;
      const revoked = revokeToken(known, now);
      const answer = async (): Promise<object> => ({
        ...view(revoked),
        ended: endedWith(await parts.tokens.list(), revoked),
      });
      if (known.revokedAt !== undefined) return answer();
      const act = actOf(request, now, request.body.reason);
      const saved = await parts.tokens.save(revoked, "revoke", act, known);
      return saved === "saved" ? answer() : overtaken(request, reply);
    },
  );
}

function createRoute(app: App, parts: HttpParts): void {
  app.post(
    "/tokens",
    {
      config: needs("tokens", "write", { reach: "self", stepUp: true }), // limited as its maker is
      schema: {
        summary: "Make a token; it may do no more than the one that makes it",
        body: newTokenSchema,
        response: { 201: madeSchema },
      },
    },
    async (request, reply) => {
      const { name, scopes, expiresAt } = request.body;
      const now = parts.clock();
      const wrong = scopes.find((scope) => !isScope(scope));
      if (wrong !== undefined)
        return refuseField(request, reply, "scopes", `has ${wrong}, which is not noun:read|write`);
      if (!covers(request.caller?.scopes ?? [], scopes))
        return refuse(request, reply, "forbidden", {
          detail: "a token cannot make one that may do more than itself",
          remedy: "Ask for fewer scopes, or make it at the gateway: sekisho token create.",
        });
      const expires = expiresAt === undefined ? undefined : parseTime(expiresAt);
      if (expires?.kind === "bad") return refuseField(request, reply, "expiresAt", expires.problem);
      if (expires !== undefined && expires.value <= now)
        return refuseField(request, reply, "expiresAt", "has passed already");
      const last = request.caller?.token?.expiresAt;
      if (last !== undefined && expires !== undefined && expires.value > last)
        return refuseField(
          request,
          reply,
          "expiresAt",
          `is later than the end of the token that makes it, ${last.toISOString()}`,
        );
      const ends = expires?.value ?? last;
      const { token, text } = createToken({
        name,
        scopes: [...new Set(scopes)],
        now,
        ...(ends === undefined ? {} : { expiresAt: ends }),
        ...inherited(request.caller),
      });
      if ((await parts.tokens.save(token, "create", actOf(request, now))) === "changed")
        return refuse(request, reply, "forbidden", {
          detail: "the token that asks was revoked at the same moment; nothing was made",
          remedy: "Use another token.",
        });
      return reply.code(201).send({ id: token.id, token: text, name, scopes: token.scopes });
    },
  );
}

function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: "there is no token of this id",
    remedy: "See which there are: GET /v1/tokens.",
  });
}

/** A token is bound to whoever made it: their senders, their masks, their end. */
function inherited(
  caller: Caller | null,
): Pick<TokenPlan, "owner" | "madeBy" | "senders" | "masked"> {
  if (caller === null) return {};
  const { person, token, senders, masked } = caller;
  return {
    senders,
    masked,
    ...(person === undefined ? {} : { owner: person }),
    ...(token === undefined ? {} : { madeBy: token.id }),
  };
}

/** Without the hash: field by field. */
function view(token: Token): object {
  const { id: tokenId, name, scopes, createdAt, expiresAt, revokedAt, lastUsedAt } = token;
  const { owner, madeBy, senders } = token;
  return {
    id: tokenId,
    name,
    scopes,
    createdAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(revokedAt === undefined ? {} : { revokedAt }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    ...(owner === undefined ? {} : { owner }),
    ...(madeBy === undefined ? {} : { madeBy }),
    ...(senders === undefined ? {} : { senders }),
  };
}
