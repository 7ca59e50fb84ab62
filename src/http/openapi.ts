// The description of the API, made from the routes' own schemas (OpenAPI 3.1).
import swagger from "@fastify/swagger";
import type { RouteOptions } from "fastify";

import type { App } from "./app.ts";
import { problemSchema } from "./problem.ts";

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
        },
      },
    },
    refResolver: {
      buildLocalReference: (schema) =>
        typeof schema["$id"] === "string" ? schema["$id"] : "Schema",
    },
  });
}

/** An onRoute hook: what every route under /v1 has in common is written once. */
export function documentAdminRoute(route: RouteOptions): void {
  const noun = route.url.split("/")[2] ?? "";
  const problem = { description: "A problem (RFC 9457)", $ref: "Problem#" };
  const response = typeof route.schema?.response === "object" ? route.schema.response : {};
  route.schema = {
    ...route.schema,
    tags: [noun],
    security: [{ token: [] }],
    description: [route.schema?.description, `Scope: ${route.config?.scope ?? ""}.`]
      .filter((text) => text !== undefined)
      .join(" "),
    response: { ...response, "4xx": problem, "5xx": problem },
  };
}
