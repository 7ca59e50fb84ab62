// The description of the API, made from the routes' own schemas (OpenAPI 3.1).
import swagger from "@fastify/swagger";
import type { RouteOptions } from "fastify";
import Type, { type TSchema } from "typebox";

import type { App } from "./app.ts";
import { completeOpenApi, type OpenApiDocument } from "./complete-openapi.ts";
import { closed } from "./fields.ts";
import { problemAnswer, problemSchema } from "./problem.ts";

/** Collects the routes that are registered behind it, and serves them at /openapi.json. */
export function describeRoutes(app: App, version: string): void {
  app.addSchema(problemSchema);
  void app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Sekisho",
        version,
        description:
          "Administration of a Sekisho gateway. Times are RFC 3339, lists are {items, next}, errors are RFC 9457 problems.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: "/" }],
      components: {
        securitySchemes: {
          token: {
            type: "http",
            scheme: "bearer",
            description: "sekisho token create --name N --scopes …",
          },
          session: {
            type: "apiKey",
            in: "cookie",
            name: "__Host-sekisho",
            description: "A person's, by POST /v1/session; changes need X-CSRF-Token too.",
          },
        },
      },
    },
    transformObject: (documents) =>
      "openapiObject" in documents
        ? // Our types name the part that we complete; the rest passes.
          (completeOpenApi(
            documents.openapiObject as OpenApiDocument,
          ) as typeof documents.openapiObject)
        : documents.swaggerObject,
    refResolver: {
      buildLocalReference: (schema) =>
        typeof schema["$id"] === "string" ? schema["$id"] : "Schema",
    },
  });
}

/** `GET /v1/held/:id/message` → `getHeldIdMessage`: what generated clients call the operation. */
function operationIdOf(method: string, url: string): string {
  const words = url
    .replace(/^\/v1\//, "")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return method.toLowerCase() + words.join("");
}

/** An onRoute hook: what every route under /v1 has in common is written once. */
export function documentAdminRoute(route: RouteOptions): void {
  const noun = route.url.split("/")[2] ?? "";
  const response = typeof route.schema?.response === "object" ? route.schema.response : {};
  route.schema = {
    ...route.schema,
    headers: headersOf(route),
    querystring: route.schema?.querystring ?? Type.Object({}, closed), // what it does not know, it refuses
    operationId: operationIdOf(String(route.method), route.url),
    tags: [noun],
    security: [{ token: [] }, { session: [] }],
    description: [route.schema?.description, `Scope: ${route.config?.scope ?? ""}.`]
      .filter((text) => text !== undefined)
      .join(" "),
    response: { ...response, "4xx": problemAnswer, "5xx": problemAnswer },
  };
}

/** What every route of its kind understands: idempotency.ts, entity-tag.ts. */
function headersOf({ method, config }: RouteOptions): TSchema {
  const isWrite = config?.scope?.endsWith(":write") === true;
  const header = (description: string): TSchema =>
    Type.Optional(Type.String({ maxLength: 2048, description }));
  return Type.Object({
    ...(isWrite
      ? {
          "Idempotency-Key": header(
            "Names this request: a repetition within a day gets the first answer, and nothing is done twice.",
          ),
        }
      : {}),
    ...(config?.conditional === true
      ? { "If-Match": header("ETag of what is to be changed: 412 where it has changed since.") }
      : {}),
    ...(method === "GET"
      ? { "If-None-Match": header("ETag of the answer you have: 304 where it is still the same.") }
      : {}),
  });
}
