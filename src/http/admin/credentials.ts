// /v1/credentials: what MA tools authenticate with. A password is shown in the answer that makes it, and never again.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import { parseRanges } from "../../identity/address-range.ts";
import type { Credential } from "../../identity/credential.ts";
import {
  createCredential,
  defaultOverlapSeconds,
  overlapMaxSeconds,
  revokeCredential,
  rotateCredential,
} from "../../identity/issue.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { overtaken, refuseStale, showState } from "../entity-tag.ts";
import { actOf, closed, id, label, pageOf, parseTime, reasonBody, text, time } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { byCredential, byNamedSender } from "../reach.ts";
import { refuse, refuseField } from "../problem.ts";
import { credentialState } from "../resource-state.ts";
import { partOf, wholeListQuery } from "../whole-list.ts";

const rangesMax = 100; // of one credential

const credentialSchema = Type.Object({
  username: Type.String(),
  name: Type.String(),
  stream: Type.String(),
  createdAt: time("When it was made."),
  expiresAt: Type.Optional(time("When it ends.")),
  revokedAt: Type.Optional(time("When it was revoked.")),
  lastUsedAt: Type.Optional(time("About when it was last used.")),
  ranges: Type.Array(Type.String(), {
    description: "CIDR ranges it may be used from; empty: any.",
  }),
  rotatingUntil: Type.Optional(time("Until when the secret before is good too.")),
});
const secretSchema = Type.Object({
  username: Type.String(),
  password: Type.String({ description: "Shown this once." }),
  stream: Type.String(),
  name: Type.String(),
});
const params = Type.Object({ username: id });
const changing = needs("credentials", "write", { reach: byCredential, conditional: true });

export function credentialRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/credentials",
    {
      config: needs("credentials", "read"),
      schema: {
        summary: "List credentials",
        querystring: wholeListQuery,
        response: { 200: pageOf(credentialSchema) },
      },
    },
    async ({ query }) => {
      const page = partOf(await parts.credentials.list(), query, ({ username }) => username);
      return { ...page, items: page.items.map(view) };
    },
  );
  app.get(
    "/credentials/:username",
    {
      config: needs("credentials", "read"),
      schema: {
        summary: "One credential, without its secrets",
        params,
        response: { 200: credentialSchema },
      },
    },
    async (request, reply) => {
      const credential = await parts.credentials.find(request.params.username);
      if (credential === undefined) return unknown(request, reply);
      showState(request, credentialState(credential));
      return view(credential);
    },
  );
  createRoute(app, parts);
  rotateRoute(app, parts);
  revokeRoute(app, parts);
}

function rotateRoute(app: App, parts: HttpParts): void {
  app.post(
    "/credentials/:username/rotate",
    {
      config: changing,
      schema: {
        summary: "Make a new secret; the old one stays good for a while",
        params,
        body: Type.Object(
          {
            overlapSeconds: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: overlapMaxSeconds,
                description: `Default ${defaultOverlapSeconds}.`,
              }),
            ),
            reason: Type.Optional(text("Why, for the audit log.")),
          },
          closed,
        ),
        response: { 200: secretSchema },
      },
    },
    async (request, reply) => {
      const now = parts.clock();
      const { overlapSeconds, reason } = request.body;
      const known = await parts.credentials.find(request.params.username);
      if (known === undefined) return unknown(request, reply);
      const refusal = refuseStale(request, reply, credentialState(known));
      if (refusal !== undefined) return refusal;
      const rotated = rotateCredential(known, now, overlapSeconds);
      if (rotated === undefined)
        return refuse(request, reply, "conflict", {
          detail: "a revoked credential cannot be rotated",
          remedy: "Create a new one: POST /v1/credentials.",
        });
      const act = actOf(request, now, reason);
      const saved = await parts.credentials.save(rotated.credential, "rotate", act, known);
      return saved === "saved" ? shown(rotated) : overtaken(request, reply);
    },
  );
}

function revokeRoute(app: App, parts: HttpParts): void {
  app.post(
    "/credentials/:username/revoke",
    {
      config: changing,
      schema: {
        summary: "End a credential at once and for good",
        params,
        body: reasonBody,
        response: { 200: credentialSchema },
      },
    },
    async (request, reply) => {
      const now = parts.clock();
      const known = await parts.credentials.find(request.params.username);
      if (known === undefined) return unknown(request, reply);
      const refusal = refuseStale(request, reply, credentialState(known));
      if (refusal !== undefined) return refusal;
      const revoked = revokeCredential(known, now);
      if (known.revokedAt !== undefined) return view(revoked);
      const act = actOf(request, now, request.body.reason);
      const saved = await parts.credentials.save(revoked, "revoke", act, known);
      return saved === "saved" ? view(revoked) : overtaken(request, reply);
    },
  );
}

function createRoute(app: App, parts: HttpParts): void {
  app.post(
    "/credentials",
    {
      config: needs("credentials", "write", { reach: byNamedSender }),
      schema: {
        summary: "Make a credential for one stream",
        body: Type.Object(
          {
            stream: id,
            name: label("For people: who uses it."),
            expiresAt: Type.Optional(time("When it ends; absent: never.")),
            ranges: Type.Optional(
              Type.Array(Type.String({ maxLength: 64 }), {
                maxItems: rangesMax,
                description: "CIDR ranges it may be used from; absent: any.",
              }),
            ),
          },
          closed,
        ),
        response: { 201: secretSchema },
      },
    },
    async (request, reply) => {
      const { stream, name, expiresAt, ranges = [] } = request.body;
      const now = parts.clock();
      if (!parts.streams.some((known) => known.id === stream)) {
        const ids = parts.streams.map((known) => known.id).join(", ");
        return refuseField(request, reply, "stream", `is not in the configuration; known: ${ids}`);
      }
      const parsed = parseRanges(ranges);
      if (parsed.kind === "bad") return refuseField(request, reply, "ranges", parsed.problem);
      const expires = expiresAt === undefined ? undefined : parseTime(expiresAt);
      if (expires?.kind === "bad") return refuseField(request, reply, "expiresAt", expires.problem);
      if (expires !== undefined && expires.value <= now)
        return refuseField(request, reply, "expiresAt", "has passed already");
      const made = createCredential({
        stream,
        name,
        now,
        ranges,
        ...(expires === undefined ? {} : { expiresAt: expires.value }),
      });
      await parts.credentials.save(made.credential, "create", actOf(request, now));
      return reply.code(201).send(shown(made));
    },
  );
}

function shown(made: { readonly credential: Credential; readonly password: string }): object {
  const { username, stream, name } = made.credential;
  return { username, password: made.password, stream, name };
}

/** Without the hashes: field by field. */
function view(credential: Credential): object {
  const { username, name, stream, createdAt, expiresAt, revokedAt, lastUsedAt, ranges, secrets } =
    credential;
  const rotatingUntil = secrets.find((secret) => secret.expiresAt !== undefined)?.expiresAt;
  return {
    username,
    name,
    stream,
    createdAt,
    ranges,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(revokedAt === undefined ? {} : { revokedAt }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    ...(rotatingUntil === undefined ? {} : { rotatingUntil }),
  };
}

function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: "there is no credential of this user name",
    remedy: "See which there are: GET /v1/credentials.",
  });
}
