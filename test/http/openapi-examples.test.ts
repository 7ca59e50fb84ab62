// Every example of the OpenAPI document: there is one for each body, answer and problem, it has the form that its own schema
// asks for, the gateway takes it, and a repetition of it with its Idempotency-Key is answered and not done again.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Compile } from "typebox/schema";

import { buildOpenApi } from "../../src/http/build-openapi.ts";
import { problemNames } from "../../src/http/problem.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";

interface Media {
  readonly schema: unknown;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, unknown>>;
}
interface Operation {
  readonly description?: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Media>> }>
  >;
}
const document = JSON.parse(JSON.stringify(await buildOpenApi())) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly examples: Readonly<Record<string, { readonly value: unknown }>> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** The same value with each reference into the document replaced by what it leads to. */
function resolved(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(resolved);
  if ("$ref" in value && typeof value.$ref === "string")
    return resolved(
      value.$ref
        .replace("#/", "")
        .split("/")
        .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], document),
    );
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolved(each)]));
}

/** The same schema, closed to fields that it does not name: an answer could not have them. */
function strict(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(strict);
  if ("allOf" in schema) return schema; // Closing one part would close it to the others' fields.
  const inner = Object.fromEntries(
    Object.entries(schema).map(([name, each]) => [name, strict(each)]),
  );
  const isOpen = "properties" in schema && !("additionalProperties" in schema);
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}

/** Examples of a media type, by name. */
function examplesOf({ example, examples = {} }: Media): readonly unknown[] {
  const named = Object.values(examples).map(
    (each) => (resolved(each) as { readonly value: unknown }).value,
  );
  return example === undefined ? named : [example, ...named];
}

const media = operations.flatMap(({ path, method, operation }) => {
  const name = `${method.toUpperCase()} ${path}`;
  const all = [
    ["body", operation.requestBody?.content ?? {}] as const,
    ...Object.entries(operation.responses).map(
      ([status, { content = {} }]) => [status, content] as const,
    ),
  ];
  return all.flatMap(([where, content]) =>
    Object.entries(content).map(([type, each]) => [`${name} ${where} ${type}`, each] as const),
  );
});

test.each(media)("%s has examples, each as its schema asks", (_name, each) => {
  const examples = examplesOf(each);
  expect(examples.length).toBeGreaterThan(0);
  const schema = Compile(strict(resolved(each.schema)) as object);
  for (const example of examples) {
    const [valid, errors] = schema.Errors(example);
    expect([valid, errors]).toEqual([true, []]);
  }
});

test("the schemas do refuse what is wrong, lacks, or is not named", () => {
  const found = media.find(([name]) => name === "GET /v1/users/{id} 200 application/json");
  const user = examplesOf(found?.[1] ?? { schema: {} })[0] as Record<string, unknown>;
  const schema = Compile(strict(resolved(found?.[1].schema)) as object);
  expect(schema.Check(user)).toBe(true);
  expect(schema.Check({ ...user, passwordHash: "x" })).toBe(false);
  expect(schema.Check({ ...user, roles: "approver" })).toBe(false);
  const { email: _email, ...less } = user;
  expect(schema.Check(less)).toBe(false);
});

test("each problem has one example, which is what the server sends under that name", () => {
  const { examples } = document.components;
  expect(Object.keys(examples)).toEqual([...problemNames]);
  for (const name of problemNames)
    expect(examples[name]?.value).toMatchObject({ type: `urn:sekisho:problem:${name}` });
});

test("every route answers as a problem where it does not answer otherwise", () => {
  for (const { path, method, operation } of operations) {
    if (!path.startsWith("/v1/") || path.startsWith("/v1/session")) continue;
    for (const status of ["4XX", "5XX"])
      expect([method, path, Object.keys(operation.responses[status]?.content ?? {})]).toEqual([
        method,
        path,
        ["application/problem+json"],
      ]);
  }
});

describe("in the running server", () => {
  let office: HttpOffice;
  beforeAll(async () => {
    // Whether a person may be asked for consent is not looked at here: no stream of this office asks.
    const doubleOptIn = {
      ask: () => Promise.reject(new Error("nobody is asked")),
      pending: () => Promise.resolve(undefined),
      confirm: () => Promise.resolve(undefined),
    };
    office = await openHttpOffice({
      settings: { requirePublished: false },
      parts: { doubleOptIn },
    });
  });
  afterAll(async () => {
    await office[Symbol.asyncDispose]();
  });
  const writes = operations
    .filter(({ operation }) => /Scope: [a-z]+:write\./.test(operation.description ?? ""))
    .map((each) => [`${each.method.toUpperCase()} ${each.path}`, each] as const);

  const scope = "?scope=stream:newsletter&reason=asked+by+phone";
  const queries: Readonly<Record<string, string>> = {
    "/v1/suppressions/{address}": scope,
    "/v1/freezes": scope,
    "/v1/pauses": "?scope=destination:example.com&reason=asked+by+phone",
    "/v1/users/{id}/deputy": "?for=m4v8h2kq9x",
  };

  test.each(writes)(
    "%s takes its example, and a repetition with its key gets the same answer",
    async (name, { path, method, operation }) => {
      const [[type, body] = ["", undefined]] = Object.entries(operation.requestBody?.content ?? {});
      const query = method === "delete" ? (queries[path] ?? "") : "";
      const url = path.replace("{domain}", "example.jp").replace("{address}", "a@example.net");
      const request = {
        method: method.toUpperCase() as "POST" | "DELETE",
        url: `${url.replace(/\{[^}]+\}/g, "example")}${query}`,
        headers: {
          ...(await office.bearer(["*"])),
          "idempotency-key": name.replaceAll(/[^A-Za-z]/g, "-"),
          ...(type === "" ? {} : { "content-type": type }),
        },
        ...(body === undefined ? {} : { payload: body.example as object }),
      };
      const first = await office.app.inject(request);
      expect([name, first.statusCode, first.body]).not.toEqual([name, 400, first.body]);
      expect(first.statusCode).toBeLessThan(500);
      office.pass(30);
      const again = await office.app.inject(request);
      expect([again.statusCode, again.body]).toEqual([first.statusCode, first.body]);
      // Bodies differ by their request ids where a handler ran twice.
      expect(again.headers["idempotency-replayed"]).toBe("true");
    },
  );
});
