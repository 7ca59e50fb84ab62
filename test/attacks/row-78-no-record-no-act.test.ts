// Where the record of an act cannot be written, the act is not done: on every route that changes something.
import { afterAll, beforeAll, expect, test } from "vitest";

import type { AuditLog } from "../../src/audit/log.ts";
import { StorageUnavailable } from "../../src/audit/unavailable.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { listApiRoutes } from "../support/http-routes.ts";

const writing = (await listApiRoutes()).filter((route) => route.right === "write");
/** The rest of the log is the real one; nothing can be added to it. */
const failing = {
  append: () => Promise.reject(new StorageUnavailable("full", "the disk takes no more data")),
};
let office: HttpOffice;
beforeAll(async () => {
  office = await openHttpOffice({
    parts: ({ audit }) => ({ audit: Object.assign(Object.create(audit) as AuditLog, failing) }),
  });
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

test.each(writing.map((route) => [`${route.method} ${route.pattern}`, route] as const))(
  "row 78: %s does nothing without a record",
  async (_name, route) => {
    const { headers } = await office.person(["administrator"]);
    const answer = await office.app.inject({ ...route, headers: { ...route.headers, ...headers } });
    // 400: the example body was refused before.
    expect([400, 503]).toContain(answer.statusCode);
  },
);

test("row 78: not one user, token, suppression or freeze came of whole requests", async () => {
  const { headers } = await office.person(["administrator"]);
  const { storage } = office;
  const before = (await storage.users.list()).length;
  for (const [url, payload] of [
    ["/v1/users", { email: "x@example.jp", roles: ["guest"] }],
    ["/v1/tokens", { name: "x", scopes: ["held:read"] }],
    ["/v1/suppressions", { email: "x@example.net" }],
    ["/v1/freezes", { scope: "all", reason: "x" }],
  ] as const) {
    const answer = await office.app.inject({ method: "POST", url, headers, payload });
    expect([url, answer.statusCode]).toEqual([url, 503]);
  }
  expect((await storage.users.list()).length).toBe(before);
  expect(await storage.tokens.list()).toEqual([]);
  expect(await storage.freezes.list()).toEqual([]);
  expect((await storage.ledger.listSuppressions({ limit: 10 })).items).toEqual([]);
});
