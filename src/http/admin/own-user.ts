// The person whose session it is, for routes about the own account.
import type { FastifyReply, FastifyRequest } from "fastify";

import type { User, UserChange } from "../../identity/user.ts";
import { overtaken, refuseStale } from "../entity-tag.ts";
import { actOf } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse } from "../problem.ts";
import { userState } from "../resource-state.ts";

/** undefined: a token, which has no account. */
export async function ownUser(
  parts: HttpParts,
  request: FastifyRequest,
): Promise<User | undefined> {
  const { session } = request.caller ?? {};
  return session === undefined ? undefined : parts.users.find(session.user);
}

export function noPerson(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "conflict", {
    detail: "this is for a person who is logged in, and in the state that it needs",
    remedy: "See GET /v1/me.",
  });
}

/** For whoever comes by single sign-on only. */
export function noPassword(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "conflict", {
    detail: "you have no password here: single sign-on proves who you are, with its second factor",
    remedy: "Where a fresh proof is asked for, come anew: GET /v1/session/oidc.",
  });
}

/**
 * Saves what was made of `was`, only while the account is as it was read, and as If-Match says. False: it was answered
 * why not, and nothing was done.
 */
export async function saveOwn(
  parts: HttpParts,
  request: FastifyRequest,
  reply: FastifyReply,
  about: { readonly user: User; readonly change: UserChange; readonly was: User },
): Promise<boolean> {
  const { user, change, was } = about;
  if (refuseStale(request, reply, userState(was)) !== undefined) return false;
  const saved = await parts.users.save(user, change, actOf(request, parts.clock()), "", was);
  if (saved !== "saved") void overtaken(request, reply);
  return saved === "saved";
}
