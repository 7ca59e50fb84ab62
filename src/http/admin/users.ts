// /v1/users: people who administer. An initial password is shown in the answer that makes it, and never again.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import { reviewAccess, staleDaysStandard } from "../../identity/access-review.ts";
import { createUser, isLastAdministrator, resetUser } from "../../identity/person.ts";
import { rightsOf } from "../../identity/rights.ts";
import { covers } from "../../identity/scope.ts";
import { hasSecondFactor, type User } from "../../identity/user.ts";
import { parseAddress } from "../../mail/address.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { actOf, closed, email, id, orNull, pageOf, reasonBody, time } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { recordReading } from "../reading.ts";

const names = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 50 });
const userSchema = Type.Object({
  id: Type.String(),
  email: Type.String(),
  roles: Type.Array(Type.String()),
  senders: Type.Array(Type.String(), { description: "Limited to these; empty: all." }),
  createdAt: time("When they were made."),
  disabledAt: orNull("When they were disabled."),
  lastUsedAt: orNull("About when they were last active."),
  secondFactor: Type.Boolean(),
  mustChangePassword: Type.Boolean(),
  singleSignOn: Type.Boolean(),
});
const secretSchema = Type.Object({
  id: Type.String(),
  email: Type.String(),
  password: Type.String({ description: "Shown this once; to be changed at the first login." }),
});
const params = Type.Object({ id });
const writing = needs("users", "write", { stepUp: true });

export function userRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/users",
    {
      config: needs("users", "read", { reach: "everything" }),
      schema: { summary: "List people", response: { 200: pageOf(userSchema) } },
    },
    async (request) => {
      const users = await parts.users.list();
      await recordReading(parts, request, { what: "users", count: users.length });
      return { items: users.map(view), next: null };
    },
  );
  reviewRoute(app, parts);
  createRoute(app, parts);
  changeRoutes(app, parts);
  app.post(
    "/users/:id/roles",
    {
      config: writing,
      schema: {
        summary: "Give a person other roles or senders",
        params,
        body: Type.Object({ roles: names, senders: Type.Optional(names) }, closed),
        response: { 200: userSchema },
      },
    },
    async (request, reply) => {
      const user = await parts.users.find(request.params.id);
      if (user === undefined) return unknown(request, reply);
      const { roles, senders = user.senders } = request.body;
      const refusal =
        rightsProblem(parts, request, reply, user) ??
        rightsProblem(parts, request, reply, { roles, senders });
      if (refusal !== undefined) return refusal;
      if (!roles.includes("administrator") && (await isLast(parts, user)))
        return lastOne(request, reply);
      const changed = { ...user, roles, senders };
      await parts.users.save(changed, "roles", actOf(request, parts.clock()));
      return view(changed);
    },
  );
}

function reviewRoute(app: App, parts: HttpParts): void {
  app.get(
    "/users/review",
    {
      config: needs("users", "read", { reach: "everything" }),
      schema: {
        summary: "The access review: who has what, last used, and what looks forgotten",
        querystring: Type.Object(
          {
            staleDays: Type.Optional(
              Type.Integer({ minimum: 1, maximum: 3650, default: staleDaysStandard }),
            ),
          },
          closed,
        ),
        response: { 200: pageOf(Type.Object({}, { additionalProperties: true })) },
      },
    },
    async (request) => {
      const [users, tokens, credentials] = await Promise.all([
        parts.users.list(),
        parts.tokens.list(),
        parts.credentials.list(),
      ]);
      const items = reviewAccess(
        { users, tokens, credentials },
        parts.clock(),
        request.query.staleDays,
      );
      await recordReading(parts, request, { what: "access review", count: items.length });
      return { items, next: null };
    },
  );
}

function createRoute(app: App, parts: HttpParts): void {
  app.post(
    "/users",
    {
      config: writing,
      schema: {
        summary: "Make a person; gives an initial password, good for seven days",
        body: Type.Object({ email, roles: names, senders: Type.Optional(names) }, closed),
        response: { 201: secretSchema },
      },
    },
    async (request, reply) => {
      const { roles, senders = [] } = request.body;
      const address = parseAddress(request.body.email);
      if (address.kind === "bad") return refuseField(request, reply, "email", address.problem);
      const refusal = rightsProblem(parts, request, reply, { roles, senders });
      if (refusal !== undefined) return refusal;
      const now = parts.clock();
      const made = await createUser({
        email: address.value.text,
        emailIndex: parts.indexer.address(address.value),
        roles,
        senders,
        now,
      });
      const saved = await parts.users.save(made.user, "create", actOf(request, now));
      if (saved === "exists")
        return refuse(request, reply, "conflict", {
          detail: "there is a person with this address",
          remedy: "See GET /v1/users.",
        });
      const { id: userId, email: userEmail } = made.user;
      return reply.code(201).send({ id: userId, email: userEmail, password: made.password });
    },
  );
}

function changeRoutes(app: App, parts: HttpParts): void {
  for (const change of ["disable", "enable"] as const) {
    app.post(
      `/users/:id/${change}`,
      {
        config: writing,
        schema: {
          summary:
            change === "disable"
              ? "Shut a person out at once: their sessions and tokens end"
              : "Let a person in again",
          params,
          body: reasonBody,
          response: { 200: userSchema },
        },
      },
      async (request, reply) => {
        const user = await parts.users.find(request.params.id);
        if (user === undefined) return unknown(request, reply);
        const refusal = rightsProblem(parts, request, reply, user);
        if (refusal !== undefined) return refusal;
        if (change === "disable" && (await isLast(parts, user))) return lastOne(request, reply);
        const now = parts.clock();
        const { disabledAt = now, ...rest } = user;
        const changed = change === "disable" ? { ...rest, disabledAt } : rest;
        await parts.users.save(changed, change, actOf(request, now, request.body.reason));
        return view(changed);
      },
    );
  }
  app.post(
    "/users/:id/reset",
    {
      config: writing,
      schema: {
        summary: "Give a person a new initial password; second factor and sessions go",
        params,
        body: reasonBody,
        response: { 200: secretSchema },
      },
    },
    async (request, reply) => {
      const user = await parts.users.find(request.params.id);
      if (user === undefined) return unknown(request, reply);
      const refusal = rightsProblem(parts, request, reply, user);
      if (refusal !== undefined) return refusal; // Whoever resets a stronger person could become them.
      const now = parts.clock();
      const made = await resetUser(user, now);
      await parts.users.save(made.user, "reset", actOf(request, now, request.body.reason));
      return { id: user.id, email: user.email, password: made.password };
    },
  );
}

/** Nobody gives more than they have, nor what does not exist. */
function rightsProblem(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: Pick<User, "roles" | "senders">,
): FastifyReply | undefined {
  const role = wanted.roles.find((name) => !parts.roles.has(name));
  if (role !== undefined) {
    const known = [...parts.roles.keys()].join(", ");
    return refuseField(request, reply, "roles", `has ${role}, which is none of ${known}`);
  }
  const sender = wanted.senders.find((name) => !parts.senders.some((each) => each.id === name));
  if (sender !== undefined)
    return refuseField(request, reply, "senders", `has ${sender}, which is not configured`);
  if (covers(request.caller?.scopes ?? [], rightsOf(wanted.roles, parts.roles).scopes))
    return undefined;
  return refuse(request, reply, "forbidden", {
    detail: "nobody can give rights that they have not themselves",
    remedy: "Ask for fewer roles, or do it at the gateway: sekisho user create.",
  });
}

async function isLast(parts: HttpParts, user: User): Promise<boolean> {
  return isLastAdministrator(user, await parts.users.list());
}

function lastOne(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "conflict", {
    detail: "this is the last administrator",
    remedy: "Make another one first.",
  });
}

function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: "there is no person of this id",
    remedy: "See GET /v1/users.",
  });
}

/** Without hashes and secrets: field by field. */
function view(user: User): object {
  return {
    id: user.id,
    email: user.email,
    roles: user.roles,
    senders: user.senders,
    createdAt: user.createdAt,
    disabledAt: user.disabledAt ?? null,
    lastUsedAt: user.lastUsedAt ?? null,
    secondFactor: hasSecondFactor(user),
    mustChangePassword: user.password?.initial === true,
    singleSignOn: user.oidcSubject !== undefined,
  };
}
