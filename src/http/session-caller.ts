// The person behind a session cookie, and whether a change was really sent by our own pages (threats.md rows 72, 73).
import type { FastifyReply, FastifyRequest } from "fastify";

import { patiently } from "../audit/patiently.ts";
import type { Caller, DueStep, Represented } from "../identity/caller.ts";
import { hashSecret } from "../identity/credential.ts";
import { rightsOf } from "../identity/rights.ts";
import { permits } from "../identity/token.ts";
import { isAlive, isCsrfToken } from "../identity/session.ts";
import { hasSecondFactor, userActor, type User } from "../identity/user.ts";
import type { HttpParts } from "./parts.ts";

// The prefix makes browsers demand Secure, Path=/ and no Domain: a neighbour's subdomain cannot plant one (RFC 6265bis §4.1.3).
const cookieName = "__Host-sekisho";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";
const secretPattern = /^[A-Za-z0-9_-]{44}$/;
const dayMs = 86_400_000;

export function setSessionCookie(reply: FastifyReply, secret: string): void {
  void reply.header("set-cookie", `${cookieName}=${secret}; ${attributes}`);
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.header("set-cookie", `${cookieName}=; ${attributes}; Max-Age=0`);
}

/** The secret in the request's cookie, if there is one and it has our form. */
export function sessionSecret(request: FastifyRequest): string | undefined {
  return cookie(request, cookieName, secretPattern);
}

export function cookie(request: FastifyRequest, name: string, pattern: RegExp): string | undefined {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const [key, value = ""] = pair.trim().split("=");
    if (key === name) return pattern.test(value) ? value : undefined;
  }
  return undefined;
}

/** undefined: no session, or one that has ended. Notes the activity. */
export async function callerOfSession(
  parts: HttpParts,
  request: FastifyRequest,
): Promise<{ readonly caller: Caller; readonly secret: string } | undefined> {
  const secret = sessionSecret(request);
  if (secret === undefined) return undefined;
  const now = parts.clock();
  const session = await parts.sessions.find(hashSecret(secret));
  if (session === undefined || !isAlive(session, parts.people.session, now)) return undefined;
  const user = await parts.users.find(session.user);
  if (user === undefined || user.disabledAt !== undefined) return undefined;
  await patiently(() => parts.sessions.seen(session.hash, now));
  await patiently(() => parts.users.touch(user.id, now));
  const due = dueStep(user, parts, now);
  const rights = rightsOf(user.roles, parts.roles);
  const deputyFor = permits(rights, "approvals", "write")
    ? []
    : await standsInFor(parts, user, now);
  return {
    secret,
    caller: {
      actor: userActor(user.id),
      person: userActor(user.id),
      ...rights,
      ...(deputyFor.length === 0
        ? {}
        : { deputyFor, scopes: [...rights.scopes, "approvals:write"] }),
      senders: user.senders,
      session: {
        hash: session.hash,
        user: user.id,
        provedAt: session.provedAt,
        ...(due === undefined ? {} : { due }),
      },
    },
  };
}

/** Those whose right to decide approvals this person holds at present. */
async function standsInFor(
  parts: HttpParts,
  user: User,
  now: Date,
): Promise<readonly Represented[]> {
  const held: Represented[] = [];
  for (const { user: id, until } of user.deputyOf) {
    if (until <= now) continue;
    const whose = await parts.users.find(id);
    if (whose === undefined || whose.disabledAt !== undefined) continue;
    if (permits(rightsOf(whose.roles, parts.roles), "approvals", "write"))
      held.push({ person: userActor(id), senders: whose.senders });
  }
  return held;
}

/** What the person must do before anything else: change a password that others know or that is too old, add a factor. */
export function dueStep(
  user: User,
  parts: Pick<HttpParts, "people">,
  now: Date,
): DueStep | undefined {
  const { passwordMaxAgeDays, secondFactor } = parts.people;
  const { password } = user;
  if (password === undefined) return undefined; // Single sign-on answers for both.
  const age = now.getTime() - password.setAt.getTime();
  const old = passwordMaxAgeDays > 0 && age > passwordMaxAgeDays * dayMs;
  if (password.initial || old) return "change-password";
  return secondFactor === "required" && !hasSecondFactor(user) ? "enrol-totp" : undefined;
}

/** Whether a change lacks the page's own token or comes from another origin. Reading changes nothing and is no forgery. */
export function forged(
  request: FastifyRequest,
  secret: string,
  publicUrl: string | undefined,
): boolean {
  if (request.method === "GET" || request.method === "HEAD") return false;
  const token = request.headers["x-csrf-token"];
  return (
    crossOrigin(request, publicUrl) || typeof token !== "string" || !isCsrfToken(secret, token)
  );
}

/** Whether the browser says that another site's page sent this. */
export function crossOrigin(request: FastifyRequest, publicUrl: string | undefined): boolean {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const { origin } = request.headers;
  if (origin === undefined) return false;
  const own = [
    `${request.protocol}://${request.host}`,
    ...(publicUrl === undefined ? [] : [new URL(publicUrl).origin]),
  ];
  return !own.includes(origin);
}
