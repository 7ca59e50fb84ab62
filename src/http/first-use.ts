// Compiles what checks a request, and what writes its answer, when a route is first used. All routes together took more than
// a quarter of a gateway's start, and most are not asked in its first hours. The first request of all takes 0.07 s instead
// of 0.03, a route's own first some 5 ms more than its second (docs/performance.md).
import { AjvCompiler } from "@fastify/ajv-compiler";
import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";
import type { FastifyServerOptions } from "fastify";

type Compilers = NonNullable<
  NonNullable<FastifyServerOptions["schemaController"]>["compilersFactory"]
>;
type BuildValidator = NonNullable<Compilers["buildValidator"]>;
type Route = Parameters<ReturnType<BuildValidator>>[0];
type Check = ReturnType<ReturnType<BuildValidator>>;

/** For Fastify's `schemaController.compilersFactory`. A schema that does not compile fails the route's first request. */
export const atFirstUse: Compilers = {
  buildValidator: (shared, options) => {
    const compile = AjvCompiler()(shared, options);
    return (route) => {
      const check = once(() => compile(inSmallLetters(route)));
      const checkAtFirst = (data: unknown): boolean | Promise<unknown> => {
        const answer = check()(data) as boolean | Promise<unknown>;
        checkAtFirst.errors = check().errors;
        return answer;
      };
      checkAtFirst.errors = undefined as Check["errors"];
      return checkAtFirst as Check; // as Ajv's own: a function that keeps what it found wrong
    };
  },
  buildSerializer: (shared, options) => {
    const compile = SerializerSelector()(shared, options);
    return (route) => {
      const write = once(() => compile(route));
      return (answer) => write()(answer);
    };
  },
};

function once<Made extends object>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

/** Of header fields, whose names Node.js gives so: Fastify leaves it to compilers that are not its own. */
function inSmallLetters(route: Route): Route {
  const { schema, httpPart } = route;
  if (httpPart !== "headers" || typeof schema !== "object") return route;
  const fields = Object.entries((schema["properties"] ?? {}) as object).map(
    ([name, field]: [string, unknown]) => [name.toLowerCase(), field] as const,
  );
  const required = (schema["required"] ?? []) as readonly string[];
  return {
    ...route,
    schema: {
      ...schema,
      properties: Object.fromEntries(fields),
      required: required.map((name) => name.toLowerCase()),
    },
  };
}
