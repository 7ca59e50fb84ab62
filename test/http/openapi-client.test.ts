// The OpenAPI document in others' hands: an independent validator, and a client that is made from it alone.
import { Validator } from "@seriousme/openapi-schema-validator";
import { OpenAPIClientAxios, type Document } from "openapi-client-axios";
import { afterAll, beforeAll, expect, test } from "vitest";

import { buildOpenApi } from "../../src/http/build-openapi.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";

interface Answer {
  readonly data: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

let office: HttpOffice;
let base = "";
beforeAll(async () => {
  office = await openHttpOffice();
  base = await office.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

test("is valid by the OpenAPI 3.1 schema, every reference resolved", async () => {
  const document = JSON.parse(JSON.stringify(await buildOpenApi())) as Record<string, unknown>;
  const validator = new Validator();
  const result = await validator.validate(document);
  expect(result.errors ?? []).toEqual([]);
  expect([result.valid, validator.version]).toEqual([true, "3.1"]);
  const broken = await new Validator().validate({ ...document, paths: { "no-slash": 1 } });
  expect(broken.valid).toBe(false);
});

test("each operation has a name of its own", async () => {
  const text = JSON.stringify(await buildOpenApi());
  const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map((match) => match[1]);
  expect(ids.length).toBeGreaterThan(50);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a client made from the served document suppresses an address, finds it, and lifts it", async () => {
  const { authorization } = await office.bearer(["suppressions:write"]);
  const served = (await (await fetch(`${base}/openapi.json`)).json()) as Document;
  const api = new OpenAPIClientAxios({
    definition: served,
    axiosConfigDefaults: { baseURL: base, headers: { authorization } },
  });
  const client = await api.init();
  const ask = async (name: string, ...args: readonly unknown[]): Promise<Answer> => {
    const operation: unknown = client[name];
    if (typeof operation !== "function") throw new Error(`the client has no ${name}`);
    return (await operation.apply(client, args)) as Answer;
  };
  const call = async (name: string, ...args: readonly unknown[]): Promise<unknown> =>
    (await ask(name, ...args)).data;
  const email = "client@example.net";
  const made = await call("postSuppressions", null, { email, kind: "manual", reason: "test" });
  expect(made).toMatchObject({ email, kind: "manual", scope: "all", active: true });
  const found = await call("getSuppressionsAddress", { address: email });
  expect(found).toMatchObject({ items: [{ email, reason: "test" }], next: null });
  const query = { address: email, scope: "all", reason: "asked by phone" };
  // The client knows the headers too, since the document names them.
  const tag = String((await ask("getSuppressionsAddress", { address: email })).headers["etag"]);
  await expect(
    call("deleteSuppressionsAddress", { ...query, "If-Match": '"older"' }),
  ).rejects.toMatchObject({
    response: { status: 412, data: { type: "urn:sekisho:problem:precondition-failed" } },
  });
  const keyed = { ...query, "If-Match": tag, "Idempotency-Key": "0d6f7f0e-lift" };
  expect(await call("deleteSuppressionsAddress", keyed)).toMatchObject({ removed: [{ email }] });
  const again = await ask("deleteSuppressionsAddress", keyed);
  expect(again.headers["idempotency-replayed"]).toBe("true");
  expect(again.data).toMatchObject({ removed: [{ email }] });
  await expect(call("getKeys")).rejects.toMatchObject({
    response: { status: 403, data: { type: "urn:sekisho:problem:forbidden" } },
  });
});
