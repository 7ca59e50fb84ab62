// Turns every "no" of the HTTP API into application/problem+json (RFC 9457): what is wrong, where, and the remedy.
import { randomBytes } from "node:crypto";

import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";

import { StorageUnavailable } from "../audit/unavailable.ts";
import { SelectorTaken } from "../dkim/key.ts";
import { fieldProblems, type FieldProblem, type Violation } from "./violation.ts";

/** Everything the API can say no with: status and title. */
const problems = {
  "bad-request": { status: 400, title: "The request is not well formed" },
  unauthenticated: { status: 401, title: "A valid token or login is needed" },
  forbidden: { status: 403, title: "The caller may not do this" },
  "not-found": { status: 404, title: "There is no such thing" },
  timeout: { status: 408, title: "The request took too long" },
  conflict: { status: 409, title: "The present state does not allow this" },
  "precondition-failed": { status: 412, title: "It is not as the request expects" },
  "too-large": { status: 413, title: "The request is too large" },
  "unsupported-media-type": { status: 415, title: "The content type is not one this route takes" },
  unprocessable: { status: 422, title: "The request cannot be done as it is" },
  "precondition-required": { status: 428, title: "The request must say what it expects" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "header-too-large": { status: 431, title: "The request's header is too large" },
  internal: { status: 500, title: "The gateway failed" },
  unavailable: { status: 503, title: "The gateway cannot do this now" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;
export type ProblemName = keyof typeof problems;
export const problemNames = Object.keys(problems) as readonly ProblemName[]; // Object.keys forgets the keys' type.

export interface ProblemDetails {
  /** What is wrong here, in one sentence. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
  readonly errors?: readonly FieldProblem[];
  /** More members, as the route documents them. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Answer of a route that says no, in its documents. */
export const problemAnswer = { description: "A problem (RFC 9457)", $ref: "Problem#" } as const;

export const problemSchema = Type.Object(
  {
    type: Type.String({ description: "urn:sekisho:problem:<name>" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    remedy: Type.Optional(Type.String({ description: "What to do about it." })),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), problem: Type.String() }), {
        description: "The fields that are wrong.",
      }),
    ),
    requestId: Type.String({ description: "Finds the request in the operator's log." }),
  },
  { $id: "Problem", additionalProperties: true, description: "RFC 9457" },
);

/** Answers no. Give the result back from the handler. */
export function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  name: ProblemName,
  details: ProblemDetails,
): FastifyReply {
  // Already a string: the route's answer schemas must not drop what a problem says.
  const body = JSON.stringify(problemBody(request, name, details));
  return reply
    .code(problems[name].status)
    .type("application/problem+json; charset=utf-8")
    .serializer((payload: unknown) => String(payload))
    .send(body);
}

/** The members of a problem, for whoever cannot answer through {@link refuse}. */
export function problemBody(
  request: FastifyRequest,
  name: ProblemName,
  details: ProblemDetails,
): Readonly<Record<string, unknown>> {
  return problemOf(name, details, request.id);
}

export function problemOf(
  name: ProblemName,
  details: ProblemDetails,
  requestId: string,
): Readonly<Record<string, unknown>> {
  const { status, title } = problems[name];
  const { more, ...rest } = details;
  const type = `urn:sekisho:problem:${name}`;
  return { type, title, status, ...rest, ...more, requestId };
}

/** Sixteen hexadecimal digits, which find the request in the log. */
export function createRequestId(): string {
  return randomBytes(8).toString("hex");
}

export function statusOf(name: ProblemName): number {
  return problems[name].status;
}

/** A field whose value is wrong, as a 400. */
export function refuseField(
  request: FastifyRequest,
  reply: FastifyReply,
  field: string,
  problem: string,
): FastifyReply {
  return refuse(request, reply, "bad-request", {
    detail: `${field} ${problem}`,
    errors: [{ field, problem }],
  });
}

/** A "no" from where nothing but an error can be given: a body's parser. */
export class RefusedBody extends Error {
  readonly problem: ProblemName;
  readonly details: ProblemDetails;

  constructor(problem: ProblemName, details: ProblemDetails) {
    super(details.detail);
    this.problem = problem;
    this.details = details;
  }
}

/** Fastify's error handler: what was thrown, by it or by us, as a problem. Internals go to the log only. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof StorageUnavailable) {
    request.log.error({ err: error, requestId: request.id }, "storage unavailable");
    void reply.header("retry-after", "10");
    return refuse(request, reply, "unavailable", {
      detail: "Storage cannot answer just now; nothing was changed.",
      remedy: "Try again later; the operator's log names the cause.",
    });
  }
  if (error instanceof SelectorTaken)
    return refuse(request, reply, "conflict", {
      detail: error.message,
      remedy: "See GET /v1/keys, and try again in a minute if it is not there.",
    });
  if (error instanceof RefusedBody) return refuse(request, reply, error.problem, error.details);
  // Stores throw a RangeError for a cursor that is none of theirs.
  if (error instanceof RangeError && /[?&]cursor=/.test(request.url))
    return refuseField(request, reply, "cursor", "is not one that this list gave");
  const { statusCode, validation, validationContext, message } = readError(error);
  if (validation !== undefined) {
    const errors = validation.flatMap((each) => fieldProblems(each, validationContext));
    return refuse(request, reply, "bad-request", {
      detail: errors.map(({ field, problem }) => `${field} ${problem}`).join("; "),
      errors,
    });
  }
  const name = nameOf(statusCode);
  if (name === "internal") {
    request.log.error({ err: error, requestId: request.id }, "request failed");
    return refuse(request, reply, name, {
      detail: "The gateway could not do this; its log has the cause under this request id.",
    });
  }
  return refuse(request, reply, name, bodyProblem(name, request) ?? { detail: message });
}

/** Fastify's own words for these say neither what was wrong nor what would be right. */
function bodyProblem(name: ProblemName, request: FastifyRequest): ProblemDetails | undefined {
  const type = request.headers["content-type"] ?? "";
  if (name === "unsupported-media-type")
    return {
      detail: type === "" ? "the body has no Content-Type" : `${type} is not taken here`,
      remedy: "Send application/json, or what /openapi.json names for this route.",
    };
  if (name === "too-large") {
    // Lines have a limit of their own: admin/consents.ts.
    const limit = type.includes("ndjson") ? undefined : request.routeOptions.bodyLimit;
    return {
      detail: `the body is larger than is taken here${limit === undefined ? "" : `: ${limit} octets`}`,
      remedy: "Send several smaller requests, or use the command line: sekisho --help.",
    };
  }
  return undefined;
}

interface ReadableError {
  readonly statusCode: number;
  readonly message: string;
  readonly validation?: readonly Violation[];
  readonly validationContext: string;
}

function readError(error: unknown): ReadableError {
  if (!(error instanceof Error)) return { statusCode: 500, message: "", validationContext: "" };
  const { statusCode, validation, validationContext } = error as Error & Partial<ReadableError>;
  return {
    statusCode: typeof statusCode === "number" ? statusCode : 500,
    message: error.message,
    validationContext: validationContext ?? "",
    ...(validation === undefined ? {} : { validation }),
  };
}

function nameOf(status: number): ProblemName {
  for (const [name, problem] of Object.entries(problems))
    if (problem.status === status) return name as ProblemName; // Object.entries forgets the keys' type.
  return status >= 400 && status < 500 ? "bad-request" : "internal";
}
