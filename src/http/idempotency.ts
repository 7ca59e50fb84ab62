// Answers a repeated write with the first one's answer, where the client named both by the same Idempotency-Key.
import { createHash } from "node:crypto";

import type { FastifyReply, FastifyRequest } from "fastify";

import { patiently } from "../audit/patiently.ts";
import type { AnswerClaim, KeptAnswer } from "../identity/kept-answers.ts";
import type { App } from "./app.ts";
import { actorOf } from "./fields.ts";
import type { HttpParts } from "./parts.ts";
import { refuse, refuseField } from "./problem.ts";

const keyPattern = /^[\x21-\x7e]{1,128}$/;
/** Answers that say "not now": the same request may do better later, so the key stays free. */
const notNow: readonly number[] = [408, 429, 503];

/**
 * Every route under /v1 whose scope is a `write`. One key belongs to one caller and one route; path, query, If-Match and
 * body are what is asked for. Claimed before the act and kept with its answer behind it, so that an act which was cut
 * off in between is told of (409) and not done twice.
 */
export function honourIdempotencyKeys(
  app: App,
  parts: Pick<HttpParts, "answers" | "clock" | "log">,
): void {
  const owned = new WeakMap<FastifyRequest, AnswerClaim>();

  app.addHook("preHandler", async (request, reply) => {
    const key = request.headers["idempotency-key"];
    const { scope = "" } = request.routeOptions.config;
    if (key === undefined || !scope.endsWith(":write")) return undefined;
    if (typeof key !== "string" || !keyPattern.test(key))
      return refuseField(request, reply, "Idempotency-Key", "must be 1 to 128 visible characters");
    const claim: AnswerClaim = {
      actor: actorOf(request),
      route: `${request.method} ${request.routeOptions.url ?? ""}`,
      key,
      request: digestOf(request),
      at: parts.clock(),
    };
    const claimed = await patiently(() => parts.answers.claim(claim));
    switch (claimed.kind) {
      case "first":
        owned.set(request, claim);
        return undefined;
      case "answered":
        return replay(reply, claimed.answer);
      case "other-request":
        return refuse(request, reply, "unprocessable", {
          detail: "this Idempotency-Key was used with another request",
          remedy: "Use a new key for each new request.",
        });
      case "under-way":
        return refuse(request, reply, "conflict", {
          detail: "the first request with this Idempotency-Key is still under way",
          remedy: "Ask again in a moment.",
        });
      case "unknown":
        return refuse(request, reply, "conflict", {
          detail: "a request with this Idempotency-Key began, and how it ended is not on record",
          remedy: "See whether it was done (GET /v1/audit), then ask with a new key if it was not.",
        });
    }
  });

  app.addHook("onSend", async (request, reply, payload) => {
    const claim = owned.get(request);
    if (claim === undefined) return payload;
    owned.delete(request);
    try {
      await end(parts, request, claim, answerOf(reply, payload));
    } catch (cause) {
      // The act stands and is told of; a repetition will hear that its end is not on record.
      parts.log.error({ err: cause, requestId: request.id }, "answer not kept");
    }
    return payload;
  });
}

async function end(
  { answers }: Pick<HttpParts, "answers">,
  request: FastifyRequest,
  claim: AnswerClaim,
  answer: KeptAnswer,
): Promise<void> {
  // Where the handler was given up, it may still act: nobody can say that nothing was done.
  const kept = answer.status >= 500 ? undefined : answer;
  const isFree = notNow.includes(answer.status) && !isTimedOut(request);
  return patiently(() => (isFree ? answers.release(claim) : answers.keep(claim, kept)));
}

function isTimedOut(request: FastifyRequest): boolean {
  const reason: unknown = request.signal.aborted ? request.signal.reason : undefined;
  return reason instanceof Error && "code" in reason && reason.code === "FST_ERR_HANDLER_TIMEOUT";
}

function answerOf(reply: FastifyReply, payload: unknown): KeptAnswer {
  return {
    status: reply.statusCode,
    type: String(reply.getHeader("content-type")),
    body: typeof payload === "string" ? payload : "",
  };
}

/** Status, type and body as they were; a cookie that came with them is not given twice. */
function replay(reply: FastifyReply, answer: KeptAnswer): FastifyReply {
  return reply
    .code(answer.status)
    .header("idempotency-replayed", "true")
    .type(answer.type)
    .serializer((payload: unknown) => String(payload))
    .send(answer.body);
}

function digestOf(request: FastifyRequest): string {
  const { body, url, headers } = request;
  const data = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  const asked = JSON.stringify([url, headers["if-match"] ?? "", data]);
  return createHash("sha256").update(asked).digest("hex");
}
