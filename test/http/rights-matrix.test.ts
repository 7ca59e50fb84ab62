// Every route × every role, and × the callers that must not pass: made from the route table and the role table.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { allRoles } from "../../src/identity/rights.ts";
import { permits } from "../../src/identity/token.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { listApiRoutes } from "../support/http-routes.ts";

const routes = await listApiRoutes();
const cases = routes.map((route) => [`${route.method} ${route.pattern}`, route] as const);
const roles = allRoles();
if (roles.kind === "bad") throw new Error(roles.problem);
const all = [...roles.value.values()];

let office: HttpOffice;
beforeAll(async () => {
  office = await openHttpOffice();
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

describe.each(cases)("%s", (_name, route) => {
  test.each(all.map((role) => [role.name, role] as const))("by %s", async (name, role) => {
    const { headers } = await office.person([name]);
    const answer = await office.app.inject({ ...route, headers: { ...route.headers, ...headers } });
    const may = route.noun === "self" || permits(role, route.noun, route.right);
    const raw = route.pattern === "/v1/held/{id}/message" && role.masked;
    if (may && !raw) expect([401, 403, 500]).not.toContain(answer.statusCode);
    else expect(answer.statusCode).toBe(403);
  });

  test("not by a person without a role, disabled, or with a session that has ended", async () => {
    const nobody = await office.person([]);
    const disabled = await office.person(["administrator"], { disabledAt: new Date(0) });
    const ended = { cookie: `__Host-sekisho=${"A".repeat(44)}`, "x-csrf-token": "x" };
    for (const [headers, status] of [
      [nobody.headers, route.noun === "self" ? undefined : 403],
      [disabled.headers, 401],
      [ended, 401],
    ] as const) {
      const answer = await office.app.inject({
        ...route,
        headers: { ...route.headers, ...headers },
      });
      if (status === undefined) expect(answer.statusCode).not.toBe(403);
      else expect(answer.statusCode).toBe(status);
    }
  });

  test("not, and nothing of it, by a person of another sender", async () => {
    const other = await office.person(["administrator"], { senders: ["another"] });
    const answer = await office.app.inject({
      ...route,
      headers: { ...route.headers, ...other.headers },
    });
    if (route.noun === "self") return;
    if (answer.statusCode === 200)
      expect((JSON.parse(answer.body) as { items: unknown[] }).items).toEqual([]);
    else expect([400, 403, 404, 415]).toContain(answer.statusCode);
  });
});

test("the table has changes for each role that may change something, and none for those that look on", () => {
  const writes = (name: string): number =>
    routes.filter(
      (route) =>
        route.noun !== "self" &&
        route.right === "write" &&
        all.some((role) => role.name === name && permits(role, route.noun, "write")),
    ).length;
  expect(["auditor", "guest"].map(writes)).toEqual([0, 0]);
  for (const name of ["administrator", "approver", "operator", "list-manager", "postmaster"])
    expect([name, writes(name) > 0]).toEqual([name, true]);
  // law.md S74: nobody but those who keep lists may change them.
  const keeper = (name: string): boolean =>
    all.some((role) => role.name === name && permits(role, "consents", "write"));
  expect(all.map((role) => role.name).filter(keeper)).toEqual(["administrator", "list-manager"]);
});
