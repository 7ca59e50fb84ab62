// Examples: one problem of each name, as routes answer it.
import type { ProblemDetails, ProblemName } from "../problem.ts";

export const problemExamples: Readonly<Record<ProblemName, ProblemDetails>> = {
  "bad-request": {
    detail: "email is not an address",
    errors: [{ field: "email", problem: "is not an address" }],
  },
  unauthenticated: {
    detail: "the token is not valid (any more)",
    remedy: "Send a token made by: sekisho token create --name N --scopes …",
  },
  forbidden: {
    detail: "this token does not have the scope suppressions:write",
    remedy:
      "Use a token with that scope (sekisho token create --scopes …), or ask for a role that has it.",
  },
  "not-found": {
    detail: "there is no person of this id",
    remedy: "See GET /v1/users.",
  },
  timeout: { detail: "Client Timeout" },
  conflict: {
    detail: "somebody else changed this at the same moment; nothing was done",
    remedy: "Read it again, and send the change again if it still fits.",
  },
  "precondition-failed": {
    detail: "this is not any more as it was when you read it; nothing was done",
    remedy:
      "Read it again (GET), look at what has changed, and send the change with the new ETag as If-Match.",
  },
  "too-large": { detail: "Request body is too large" },
  "unsupported-media-type": { detail: "Unsupported Media Type: text/plain" },
  unprocessable: {
    detail: "this Idempotency-Key was used with another request",
    remedy: "Use a new key for each new request.",
  },
  "precondition-required": {
    detail: "this gateway takes changes of what exists with If-Match only",
    remedy: "Read it first (GET), and send its ETag as If-Match.",
  },
  "too-many-requests": {
    detail: "too many invalid tokens from this address",
    remedy: "Try again in 30 seconds with a valid token.",
  },
  "header-too-large": {
    detail: "the path and the header fields together are too long",
    remedy: "Send shorter fields, and long lists in a body.",
  },
  internal: {
    detail: "The gateway could not do this; its log has the cause under this request id.",
  },
  unavailable: {
    detail: "Storage cannot answer just now; nothing was changed.",
    remedy: "Try again later; the operator's log names the cause.",
  },
};
