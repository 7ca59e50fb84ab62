// /v1/users: people who administer. An initial password is shown in the answer that makes it, and never again.
import Type from "typebox";

import { reviewAccess, staleDaysStandard } from "../../identity/access-review.ts";
import { showUser } from "../../identity/show-user.ts";
import { createUser, resetUser } from "../../identity/person.ts";
import { parseAddress } from "../../mail/address.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { refuseStale, showState } from "../entity-tag.ts";
import { actOf, closed, email, pageOf, reasonBody } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { recordReading } from "../reading.ts";
import { userState } from "../resource-state.ts";
import {
  changing,
  outranked,
  params,
  rightsProblem,
  save,
  unknown,
  userSchema,
  writing,
} from "./user-change.ts";
import { partOf, wholeListQuery } from "../whole-list.ts";

const names = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 50 });
const secretSchema = Type.Object({
  id: Type.String(),
  email: Type.String(),
  password: Type.String({ description: "Shown this once; to be changed at the first login." }),
});
export function userRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/users",
    {
      config: needs("users", "read", { reach: "everything" }),
      schema: {
        summary: "List people",
        querystring: wholeListQuery,
        response: { 200: pageOf(userSchema) },
      },
    },
    async (request) => {
      const page = partOf(await parts.users.list(), request.query, (user) => user.id);
      await recordReading(parts, request, { what: "users", count: page.items.length });
      return { ...page, items: page.items.map(showUser) };
    },
  );
  reviewRoute(app, parts);
  showRoute(app, parts);
  createRoute(app, parts);
  changeRoutes(app, parts);
  rolesRoute(app, parts);
}

function showRoute(app: App, parts: HttpParts): void {
  app.get(
    "/users/:id",
    {
      config: needs("users", "read", { reach: "everything" }),
      schema: { summary: "One person", params, response: { 200: userSchema } },
    },
    async (request, reply) => {
      const user = await parts.users.find(request.params.id);
      if (user === undefined) return unknown(request, reply);
      await recordReading(parts, request, { what: "user", count: 1 });
      showState(request, userState(user));
      return showUser(user);
    },
  );
}

function rolesRoute(app: App, parts: HttpParts): void {
  app.post(
    "/users/:id/roles",
    {
      config: changing,
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
        refuseStale(request, reply, userState(user)) ??
        outranked(parts, request, reply, user) ??
        rightsProblem(parts, request, reply, { roles, senders });
      if (refusal !== undefined) return refusal;
      const changed = { ...user, roles: [...new Set(roles)], senders: [...new Set(senders)] };
      const refused = await save(parts, request, reply, {
        user: changed,
        change: "roles",
        was: user,
      });
      return refused.sent ? reply : showUser(changed);
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
        roles: [...new Set(roles)],
        senders: [...new Set(senders)],
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
        config: changing,
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
        const refusal =
          refuseStale(request, reply, userState(user)) ?? outranked(parts, request, reply, user);
        if (refusal !== undefined) return refusal;
        const { disabledAt = parts.clock(), ...rest } = user;
        const changed = change === "disable" ? { ...rest, disabledAt } : rest;
        const refused = await save(parts, request, reply, { user: changed, change, was: user });
        return refused.sent ? reply : showUser(changed);
      },
    );
  }
  app.post(
    "/users/:id/reset",
    {
      config: changing,
      schema: {
        summary:
          "Give a person a new initial password; second factor, single sign-on and sessions go",
        params,
        body: reasonBody,
        response: { 200: secretSchema },
      },
    },
    async (request, reply) => {
      const user = await parts.users.find(request.params.id);
      if (user === undefined) return unknown(request, reply);
      const refusal =
        refuseStale(request, reply, userState(user)) ?? outranked(parts, request, reply, user); // Whoever resets a stronger person could become them.
      if (refusal !== undefined) return refusal;
      const made = await resetUser(user, parts.clock());
      const about = { user: made.user, change: "reset", was: user } as const;
      const refused = await save(parts, request, reply, about);
      return refused.sent ? reply : { id: user.id, email: user.email, password: made.password };
    },
  );
}
