// Requests that a page on another site can make a browser send: forms, text/plain, preflights.
import { afterAll, beforeAll, expect, test } from "vitest";

import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { listApiRoutes } from "../support/http-routes.ts";

const routes = await listApiRoutes();
const writing = routes
  .filter((route) => route.method === "POST")
  .map((route) => [`${route.method} ${route.url}`, route] as const);
let office: HttpOffice;
let token: { readonly authorization: string };
beforeAll(async () => {
  office = await openHttpOffice();
  token = await office.bearer(["*"]);
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

test.each(writing)("row 72: %s takes no form and no JSON in disguise", async (_name, route) => {
  for (const type of [
    "text/plain",
    "text/plain; charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/json-patch+json",
  ]) {
    const answer = await office.app.inject({
      method: "POST",
      url: route.url,
      headers: { ...token, "content-type": type, origin: "https://evil.example" },
      payload: '{"email":"a@example.net"}',
    });
    expect([type, answer.statusCode]).toEqual([type, 415]);
  }
});

test.each(routes.map((route) => [`${route.method} ${route.url}`, route] as const))(
  "row 72: %s gives another origin no leave to read",
  async (_name, route) => {
    const headers = { ...route.headers, ...token, origin: "https://evil.example" };
    const answer = await office.app.inject({ ...route, headers });
    const preflight = await office.app.inject({
      method: "OPTIONS",
      url: route.url,
      headers: { origin: "https://evil.example", "access-control-request-method": route.method },
    });
    for (const { headers: given } of [answer, preflight]) {
      expect(Object.keys(given).filter((name) => name.startsWith("access-control-"))).toEqual([]);
      expect(given["set-cookie"]).toBeUndefined();
      expect(given["x-content-type-options"]).toBe("nosniff");
      expect(given["content-security-policy"]).toContain("default-src 'none'");
      expect(given["cache-control"]).toBe("no-store");
    }
    expect(preflight.statusCode).toBe(404);
  },
);

test("row 72: a cookie or a token in the body is no token", async () => {
  const answer = await office.app.inject({
    method: "POST",
    url: "/v1/suppressions",
    headers: { cookie: `token=${token.authorization.slice(7)}` },
    payload: { email: "a@example.net", token: token.authorization.slice(7) },
  });
  expect(answer.statusCode).toBe(401);
});
