// The OpenAPI document: it has the structure the standard asks for, and says what the routes do.
import { expect, test } from "vitest";

import { buildOpenApi } from "../../src/http/build-openapi.ts";
import { createClient, fieldsOf } from "../support/http-client.ts";
import { openHttpOffice } from "../support/http-office.ts";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: object;
}
interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: object };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: object }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

const document = (await buildOpenApi()) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test("is OpenAPI 3.1 with title and version", () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info.title).toBe("Sekisho");
  expect(document.info.version).not.toBe("");
});

test("has the routes that the contract names", () => {
  const nouns = [
    "suppressions",
    "consents",
    "keys",
    "messages",
    "held",
    "queue",
    "credentials",
    "senders",
    "streams",
    "explain",
    "audit",
    "tokens",
  ];
  for (const noun of nouns) expect(Object.keys(document.paths)).toContain(`/v1/${noun}`);
  for (const path of ["/healthz", "/readyz", "/metrics", "/r/{reason}"])
    expect(Object.keys(document.paths)).toContain(path);
});

test.each(operations.map((each) => [`${each.method} ${each.path}`, each] as const))(
  "describes %s fully",
  (_name, { path, method, operation }) => {
    expect(operation.summary).not.toBe("");
    expect(operation.tags).toHaveLength(1);
    expect(["get", "post", "delete"]).toContain(method);
    const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? "");
    const described = (operation.parameters ?? []).filter((each) => each.in === "path");
    expect(described.map((each) => each.name).toSorted()).toEqual(inPath.toSorted());
    expect(described.every((each) => each.required === true)).toBe(true);
    for (const [status, response] of Object.entries(operation.responses)) {
      expect(status).toMatch(/^([1-5]\d\d|[1-5]XX|default)$/);
      expect(response.description).not.toBe("");
    }
    const isAdmin = path.startsWith("/v1/") && !operation.tags.includes("login");
    expect(operation.security).toEqual(isAdmin ? [{ token: [] }, { session: [] }] : undefined);
    // GET /v1/session only tells how one can log in.
    const saysNo = path.startsWith("/v1/") && `${method} ${path}` !== "get /v1/session";
    for (const status of ["4XX", "5XX"])
      expect(Object.keys(operation.responses).includes(status)).toBe(saysNo);
  },
);

test("every reference leads somewhere", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
  expect(references.length).toBeGreaterThan(0);
  for (const reference of references) {
    const target = reference
      .replace(/^#\//, "")
      .split("/")
      .reduce<unknown>(
        (node, name) =>
          typeof node === "object" && node !== null
            ? (node as Record<string, unknown>)[name]
            : undefined,
        document,
      );
    expect([reference, typeof target]).toEqual([reference, "object"]);
  }
});

test("what a query has that the document does not name is refused, not overlooked", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["*"]));
  const asked = operations.flatMap(({ path, method, operation }) => {
    const demands = (operation.parameters ?? []).some(
      (each) => each.in === "query" && each.required,
    );
    return path.startsWith("/v1/") &&
      operation.security !== undefined &&
      method === "get" &&
      !demands
      ? [path.replace("{scope}", "sender:sample").replaceAll(/\{[^}]+\}/g, "some.example")]
      : [];
  });
  expect(asked.length).toBeGreaterThan(30);
  for (const path of asked)
    expect([path, fieldsOf(await call("GET", `${path}?nosuch=1`))]).toEqual([path, ["nosuch"]]);
  const written = await call("POST", "/v1/suppressions?dryRun=1", { email: "dry@example.net" });
  expect([written.status, fieldsOf(written)]).toEqual([400, ["dryRun"]]);
  expect((await call("GET", "/v1/suppressions/dry@example.net")).json["items"]).toEqual([]);
});

test("is what a running gateway serves", async () => {
  const never = (): Promise<never> => Promise.reject(new Error("not called"));
  await using office = await openHttpOffice({
    parts: {
      optOut: { act: never },
      doubleOptIn: { ask: never, pending: never, confirm: never },
    },
  });
  const served = await office.app.inject({ url: "/openapi.json" });
  expect(JSON.parse(served.body)).toEqual(JSON.parse(JSON.stringify(document)));
});
