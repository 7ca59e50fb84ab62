// Every route under /v1 as a request that would reach its handler, taken from the OpenAPI document: no route is missed.
import { buildOpenApi } from "../../src/http/build-openapi.ts";

export interface ApiRoute {
  readonly method: "GET" | "POST" | "DELETE" | "PUT" | "PATCH";
  /** With example values in place of parameters. */
  readonly url: string;
  /** As in the document: with {parameters}. */
  readonly pattern: string;
  /** `self`: the caller's own account, which every caller may. */
  readonly noun: string;
  readonly right: "read" | "write";
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: object | string;
}

interface Operation {
  readonly security?: readonly object[];
  readonly description?: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

export async function listApiRoutes(): Promise<readonly ApiRoute[]> {
  const document = (await buildOpenApi()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith("/v1/"))
    .flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, operation]) => operation.security !== undefined) // Logging in asks for no token.
        .map(([method, operation]) => toRoute(path, method, operation)),
    );
}

function toRoute(path: string, method: string, operation: Operation): ApiRoute {
  const scope = /Scope: ([a-z]+):(read|write)\./.exec(operation.description ?? "");
  if (scope?.[1] === undefined) throw new Error(`${method} ${path} documents no scope`);
  const type = path === "/v1/explain" ? "message/rfc822" : "application/json";
  const body = method === "post";
  return {
    method: method.toUpperCase() as ApiRoute["method"],
    url: path.replace("{domain}", "example.jp").replace(/\{[^}]+\}/g, "example"),
    pattern: path,
    noun: scope[1],
    right: scope[2] === "write" ? "write" : "read",
    headers: body ? { "content-type": type } : {},
    ...(body ? { payload: type === "application/json" ? {} : "From: a@example.jp\r\n\r\n" } : {}),
  };
}
