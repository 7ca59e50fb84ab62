// Missing, wrong, revoked and expired tokens, and tokens in the URL, on every route there is.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createToken, revokeToken } from "../../src/identity/issue.ts";
import { routeNouns } from "../../src/identity/scope.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { listApiRoutes } from "../support/http-routes.ts";

const routes = await listApiRoutes();
const cases = routes.map((route) => [`${route.method} ${route.url}`, route] as const);
let office: HttpOffice;
let wrong: Readonly<Record<string, string>>;
beforeAll(async () => {
  office = await openHttpOffice();
  const now = office.parts.clock();
  const { tokens } = office.storage;
  const good = createToken({ name: "good", scopes: ["*"], now });
  await tokens.save(good.token, "create", { actor: "test", at: now });
  const revoked = createToken({ name: "revoked", scopes: ["*"], now });
  await tokens.save(revokeToken(revoked.token, now), "create", { actor: "test", at: now });
  const expired = await office.bearer(["*"], 10);
  const unknown = createToken({ name: "unknown", scopes: ["*"], now });
  office.pass(11);
  wrong = {
    "an unknown token": `Bearer ${unknown.text}`,
    "a wrong secret": `Bearer ${good.text.slice(0, -2)}${good.text.endsWith("AA") ? "BB" : "AA"}`,
    "a revoked token": `Bearer ${revoked.text}`,
    "an expired token": expired.authorization,
    "no token of our form": "Bearer abc",
    "another scheme": `Basic ${Buffer.from(`a:${good.text}`).toString("base64")}`,
    "an empty header": "",
    "a good token in the URL": `url ${good.text}`,
  };
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

test("row 70: the matrix has every noun", () => {
  const nouns = [...new Set(routes.map((route) => route.noun))].toSorted();
  expect(nouns).toEqual([...routeNouns, "self"].toSorted((left, right) => (left < right ? -1 : 1)));
  expect(routes.length).toBeGreaterThanOrEqual(30);
});

describe.each(cases)("row 70: %s", (_name, route) => {
  test("answers 401 to nothing and to every wrong token alike, before it looks at the body", async () => {
    const bodies = new Set<string>();
    const given: readonly (readonly [string, string | undefined])[] = [
      ["nothing", undefined],
      ...Object.entries(wrong),
    ];
    for (const [name, authorization] of given) {
      office.pass(60); // so that the throttle has let go
      const inUrl = authorization?.startsWith("url ") === true ? authorization.slice(4) : undefined;
      const answer = await office.app.inject({
        method: route.method,
        url: inUrl === undefined ? route.url : `${route.url}?access_token=${inUrl}&token=${inUrl}`,
        headers: {
          "content-type": "application/json",
          ...(authorization === undefined || inUrl !== undefined ? {} : { authorization }),
        },
        payload: "{ not json",
      });
      expect([name, answer.statusCode]).toEqual([name, 401]);
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer realm="sekisho"/);
      expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
      if (authorization?.startsWith("Bearer ") === true)
        bodies.add(answer.body.replace(/"requestId":"[^"]*"/, ""));
    }
    expect(bodies.size).toBe(1);
  });

  test("lets a token of its scope in", async () => {
    const scope = route.noun === "self" ? "held:read" : `${route.noun}:${route.right}`;
    const headers = await office.bearer([scope]);
    const answer = await office.app.inject({ ...route, headers: { ...route.headers, ...headers } });
    expect([401, 403, 500]).not.toContain(answer.statusCode);
  });
});

test("row 70: a token that ends makes none that outlives it", async () => {
  const headers = await office.bearer(["tokens:write", "messages:read"], 3600);
  const ends = new Date(office.parts.clock().getTime() + 3600_000);
  const make = async (more: object): Promise<{ status: number; body: Record<string, unknown> }> => {
    const payload = { name: "child", scopes: ["messages:read"], ...more };
    const answer = await office.app.inject({ method: "POST", url: "/v1/tokens", headers, payload });
    return { status: answer.statusCode, body: answer.json() };
  };
  const made = await make({});
  expect(made.status).toBe(201);
  const child = await office.storage.tokens.find(String(made.body["id"]));
  expect(child?.expiresAt).toEqual(ends);
  const sooner = new Date(ends.getTime() - 1000).toISOString();
  expect((await make({ expiresAt: sooner })).status).toBe(201);
  const later = await make({ expiresAt: new Date(ends.getTime() + 1000).toISOString() });
  expect(later.status).toBe(400);
  expect(later.body).toMatchObject({ errors: [{ field: "expiresAt" }] });
});

test("row 70: a revoked token takes along what it made, and the answer names it", async () => {
  const make = async (
    headers: Readonly<Record<string, string>>,
  ): Promise<Record<string, string>> => {
    const payload = { name: "made", scopes: ["tokens:write", "keys:read"] };
    const answer = await office.app.inject({ method: "POST", url: "/v1/tokens", headers, payload });
    expect(answer.statusCode).toBe(201);
    return answer.json();
  };
  const revoke = async (id: string | undefined): Promise<ReadonlySet<string>> => {
    const url = `/v1/tokens/${id ?? ""}/revoke`;
    const headers = await office.bearer(["*"]);
    const answer = await office.app.inject({ method: "POST", url, headers, payload: {} });
    expect(answer.statusCode).toBe(200);
    return new Set(answer.json<{ readonly ended: readonly string[] }>().ended);
  };
  const bearer = (text: string | undefined): { readonly authorization: string } => ({
    authorization: `Bearer ${text ?? ""}`,
  });
  const leaked = await make(await office.bearer(["tokens:write", "keys:read"]));
  const child = await make(bearer(leaked["token"]));
  const grandchild = await make(bearer(child["token"]));
  const headers = bearer(grandchild["token"]);
  expect((await office.app.inject({ url: "/v1/keys", headers })).statusCode).toBe(200);
  const ended = new Set([child["id"], grandchild["id"]]);
  expect(await revoke(leaked["id"])).toEqual(ended);
  expect((await office.app.inject({ url: "/v1/keys", headers })).statusCode).toBe(401);
  office.pass(5);
  expect(await revoke(leaked["id"])).toEqual(ended); // Asked again, it tells the same.
  expect(await revoke(child["id"])).toEqual(new Set([grandchild["id"]]));
});

test("row 70: guesses from one address are slowed down, and time heals", async () => {
  const guess = async (): Promise<number> => {
    const text = createToken({ name: "x", scopes: ["*"], now: new Date() }).text;
    const headers = { authorization: `Bearer ${text}` };
    return (await office.app.inject({ url: "/v1/keys", headers })).statusCode;
  };
  office.pass(3600);
  const answers: number[] = [];
  for (let count = 0; count < 8; count += 1) answers.push(await guess());
  expect(answers).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  const headers = await office.bearer(["keys:read"]); // Of a program on the same machine, or behind the same proxy.
  expect((await office.app.inject({ url: "/v1/keys", headers })).statusCode).toBe(200);
  expect(await guess()).toBe(429);
  office.pass(31);
  expect(await guess()).toBe(401);
});
