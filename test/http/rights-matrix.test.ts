// Every route × every role, and × the callers that must not pass: made from the route table and the role table.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { allRoles } from "../../src/identity/rights.ts";
import { permits } from "../../src/identity/token.ts";
import { createClient } from "../support/http-client.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { listApiRoutes } from "../support/http-routes.ts";
import { accept, submission } from "../support/storage-facts.ts";

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

/** Where something of sender `sample` is read and changed, made by a caller for all senders; `list` shows nothing else. */
interface Held {
  readonly list: string;
  readonly read?: string;
  readonly changes: readonly (readonly ["POST" | "DELETE", string, object?])[];
}

async function fillOffice(): Promise<readonly Held[]> {
  const call = createClient(office.app, await office.bearer(["*"]));
  const why = { reason: "judge-timeout", detail: "", findings: [] } as const;
  const heldId = await accept(office.storage, submission(["a@example.net"], { held: why }));
  const queuedId = await accept(office.storage, submission(["b@example.net"]));
  const made = await call("POST", "/v1/credentials", { stream: "newsletter", name: "x" });
  const username = String(made.json["username"]);
  const key = await call("POST", "/v1/keys", { domain: "example.jp", algorithm: "ed25519" });
  const keyUrl = `/v1/keys/example.jp/${String(key.json["selector"])}`;
  const suppression = { email: "c@example.net", scope: "stream:newsletter" };
  await call("POST", "/v1/suppressions", suppression);
  const consent = { email: "d@example.net", sender: "sample", topic: "news" };
  const grant = { ...consent, basis: "consent", method: "form", source: "https://example.jp/" };
  await call("POST", "/v1/consents", grant);
  await call("POST", "/v1/freezes", { scope: "stream:newsletter", reason: "x" });
  await call("POST", "/v1/pauses", { scope: "sender:sample", reason: "x" });
  return [
    {
      list: "/v1/held",
      read: `/v1/held/${heldId}`,
      changes: [["POST", `/v1/held/${heldId}/reject`, {}]],
    },
    {
      list: "/v1/queue",
      read: `/v1/queue/${queuedId}-1`,
      changes: [
        ["POST", `/v1/queue/${queuedId}-1/hold`, {}],
        ["POST", `/v1/queue/${queuedId}/drop`, {}],
      ],
    },
    { list: "/v1/messages", read: `/v1/messages/${queuedId}`, changes: [] },
    {
      list: "/v1/credentials",
      read: `/v1/credentials/${username}`,
      changes: [
        ["POST", `/v1/credentials/${username}/rotate`, {}],
        ["POST", `/v1/credentials/${username}/revoke`, {}],
      ],
    },
    { list: "/v1/keys", read: keyUrl, changes: [] },
    {
      list: "/v1/suppressions",
      read: "/v1/suppressions/c@example.net",
      changes: [
        ["POST", "/v1/suppressions", suppression],
        ["DELETE", "/v1/suppressions/c@example.net?scope=stream:newsletter&reason=x"],
      ],
    },
    {
      list: "/v1/consents",
      read: "/v1/consents/d@example.net",
      changes: [
        ["POST", "/v1/consents", grant],
        ["POST", "/v1/consents/withdrawals", consent],
      ],
    },
    {
      list: "/v1/freezes",
      read: "/v1/freezes/stream:newsletter",
      changes: [["DELETE", "/v1/freezes?scope=stream:newsletter&reason=x"]],
    },
    {
      list: "/v1/pauses",
      read: "/v1/pauses/sender:sample",
      changes: [["DELETE", "/v1/pauses?scope=sender:sample&reason=x"]],
    },
    { list: "/v1/senders", read: "/v1/senders/sample", changes: [] },
    { list: "/v1/streams", read: "/v1/streams/newsletter", changes: [] },
    { list: "/v1/audit?type=Suppression", changes: [] },
  ];
}

test("what a sender has is seen and changed by whoever acts for it, and by nobody who acts for another", async () => {
  const all = await fillOffice();
  const asRole = async (sender: string): Promise<ReturnType<typeof createClient>> => {
    const { headers } = await office.person(["administrator"], { senders: [sender] });
    return createClient(office.app, headers);
  };
  const [mine, others] = [await asRole("sample"), await asRole("another")];
  for (const { list, read, changes } of all) {
    expect([list, (await others("GET", list)).json["items"]]).toEqual([list, []]);
    if (read !== undefined) {
      const { status, json } = await others("GET", read);
      expect([read, "items" in json ? json["items"] : status]).toEqual([
        read,
        "items" in json ? [] : 404,
      ]);
    }
    for (const change of changes)
      expect([change[1], (await others(...change)).status]).toEqual([change[1], 404]);
  }
  for (const { list, read, changes } of all) {
    expect([list, (await mine("GET", list)).json["items"]]).not.toEqual([list, []]);
    if (read !== undefined) expect([read, (await mine("GET", read)).status]).toEqual([read, 200]);
    for (const change of changes)
      expect([change[1], (await mine(...change)).status]).toEqual([
        change[1],
        expect.toSatisfy((status) => status === 200 || status === 201),
      ]);
  }
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
