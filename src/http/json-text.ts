// JSON as clients send it. What no UTF-8 text has is refused here, before anything of it is stored, digested or compared.
import type { FastifyRequest } from "fastify";

import type { App } from "./app.ts";
import { RefusedBody } from "./problem.ts";
import type { FieldProblem } from "./violation.ts";

/** text/plain is what a form on another site can send without asking (threats.md row 72). An empty body is no body. */
export function takeJsonOnly(app: App): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    (request: FastifyRequest, octets: Buffer, done) => {
      const body = decodeUtf8(request, octets);
      if (body === "") {
        done(null, undefined);
        return;
      }
      void parseJson(request, body, (error: Error | null, value?: unknown) => {
        if (error !== null) {
          done(notJson(body, error));
          return;
        }
        const problem = findIllFormed(body, value);
        done(problem === undefined ? null : badBody(problem), value);
      });
    },
  );
  // Acts whose body is all optional may come without one.
  app.addHook("preValidation", (request, _reply, done) => {
    const schema: unknown = request.routeOptions.schema?.body;
    if (request.body === undefined && schema !== undefined) request.body = {};
    done();
  });
}

/**
 * The text of a body that must be UTF-8 (RFC 8259 §8.1), without a byte order mark at its start. Throws a
 * {@link RefusedBody} for any other: U+FFFD in the place of what a person read or wrote would be no evidence.
 */
export function decodeUtf8({ headers }: FastifyRequest, octets: Buffer): string {
  for (const [, charset = ""] of (headers["content-type"] ?? "").matchAll(charsetParameter))
    if (!/^utf-?8$/i.test(charset))
      throw new RefusedBody("unsupported-media-type", {
        detail: `the charset ${charset} is not taken`,
        remedy: "Send the body as UTF-8, with charset=utf-8 or without a charset.",
      });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    throw new RefusedBody("bad-request", {
      detail: "the body is not UTF-8",
      remedy: "Encode it as UTF-8, not as Shift_JIS or another charset (RFC 8259 §8.1).",
    });
  }
}

const charsetParameter = /;\s*charset\s*=\s*"?([^\s";]*)/gi;

/**
 * The first key or text of `value` that holds half of a character. JSON can write one (RFC 8259 §8.2), but the database
 * cannot keep it: what was stored would no longer be what was digested. `text` is the JSON that `value` was read from.
 */
export function findIllFormed(text: string, value: unknown): FieldProblem | undefined {
  // Only an escape can spell a surrogate: most bodies need no walk.
  if (!/\\u[dD][89a-fA-F]/.test(text)) return undefined;
  const waiting: (readonly [path: string, value: unknown])[] = [["", value]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [path, each] = next;
    if (typeof each === "string" && !each.isWellFormed()) return illFormed(path);
    if (typeof each !== "object" || each === null) continue;
    for (const [key, inner] of Object.entries(each)) {
      const place = path === "" ? key : `${path}.${key}`;
      if (!key.isWellFormed()) return illFormed(place);
      waiting.push([place, inner]);
    }
  }
  return undefined;
}

/** What is wrong with a body that was refused: its syntax, and where, or a name that programs act on unasked. */
function notJson(body: string, error: Error): Error {
  try {
    JSON.parse(body);
  } catch (cause) {
    const place = /position (\d+)/.exec(String(cause))?.[1];
    const at = place === undefined ? "" : `, from character ${Number(place) + 1} on`;
    return new RefusedBody("bad-request", {
      detail: `the body is not valid JSON${at}`,
      remedy: "Send one JSON value (RFC 8259); a JSON library's output is always valid.",
    });
  }
  const name = /"(?:__proto__|constructor)"/.exec(body)?.[0].replaceAll('"', "");
  return name === undefined
    ? error
    : badBody({ field: name, problem: "is not a field of any request" });
}

function illFormed(path: string): FieldProblem {
  return {
    field: path === "" ? "body" : path.toWellFormed(),
    problem: "holds half of a character, a lone \\ud800 to \\udfff (RFC 8259 §8.2)",
  };
}

function badBody({ field, problem }: FieldProblem): RefusedBody {
  return new RefusedBody("bad-request", {
    detail: `${field} ${problem}`,
    errors: [{ field, problem }],
  });
}
