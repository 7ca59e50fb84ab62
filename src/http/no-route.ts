// What never reaches a route or hook, since it is no HTTP or its path cannot be read: a problem and a log line as any other.
import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

import type { FastifyReply, FastifyRequest } from "fastify";

import type { HttpParts } from "./parts.ts";
import {
  createRequestId,
  problemOf,
  refuse,
  statusOf,
  type ProblemDetails,
  type ProblemName,
} from "./problem.ts";
import { secureHeaders, type SecureHeaderOptions } from "./secure-headers.ts";

/** Two of Fastify's options. */
export interface NoRouteAnswers {
  readonly frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => void;
  readonly clientErrorHandler: (error: Error & { readonly code?: string }, socket: Socket) => void;
}

const unreadablePath: ProblemDetails = {
  detail: "the path cannot be read: a part of it is too long, or a percent sign encodes no UTF-8",
  remedy: "Encode each part of the path as RFC 3986 §2 says; see /openapi.json for the paths.",
};

/** By Node's code of what it could not read. */
const unreadable: Readonly<Record<string, readonly [ProblemName, ProblemDetails]>> = {
  HPE_HEADER_OVERFLOW: [
    "header-too-large",
    {
      detail: "the path and the header fields together are too long",
      remedy: "Send shorter fields, and long lists in a body.",
    },
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["timeout", { detail: "the request did not come to its end" }],
};
const noHttp: readonly [ProblemName, ProblemDetails] = [
  "bad-request",
  { detail: "this is not HTTP/1.1 as RFC 9112 says", remedy: "Check the scheme, http or https." },
];

export function answerNoRoute(
  { log }: Pick<HttpParts, "log">,
  options: SecureHeaderOptions,
): NoRouteAnswers {
  const headers = secureHeaders(options);
  return {
    frameworkErrors: (_error, request, reply) => {
      log.info(lineOf(request.id, 400, request.method), "http request");
      void reply.headers(headers);
      refuse(request, reply, "bad-request", unreadablePath);
    },
    clientErrorHandler: ({ code = "" }, socket) => {
      if (code === "ECONNRESET" || !socket.writable || owesAnother(socket)) {
        socket.destroy();
        return;
      }
      const [name, details] = unreadable[code] ?? noHttp;
      const requestId = createRequestId();
      const status = statusOf(name);
      log.info({ ...lineOf(requestId, status), code }, "http request");
      const body = JSON.stringify(problemOf(name, details, requestId));
      socket.end(written(status, headers, body), () => {
        socket.destroy();
      });
    },
  };
}

/** Whether another request's answer is next on this connection: what is said now would be taken for it. */
function owesAnother(socket: Socket): boolean {
  // Where Node keeps it, and looks in its own handler of this event.
  const { _httpMessage: answer } = socket as { readonly _httpMessage?: ServerResponse | null };
  return answer instanceof Object && (answer.headersSent || answer.req.complete);
}

/** As of every other request. */
function lineOf(requestId: string, status: number, method?: string): object {
  return { requestId, ...(method === undefined ? {} : { method }), route: "none", status };
}

function written(status: number, headers: Readonly<Record<string, string>>, body: string): string {
  const fields = {
    ...headers,
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, ...lines, "", body].join("\r\n");
}
