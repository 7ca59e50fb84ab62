// JSON as clients send it. What no UTF-8 text has is refused here, before anything of it is stored, digested or compared.
import type { FastifyRequest } from "fastify";

import type { App } from "./app.ts";
import type { FieldProblem } from "./problem.ts";

/** text/plain is what a form on another site can send without asking (threats.md row 72). An empty body is no body. */
export function takeJsonOnly(app: App): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "string" },
    (request: FastifyRequest, body: string, done) => {
      if (body === "") {
        done(null, undefined);
        return;
      }
      void parseJson(request, body, (error: Error | null, value?: unknown) => {
        const problem = error === null ? findIllFormed(body, value) : undefined;
        done(problem === undefined ? error : badBody(problem), value);
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

function illFormed(path: string): FieldProblem {
  return {
    field: path === "" ? "body" : path.toWellFormed(),
    problem: "holds half of a character, a lone \\ud800 to \\udfff (RFC 8259 §8.2)",
  };
}

/** As Fastify tells of a body that its schema refuses. */
function badBody({ field, problem }: FieldProblem): Error {
  return Object.assign(new Error(`${field} ${problem}`), {
    statusCode: 400,
    validation: [{ instancePath: `/${field}`, message: problem, params: {} }],
    validationContext: "body",
  });
}
