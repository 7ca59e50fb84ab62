// Lets a request under /v1 through only for a living token or session whose rights allow the route (RFC 6750).
import type { FastifyReply, FastifyRequest, RouteOptions } from "fastify";

import { operation } from "../audit/from-people.ts";
import { patiently } from "../audit/patiently.ts";
import type { Caller, DueStep } from "../identity/caller.ts";
import type { Right, RouteNoun } from "../identity/scope.ts";
import { stepUpSeconds } from "../identity/session.ts";
import { createThrottle, httpLogins } from "../identity/throttle.ts";
import { parseToken, permits, verifyToken } from "../identity/token.ts";
import { actOf } from "./fields.ts";
import type { HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";
import type { Reach } from "./reach.ts";
import { callerOfSession, forged } from "./session-caller.ts";
import { ownerStands } from "./token-owner.ts";

const scopePattern = /^([a-z]+):(read|write)$/;

/** What a route asks of its caller. */
export interface RouteNeeds {
  readonly scope: string;
  readonly reach: Reach;
  /** The person must have proved who they are lately. Tokens are their own proof. */
  readonly stepUp?: true;
  /** The answer is no JSON in which addresses could be masked. */
  readonly raw?: true;
  /** It changes something that has an entity tag, and honours If-Match. */
  readonly conditional?: true;
}

type More = Partial<Omit<RouteNeeds, "scope">>;

/** The config of a route under /v1. Where nothing else is said, reads are cut to the caller's senders, and writes need all. */
export function needs(noun: RouteNoun, right: Right, more: More = {}): RouteNeeds {
  return {
    scope: `${noun}:${right}`,
    reach: right === "read" ? "filtered" : "everything",
    ...more,
  };
}

/** A route about the caller's own account: any caller may. */
export function ownAccount(right: Right, more: More = {}): RouteNeeds {
  return { scope: `self:${right}`, reach: "self", ...more };
}

/** A route under /v1 without a scope is a mistake that must not start. */
export function demandScope(route: RouteOptions): void {
  if (!scopePattern.test(route.config?.scope ?? ""))
    throw new Error(`the route ${String(route.method)} ${route.url} names no scope`);
}

/** An onRequest hook: it answers before a byte of the body is read. */
export function createAuthorise(
  parts: HttpParts,
  publicUrl: string | undefined,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const byToken = createTokenCheck(parts);
  return async (request, reply) => {
    const { authorization } = request.headers;
    const session = authorization === undefined ? await callerOfSession(parts, request) : undefined;
    if (session === undefined) {
      const caller = await byToken(request, reply);
      if (caller === undefined) return reply;
      request.caller = caller;
    } else {
      if (forged(request, session.secret, publicUrl)) {
        return refuse(request, reply, "forbidden", {
          detail: "the change did not come from this gateway's own pages",
          remedy: "Send the csrfToken of GET /v1/me as X-CSRF-Token, from the same origin.",
        });
      }
      request.caller = session.caller;
    }
    return allow(request, reply, request.caller, parts.clock());
  };
}

const dueRemedies: Readonly<Record<DueStep, string>> = {
  "change-password": "POST /v1/me/password with current and password.",
  "enrol-totp": "POST /v1/me/totp for the secret, then POST /v1/me/totp/confirm with a code of it.",
};

/** Whether these rights allow this route; undefined: yes. */
function allow(
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller,
  now: Date,
): FastifyReply | undefined {
  const { scope = "", stepUp, raw } = request.routeOptions.config;
  const [, noun = "", right] = scopePattern.exec(scope) ?? [];
  const own = noun === "self";
  if (caller.session?.due !== undefined && !own)
    return refuse(request, reply, "forbidden", {
      detail: `${caller.session.due} must be done first`,
      remedy: dueRemedies[caller.session.due],
      more: { due: caller.session.due },
    });
  if (!own && ((right !== "read" && right !== "write") || !permits(caller, noun, right)))
    return refuse(request, reply, "forbidden", {
      detail:
        caller.session === undefined
          ? `this token does not have the scope ${noun}:${right ?? ""}`
          : `your roles do not give the right ${noun}:${right ?? ""}`,
      remedy:
        "Use a token with that scope (sekisho token create --scopes …), or ask for a role that has it.",
    });
  if (raw === true && caller.masked)
    return refuse(request, reply, "forbidden", {
      detail: "your roles see addresses masked, and this cannot be shown so",
    });
  if (stepUp === true && caller.session !== undefined) {
    const age = now.getTime() - caller.session.provedAt.getTime();
    if (age > stepUpSeconds * 1000)
      return refuse(request, reply, "forbidden", {
        detail: "this needs a proof of who you are that is not older than ten minutes",
        remedy: "POST /v1/me/proof with your password, or log in again.",
        more: { stepUp: true },
      });
  }
  return undefined;
}

/** A preHandler hook: no change without a record of who asked for it, and from where (threats.md row 78). */
export function createActRecord(
  parts: Pick<HttpParts, "audit" | "clock">,
): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const { scope = "" } = request.routeOptions.config;
    if (!scope.endsWith(":write")) return;
    const record = operation(actOf(request, parts.clock()), {
      change: "request",
      method: request.method,
      route: request.routeOptions.url ?? "", // Its pattern: parameters may be addresses.
      requestId: request.id,
    });
    await patiently(() => parts.audit.append([record]));
  };
}

/** undefined: it was answered. (A reply is a promise: not to be returned from an async function whose answer is looked at.) */
function createTokenCheck(
  parts: HttpParts,
): (request: FastifyRequest, reply: FastifyReply) => Promise<Caller | undefined> {
  const throttle = createThrottle(httpLogins);
  return async (request, reply) => {
    const now = parts.clock();
    // The header alone: a token in the URL would end up in logs, so it counts for nothing (threats.md row 70).
    const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const parsed = presented === undefined ? undefined : parseToken(presented);
    const token = parsed === undefined ? undefined : await parts.tokens.find(parsed.id);
    const good = verifyToken(token, parsed?.secret ?? "", now);
    if (token === undefined || !good || !(await ownerStands(parts, token))) {
      // Only what is wrong waits: 128 bits are not guessed (identity/credential.ts), and a program that goes on with a revoked token
      // must not shut out those beside it.
      const attempt = { address: request.ip, username: parsed?.id ?? "", now };
      const pace = throttle.check(attempt);
      if (pace.kind === "wait") {
        slow(request, reply, pace.seconds);
        return undefined;
      }
      if (presented !== undefined) {
        throttle.failed(attempt);
        request.log.warn({ from: request.ip, requestId: request.id }, "token refused");
      }
      unauthenticated(request, reply, presented !== undefined);
      return undefined;
    }
    await patiently(() => parts.tokens.touch(token.id, now));
    return {
      actor: `token:${token.id}`,
      scopes: token.scopes,
      senders: token.senders ?? [],
      masked: token.masked === true,
      ...(token.owner === undefined ? {} : { person: token.owner }),
      token: {
        id: token.id,
        ...(token.expiresAt === undefined ? {} : { expiresAt: token.expiresAt }),
      },
    };
  };
}

function unauthenticated(request: FastifyRequest, reply: FastifyReply, presented: boolean): void {
  // RFC 6750 §3.1: no error code where nothing was presented. The same words for unknown, wrong, expired and revoked.
  const challenge = presented ? ', error="invalid_token"' : "";
  void reply.header("www-authenticate", `Bearer realm="sekisho"${challenge}`);
  void refuse(request, reply, "unauthenticated", {
    detail: presented
      ? "the token is not valid (any more)"
      : "the request has no Authorization: Bearer header and no session",
    remedy: "Send a token made by: sekisho token create --name N --scopes …",
  });
}

function slow(request: FastifyRequest, reply: FastifyReply, seconds: number): void {
  void reply.header("retry-after", String(seconds));
  void refuse(request, reply, "too-many-requests", {
    detail: "too many invalid tokens from this address",
    remedy: `Try again in ${seconds} seconds with a valid token.`,
  });
}
