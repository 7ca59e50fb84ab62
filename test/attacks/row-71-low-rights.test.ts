// A token on routes that its scopes do not cover, and tokens that would make themselves stronger.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createToken } from "../../src/identity/issue.ts";
import { routeNouns } from "../../src/identity/scope.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { listApiRoutes } from "../support/http-routes.ts";

const cases = (await listApiRoutes())
  .filter((route) => route.noun !== "self")
  .map((route) => [`${route.method} ${route.url}`, route] as const);
let office: HttpOffice;
beforeAll(async () => {
  office = await openHttpOffice();
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

describe.each(cases)("row 71: %s", (_name, route) => {
  test("is forbidden to a token with every scope but its own", async () => {
    const others = routeNouns.filter((noun) => noun !== route.noun).map((noun) => `${noun}:write`);
    const own = route.right === "write" ? [`${route.noun}:read`] : [];
    const headers = await office.bearer([...others, ...own]);
    const answer = await office.app.inject({ ...route, headers: { ...route.headers, ...headers } });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain(`${route.noun}:${route.right}`);
  });
});

test.each([[["*"]], [["keys:write"]], [["tokens:write", "held:read"]]])(
  "row 71: a token that may make tokens cannot make one with %j",
  async (scopes) => {
    const headers = await office.bearer(["tokens:write"]);
    const answer = await office.app.inject({
      method: "POST",
      url: "/v1/tokens",
      headers,
      payload: { name: "stronger", scopes },
    });
    expect(answer.statusCode).toBe(403);
  },
);

test("row 71: whoever sees addresses masked makes nobody, and becomes nobody, who sees them", async () => {
  const now = office.parts.clock();
  const { token, text } = createToken({ name: "helpdesk", scopes: ["*"], masked: true, now });
  await office.storage.tokens.save(token, "create", { actor: "test", at: now });
  const headers = { authorization: `Bearer ${text}` };
  const call = async (url: string, payload: object): Promise<number> => {
    const answer = await office.app.inject({ method: "POST", url, headers, payload });
    return answer.statusCode;
  };
  expect(await call("/v1/users", { email: "a@example.jp", roles: ["postmaster"] })).toBe(403);
  expect(await call("/v1/users", { email: "b@example.jp", roles: ["guest", "operator"] })).toBe(
    403,
  );
  expect(await call("/v1/users", { email: "c@example.jp", roles: ["guest"] })).toBe(201);
  const { user } = await office.person(["postmaster"]);
  expect(await call(`/v1/users/${user.id}/reset`, {})).toBe(403);
});

test("row 71: a token hands on what it has, and nobody reads a secret back", async () => {
  const headers = await office.bearer(["tokens:write", "held:write"]);
  const payload = { name: "weaker", scopes: ["held:read"] };
  const made = await office.app.inject({ method: "POST", url: "/v1/tokens", headers, payload });
  const { id, token } = JSON.parse(made.body) as { id: string; token: string };
  const weaker = { authorization: `Bearer ${token}` };
  expect((await office.app.inject({ url: "/v1/held", headers: weaker })).statusCode).toBe(200);
  const listed = await office.app.inject({ url: "/v1/tokens", headers });
  expect(listed.body).toContain(id);
  expect(listed.body).not.toContain(token);
  expect(listed.body).not.toMatch(/hash/);
  await office.app.inject({ method: "POST", url: `/v1/tokens/${id}/revoke`, headers });
  expect((await office.app.inject({ url: "/v1/held", headers: weaker })).statusCode).toBe(401);
});
