// /v1/users/{id}/deputy: lets a person decide approvals in another's place, until a time.
import Type from "typebox";

import { showUser } from "../../identity/show-user.ts";
import type { App } from "../app.ts";
import { refuseStale } from "../entity-tag.ts";
import { closed, id, parseTime, text, time } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuseField } from "../problem.ts";
import { userState } from "../resource-state.ts";
import { changing, params, outranked, save, unknown, userSchema } from "./user-change.ts";

export function deputyRoutes(app: App, parts: HttpParts): void {
  app.post(
    "/users/:id/deputy",
    {
      config: changing,
      schema: {
        summary: "Let a person decide approvals in another's place, until a time",
        description:
          "A time that replaces an earlier one counts from now on. Nobody decides what the other has asked for.",
        params,
        body: Type.Object(
          {
            for: Type.String({ minLength: 1, maxLength: 128, description: "Id of the other." }),
            until: time("It ends by itself."),
            reason: Type.Optional(text("Why, for the audit log.")),
          },
          closed,
        ),
        response: { 200: userSchema },
      },
    },
    async (request, reply) => {
      const { for: otherId, until } = request.body;
      const user = await parts.users.find(request.params.id);
      const other = await parts.users.find(otherId);
      if (user === undefined) return unknown(request, reply);
      if (other === undefined) return refuseField(request, reply, "for", "is nobody's id");
      if (other.id === user.id)
        return refuseField(request, reply, "for", "is the same person: nobody is their own deputy");
      const ends = parseTime(until);
      if (ends.kind === "bad") return refuseField(request, reply, "until", ends.problem);
      if (ends.value <= parts.clock())
        return refuseField(request, reply, "until", "has passed already");
      const refusal =
        refuseStale(request, reply, userState(user)) ??
        outranked(parts, request, reply, user) ??
        outranked(parts, request, reply, other);
      if (refusal !== undefined) return refusal;
      const others = user.deputyOf.filter((each) => each.user !== other.id);
      const changed = { ...user, deputyOf: [...others, { user: other.id, until: ends.value }] };
      const about = { user: changed, change: "deputy", was: user } as const;
      return (await save(parts, request, reply, about)).sent ? reply : showUser(changed);
    },
  );
  app.delete(
    "/users/:id/deputy",
    {
      config: changing,
      schema: {
        summary: "End it before its time",
        params,
        querystring: Type.Object({ for: id }, closed),
        response: { 200: userSchema },
      },
    },
    async (request, reply) => {
      const user = await parts.users.find(request.params.id);
      if (user === undefined) return unknown(request, reply);
      const refusal =
        refuseStale(request, reply, userState(user)) ?? outranked(parts, request, reply, user);
      if (refusal !== undefined) return refusal;
      const deputyOf = user.deputyOf.filter((each) => each.user !== request.query.for);
      if (deputyOf.length === user.deputyOf.length) return showUser(user);
      const changed = { ...user, deputyOf };
      const about = { user: changed, change: "deputy", was: user } as const;
      return (await save(parts, request, reply, about)).sent ? reply : showUser(changed);
    },
  );
}
