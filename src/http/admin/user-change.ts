// What changes of people have in common: who may make them, how they are saved, how a person is shown.
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import type { UserSaved } from "../../identity/people-store.ts";
import { rightsOf } from "../../identity/rights.ts";
import { covers } from "../../identity/scope.ts";
import type { User, UserChange } from "../../identity/user.ts";
import { needs } from "../authorise.ts";
import { overtaken } from "../entity-tag.ts";
import { actOf, id, orNull, time } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";

export const userSchema = Type.Object({
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
  deputyOf: Type.Array(
    Type.Object({
      user: Type.String({ description: "Id of the person." }),
      until: time("Until then."),
    }),
    { description: "In whose place they may decide approvals." },
  ),
});
export const params = Type.Object({ id });
export const writing = needs("users", "write", { stepUp: true });
export const changing = needs("users", "write", { stepUp: true, conditional: true });

/** Saves what was made of `was`, only while that is how the person stands; `sent`: it was answered why not. */
export async function save(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  about: { readonly user: User; readonly change: UserChange; readonly was: User },
): Promise<{ readonly sent: boolean }> {
  const { reason } = (request.body ?? {}) as { readonly reason?: string }; // Where the route's schema has one.
  const act = actOf(request, parts.clock(), reason);
  const saved: UserSaved = await parts.users.save(about.user, about.change, act, "", about.was);
  switch (saved) {
    case "saved":
      return { sent: false };
    case "last-administrator":
      refuseLast(request, reply);
      return { sent: true };
    case "changed":
    case "exists":
      void overtaken(request, reply);
      return { sent: true };
  }
}

/** Nobody gives more than they have, nor what does not exist. */
export function rightsProblem(
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
  return outranked(parts, request, reply, wanted);
}

/**
 * Nobody changes who may do more than they, or sees addresses that they do not. A role that the configuration does not
 * have any more gives nothing.
 */
export function outranked(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  { roles }: Pick<User, "roles">,
): FastifyReply | undefined {
  const { scopes = [], masked = false } = request.caller ?? {};
  const theirs = rightsOf(roles, parts.roles);
  const seesMore = masked && !theirs.masked && theirs.scopes.length > 0;
  if (covers(scopes, theirs.scopes) && !seesMore) return undefined;
  return refuse(request, reply, "forbidden", {
    detail: "nobody can give rights that they have not themselves",
    remedy: "Ask for fewer roles, or do it at the gateway: sekisho user create.",
  });
}

function refuseLast(request: FastifyRequest, reply: FastifyReply): void {
  void refuse(request, reply, "conflict", {
    detail: "this is the last administrator",
    remedy: "Make another one first.",
  });
}

export function unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "not-found", {
    detail: "there is no person of this id",
    remedy: "See GET /v1/users.",
  });
}
