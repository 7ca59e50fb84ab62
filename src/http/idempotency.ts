// Answers a repeated write with the first one's answer, where the client named both by the same Idempotency-Key.
import { createHash } from "node:crypto";

import type { FastifyReply, FastifyRequest } from "fastify";

import type { App } from "./app.ts";
import { refuse, refuseField } from "./problem.ts";

const answersMax = 1000; // kept in memory: a restart forgets them, and the ledger's own idempotency must do
const answerMaxOctets = 16 * 1024; // larger answers are not kept; the routes concerned answer in a few lines
const answerMaxAgeMs = 24 * 60 * 60 * 1000;

interface Answer {
  readonly digest: string;
  readonly at: number;
  /** undefined while the first request is under way. */
  readonly answer?: { readonly status: number; readonly type: string; readonly body: string };
}

/** Adds the hooks to routes whose config says `idempotent`. One key belongs to one token, method and path. */
export function honourIdempotencyKeys(app: App, clock: () => Date): void {
  const answers = new Map<string, Answer>();
  const owned = new WeakMap<FastifyRequest, { readonly name: string; readonly digest: string }>();

  app.addHook("preHandler", async (request, reply) => {
    const key = request.headers["idempotency-key"];
    if (key === undefined || request.routeOptions.config.idempotent !== true) return undefined;
    if (typeof key !== "string" || !/^[\x21-\x7e]{1,128}$/.test(key))
      return refuseField(request, reply, "Idempotency-Key", "must be 1 to 128 visible characters");
    const now = clock().getTime();
    const name = [request.caller?.actor, request.method, request.url, key].join("\0");
    const digest = digestOf(request.body);
    const known = answers.get(name);
    if (known === undefined || now - known.at > answerMaxAgeMs) {
      remember(answers, name, { digest, at: now });
      owned.set(request, { name, digest });
      return undefined;
    }
    if (known.digest !== digest)
      return refuse(request, reply, "unprocessable", {
        detail: "this Idempotency-Key was used with another body",
        remedy: "Use a new key for each new request.",
      });
    if (known.answer === undefined)
      return refuse(request, reply, "conflict", {
        detail: "the first request with this Idempotency-Key is still under way",
        remedy: "Ask again in a moment.",
      });
    return replay(reply, known.answer);
  });

  app.addHook("onSend", async (request, reply, payload) => {
    const mine = owned.get(request);
    if (mine === undefined) return payload;
    const keep =
      reply.statusCode < 500 && typeof payload === "string" && payload.length <= answerMaxOctets;
    if (!keep) answers.delete(mine.name);
    else {
      const type = String(reply.getHeader("content-type"));
      const answer = { status: reply.statusCode, type, body: payload };
      remember(answers, mine.name, { digest: mine.digest, at: clock().getTime(), answer });
    }
    return payload;
  });
}

function replay(reply: FastifyReply, answer: NonNullable<Answer["answer"]>): FastifyReply {
  return reply
    .code(answer.status)
    .header("idempotency-replayed", "true")
    .type(answer.type)
    .serializer((payload: unknown) => String(payload))
    .send(answer.body);
}

function remember(answers: Map<string, Answer>, name: string, answer: Answer): void {
  answers.delete(name);
  answers.set(name, answer);
  for (const oldest of answers.keys()) {
    if (answers.size <= answersMax) return;
    answers.delete(oldest);
  }
}

function digestOf(body: unknown): string {
  const data = Buffer.isBuffer(body) ? body : (JSON.stringify(body) ?? "");
  return createHash("sha256").update(data).digest("hex");
}
