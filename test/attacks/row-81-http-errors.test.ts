// What goes wrong inside stays inside: a general text and a request id go out, the cause goes to the log.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { StorageUnavailable } from "../../src/audit/unavailable.ts";
import type { HttpParts } from "../../src/http/parts.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { listApiRoutes } from "../support/http-routes.ts";

const secret = "SELECT * FROM subjects at /var/lib/sekisho/sekisho.db";
const routes = await listApiRoutes();
const failing = routes.filter((route) => !["/v1/senders", "/v1/streams"].includes(route.url));

/** Every method of every store throws; tokens can still be read. */
function broken(make: () => Error): Partial<HttpParts> {
  const fails = new Proxy({}, { get: () => () => Promise.reject(make()) });
  return {
    ledger: fails,
    queue: fails,
    audit: fails,
    credentials: fails,
    keys: fails,
  } as Partial<HttpParts>;
}

describe.each([
  ["a fault", () => new Error(secret), 500],
  ["no storage", () => new StorageUnavailable("full", secret), 503],
] as const)("row 81: with %s", (_name, make, status) => {
  let office: HttpOffice;
  beforeAll(async () => {
    office = await openHttpOffice({ parts: broken(make) });
  });
  afterAll(async () => {
    await office[Symbol.asyncDispose]();
  });

  test("no answer says more than that it failed, and the log finds the cause by the request id", async () => {
    const headers = await office.bearer(["*"]);
    let failed = 0;
    for (const route of failing) {
      const answer = await office.app.inject({
        ...route,
        headers: { ...route.headers, ...headers },
      });
      expect(answer.body).not.toMatch(/SELECT|sekisho\.db|at \/|node_modules|\.ts:/);
      expect(answer.headers["server"] ?? answer.headers["x-powered-by"]).toBeUndefined();
      if (answer.statusCode !== status) continue;
      failed += 1;
      const { requestId } = JSON.parse(answer.body) as { requestId: string };
      const line = office
        .logged()
        .split("\n")
        .find((each) => each.includes(requestId) && each.includes("SELECT"));
      expect(line).toBeDefined();
    }
    expect(failed).toBeGreaterThanOrEqual(15);
  });

  test("metrics fail rather than show zeros, and readiness says no", async () => {
    expect((await office.app.inject({ url: "/metrics" })).statusCode).toBe(status);
  });
});

test("row 81: a part that fails to say whether it is ready is not", async () => {
  await using office = await openHttpOffice({
    parts: { ready: () => Promise.reject(new Error(secret)) },
  });
  const answer = await office.app.inject({ url: "/readyz" });
  expect([answer.statusCode, answer.body.includes("SELECT")]).toEqual([503, false]);
});

test.each([
  ["a percent sign that encodes nothing", "/v1/users/%ff"],
  ["a part that is too long", `/v1/suppressions/${"x".repeat(3000)}`],
])("row 81: %s in the path is a problem as any other", async (_name, url) => {
  await using office = await openHttpOffice({ settings: { publicUrl: "https://gw.example.jp" } });
  const answer = await office.app.inject({ url });
  expect([answer.statusCode, answer.json<object>()]).toEqual([
    400,
    {
      type: "urn:sekisho:problem:bad-request",
      title: "The request is not well formed",
      status: 400,
      detail: expect.stringContaining("the path cannot be read") as string,
      remedy: expect.stringContaining("RFC 3986") as string,
      requestId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    },
  ]);
  expect(office.logged()).toMatch(/"route":"none","status":400,"msg":"http request"/);
  const other = await office.app.inject({ url: "/v1/nothing" });
  const { "content-length": _length, date: _date, ...headers } = answer.headers;
  expect(other.headers).toMatchObject(headers);
});
