// Before an answer is written: what the caller may not see is cut out or masked.
import type { FastifyReply, FastifyRequest } from "fastify";

import { masked } from "./mask.ts";
import type { HttpParts } from "./parts.ts";
import { problemBody } from "./problem.ts";
import { cut } from "./reach.ts";

/** A preSerialization hook. Problems are texts already, and pass. */
export function createAnswerCut(
  parts: Pick<HttpParts, "streams" | "senders">,
): (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown> {
  const shownOf = (request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown => {
    const { caller } = request;
    if (caller === null) return payload;
    const { reach, scope = "" } = request.routeOptions.config;
    const [noun = ""] = scope.split(":");
    const shown = reach === "filtered" ? cut(parts, caller, noun, payload) : payload;
    if (shown === undefined) {
      void reply.code(404).type("application/problem+json; charset=utf-8");
      const detail = "there is no such thing among your senders";
      return problemBody(request, "not-found", { detail });
    }
    return caller.masked ? masked(shown) : shown;
  };
  return (request, reply, payload) => Promise.resolve(shownOf(request, reply, payload));
}
