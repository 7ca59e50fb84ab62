// Lets a request under /v1 through only with a living token whose scopes allow the route (RFC 6750).
import type { FastifyReply, FastifyRequest, RouteOptions } from "fastify";

import type { Right, RouteNoun } from "../identity/scope.ts";
import type { TokenStore } from "../identity/store.ts";
import { createThrottle } from "../identity/throttle.ts";
import { parseToken, permits, verifyToken } from "../identity/token.ts";
import { refuse } from "./problem.ts";

const scopePattern = /^([a-z]+):(read|write)$/;

/** The config of a route under /v1. */
export function needs(noun: RouteNoun, right: Right): { readonly scope: string } {
  return { scope: `${noun}:${right}` };
}

/** A route under /v1 without a scope is a mistake that must not start. */
export function demandScope(route: RouteOptions): void {
  if (!scopePattern.test(route.config?.scope ?? ""))
    throw new Error(`the route ${String(route.method)} ${route.url} names no scope`);
}

/** An onRequest hook: it answers before a byte of the body is read. */
export function createAuthorise(parts: {
  readonly tokens: TokenStore;
  readonly clock: () => Date;
}): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const throttle = createThrottle();
  return async (request, reply) => {
    const now = parts.clock();
    // The header alone: a token in the URL would end up in logs, so it counts for nothing (threats.md row 70).
    const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const parsed = presented === undefined ? undefined : parseToken(presented);
    const attempt = { address: request.ip, username: parsed?.id ?? "", now };
    const pace = throttle.check(attempt);
    if (pace.kind === "wait") return slow(request, reply, pace.seconds);
    const token = parsed === undefined ? undefined : await parts.tokens.find(parsed.id);
    const good = verifyToken(token, parsed?.secret ?? "", now);
    if (token === undefined || !good) {
      if (presented !== undefined) {
        throttle.failed(attempt);
        request.log.warn({ from: request.ip, requestId: request.id }, "token refused");
      }
      return unauthenticated(request, reply, presented !== undefined);
    }
    throttle.succeeded(attempt);
    const [, noun = "", right] = scopePattern.exec(request.routeOptions.config.scope ?? "") ?? [];
    if ((right !== "read" && right !== "write") || !permits(token, noun, right))
      return refuse(request, reply, "forbidden", {
        detail: `this token does not have the scope ${noun}:${right ?? ""}`,
        remedy: "Use a token with that scope (sekisho token create --scopes …).",
      });
    request.token = token;
    await parts.tokens.touch(token.id, now);
    return undefined;
  };
}

function unauthenticated(
  request: FastifyRequest,
  reply: FastifyReply,
  presented: boolean,
): FastifyReply {
  // RFC 6750 §3.1: no error code where nothing was presented. The same words for unknown, wrong, expired and revoked.
  const challenge = presented ? ', error="invalid_token"' : "";
  void reply.header("www-authenticate", `Bearer realm="sekisho"${challenge}`);
  return refuse(request, reply, "unauthenticated", {
    detail: presented
      ? "the token is not valid (any more)"
      : "the request has no Authorization: Bearer header",
    remedy: "Send a token made by: sekisho token create --name N --scopes …",
  });
}

function slow(request: FastifyRequest, reply: FastifyReply, seconds: number): FastifyReply {
  void reply.header("retry-after", String(seconds));
  return refuse(request, reply, "too-many-requests", {
    detail: "too many invalid tokens from this address",
    remedy: `Try again in ${seconds} seconds with a valid token.`,
  });
}
