// Entity tags of answers, and the If-Match of changes (RFC 9110 §8.8.3, §13.1).
//
// A tag is "<bytes>", a hash of the answer as it is sent, or "<state>.<bytes>" where the thing can be changed: then the
// first part is a hash of what changes depend on. The whole is strong: other bytes (a mask, a last use) are another tag.
// If-Match looks at the first part alone, so that what somebody else may see, or when a token was last used, stops nobody.
import { createHash } from "node:crypto";

import type { FastifyReply, FastifyRequest } from "fastify";

import type { App } from "./app.ts";
import { refuse } from "./problem.ts";

const hashCharacters = 22; // 132 bits of SHA-256 in base64url
const tagPattern = /(W\/)?"([\x21\x23-\x7e]*)"/g;

/** For GET and HEAD: sets ETag, and answers 304 without a body where If-None-Match has it. */
export function tagAnswers(app: App): void {
  app.decorateRequest("shownState", null);
  app.addHook("onSend", (request, reply, payload) => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (!isRead || reply.statusCode !== 200 || typeof payload !== "string")
      return Promise.resolve(payload);
    const bytes = hashOf(payload);
    const tag = request.shownState === null ? bytes : `${request.shownState}.${bytes}`;
    void reply.header("etag", `"${tag}"`);
    const wanted = request.headers["if-none-match"];
    if (wanted === undefined || (wanted.trim() !== "*" && !tagsOf(wanted).includes(tag)))
      return Promise.resolve(payload);
    void reply.code(304).removeHeader("content-type").removeHeader("content-length");
    return Promise.resolve(null);
  });
}

/** Notes what changes of the thing that is shown depend on: a part of its tag. */
export function showState(request: FastifyRequest, state: unknown): void {
  request.shownState = hashOf(JSON.stringify(state));
}

/** A preHandler hook: If-Match is honoured or refused, never overlooked. */
export function createMatchCheck(
  required: boolean,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    const { scope = "", conditional } = request.routeOptions.config;
    const given = request.headers["if-match"];
    if (!scope.endsWith(":write")) return undefined;
    if (given !== undefined && conditional !== true)
      return refuse(request, reply, "precondition-failed", {
        detail: "what this request changes has no entity tag, so that no If-Match holds",
        remedy: "Send it without If-Match.",
      });
    if (given === undefined && conditional === true && required)
      return refuse(request, reply, "precondition-required", {
        detail: "this gateway takes changes of what exists with If-Match only",
        remedy: "Read it first (GET), and send its ETag as If-Match.",
      });
    return undefined;
  };
}

/** 412 where If-Match names another state than this; undefined: go on. To be followed by a compare-and-set. */
export function refuseStale(
  request: FastifyRequest,
  reply: FastifyReply,
  state: unknown,
): FastifyReply | undefined {
  const given = request.headers["if-match"];
  if (given === undefined || given.trim() === "*") return undefined;
  const now = hashOf(JSON.stringify(state));
  const isCurrent = strongTagsOf(given).some((tag) => tag.split(".")[0] === now);
  return isCurrent ? undefined : stale(request, reply);
}

/** Somebody else changed it between our reading and our writing: nothing was done. */
export function overtaken(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return request.headers["if-match"] === undefined
    ? refuse(request, reply, "conflict", {
        detail: "somebody else changed this at the same moment; nothing was done",
        remedy: "Read it again, and send the change again if it still fits.",
      })
    : stale(request, reply);
}

function stale(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return refuse(request, reply, "precondition-failed", {
    detail: "this is not any more as it was when you read it; nothing was done",
    remedy:
      "Read it again (GET), look at what has changed, and send the change with the new ETag as If-Match.",
  });
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, hashCharacters);
}

/** If-None-Match compares weakly (RFC 9110 §13.1.2): the mark of weak tags does not count. */
function tagsOf(header: string): readonly string[] {
  return [...header.matchAll(tagPattern)].map(([, , tag = ""]) => tag);
}

/** If-Match compares strongly (RFC 9110 §13.1.1): weak tags match nothing. */
function strongTagsOf(header: string): readonly string[] {
  return [...header.matchAll(tagPattern)].flatMap(([, weak, tag = ""]) =>
    weak === undefined ? [tag] : [],
  );
}
