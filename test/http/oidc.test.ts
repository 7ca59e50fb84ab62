// Single sign-on against a real provider: who is let in, with which roles, and what does not pass.
import { afterEach, beforeEach, expect, test } from "vitest";

import type { OidcSettings } from "../../src/identity/people-settings.ts";
import { parseAddress } from "../../src/mail/address.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import {
  clientId,
  clientSecret,
  startOidcServer,
  type OidcHabits,
  type OidcServer,
} from "../support/oidc-server.ts";

const publicUrl = "http://127.0.0.1:1"; // Nobody dials it: the browser's way back is injected.
const callback = `${publicUrl}/v1/session/oidc/callback`;
let server: OidcServer;
let office: HttpOffice;
let aheadMs = 0;
beforeEach(async () => {
  aheadMs = 0;
  server = await startOidcServer(callback);
  server.accounts.set("taro", {
    email: "taro@example.co.jp",
    email_verified: true,
    groups: ["mail-approvers", "something-else"],
  });
  office = await openOffice({});
});
afterEach(async () => {
  await office[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function openOffice(change: Partial<OidcSettings>): Promise<HttpOffice> {
  const oidc: OidcSettings = {
    issuer: server.issuer,
    clientId,
    clientSecret,
    roleClaim: "groups",
    verifiedClaim: "email_verified",
    roles: new Map([
      ["mail-approvers", ["approver"]],
      ["mail-auditors", ["auditor"]],
    ]),
    createUsers: true,
    allowPrivate: ["127.0.0.0/8"],
    ...change,
  };
  // The provider's clock is the real one, but for what a test adds.
  return openHttpOffice({
    settings: { publicUrl },
    parts: ({ people }) => ({
      people: { ...people, oidc },
      clock: () => new Date(Date.now() + aheadMs),
    }),
  });
}

/** Anew, beside a provider of other habits. */
async function restart(habits: OidcHabits): Promise<void> {
  const { accounts } = server;
  await office[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  server = await startOidcServer(callback, habits);
  for (const [name, claims] of accounts) server.accounts.set(name, claims);
  office = await openOffice({});
}

interface Begun {
  readonly cookie: string;
  readonly location: string;
}

async function begin(query = ""): Promise<Begun> {
  const answer = await office.app.inject({ url: `/v1/session/oidc${query}` });
  expect([answer.statusCode, answer.body]).toEqual([302, ""]);
  const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
  return { cookie, location: String(answer.headers.location) };
}

async function comeBack(
  url: URL,
  cookie: string,
): Promise<{ readonly status: number; readonly cookie: string; readonly location: string }> {
  const answer = await office.app.inject({
    url: `${url.pathname}${url.search}`,
    headers: { cookie },
  });
  const [session = ""] = String(answer.headers["set-cookie"] ?? "").split(";");
  return {
    status: answer.statusCode,
    cookie: session,
    location: String(answer.headers.location ?? ""),
  };
}

async function logIn(name = "taro"): Promise<Awaited<ReturnType<typeof comeBack>>> {
  const { cookie, location } = await begin();
  return comeBack(await server.visit(location, name), cookie);
}

async function me(cookie: string): Promise<Record<string, unknown>> {
  const answer = await office.app.inject({ url: "/v1/me", headers: { cookie } });
  return JSON.parse(answer.body) as Record<string, unknown>;
}

function known(text: string): { readonly email: string; readonly emailIndex: string } {
  const address = parseAddress(text);
  if (address.kind === "bad") throw new Error(address.problem);
  return { email: text, emailIndex: office.indexer.address(address.value) };
}

test("lets a person in with the roles that their groups stand for, by code and PKCE", async () => {
  const { location } = await begin();
  const asked = new URL(location).searchParams;
  expect(asked.get("response_type")).toBe("code");
  expect(asked.get("code_challenge_method")).toBe("S256");
  expect(asked.get("nonce")).not.toBeNull();
  const done = await logIn();
  expect([done.status, done.location]).toEqual([302, "/"]);
  expect(await me(done.cookie)).toMatchObject({
    email: "taro@example.co.jp",
    roles: ["approver"],
    due: null,
  });
  const { items } = await office.storage.audit.search({ types: ["User", "Login"], limit: 10 });
  expect(items).toMatchObject([
    { type: "User", detail: { change: "create", afterRoles: ["approver"] } },
    { type: "Login", detail: { result: "begun", method: "single-sign-on", from: "127.0.0.1" } },
  ]);
});

test("takes roles away with the group, and shuts out who has none left", async () => {
  await logIn();
  const person = { email: "taro@example.co.jp", email_verified: true };
  server.accounts.set("taro", { ...person, groups: ["mail-auditors"] });
  expect(await me((await logIn()).cookie)).toMatchObject({ roles: ["auditor"], masked: true });
  server.accounts.set("taro", { ...person, groups: ["something-else"] });
  expect((await logIn()).status).toBe(401);
});

test("does not let in: an address nobody verified, another subject with a known address, who was disabled", async () => {
  server.accounts.set("jiro", { email: "jiro@example.co.jp", groups: ["mail-approvers"] });
  expect((await logIn("jiro")).status).toBe(401);
  await logIn();
  const groups = ["mail-approvers"];
  server.accounts.set("other", { email: "taro@example.co.jp", email_verified: true, groups });
  expect((await logIn("other")).status).toBe(401);
  const [user] = await office.storage.users.list();
  if (user === undefined) throw new Error("not made");
  const at = new Date();
  await office.storage.users.save({ ...user, disabledAt: at }, "disable", { actor: "test", at });
  expect((await logIn()).status).toBe(401);
});

test.each([
  [true, 302],
  ["1", 302],
  [1, 302],
  ["true", 302],
  [false, 401],
  ["0", 401],
  [undefined, 401],
])(
  "where another claim says that the address is verified, %j of it is answered %i",
  async (value, status) => {
    await office[Symbol.asyncDispose]();
    office = await openOffice({ verifiedClaim: "xms_edov" });
    const person = { email: "jiro@example.co.jp", email_verified: true, groups: ["mail-auditors"] };
    server.accounts.set("jiro", value === undefined ? person : { ...person, xms_edov: value });
    expect((await logIn("jiro")).status).toBe(status);
  },
);

test("a new address at the provider is the same person's: no second account, and no way back for who was disabled", async () => {
  await logIn();
  const [first] = await office.storage.users.list();
  const moved = { email: "suzuki@example.co.jp", email_verified: true, groups: ["mail-approvers"] };
  server.accounts.set("taro", moved);
  expect(await me((await logIn()).cookie)).toMatchObject({ email: "suzuki@example.co.jp" });
  const people = await office.storage.users.list();
  expect(people.map(({ id, email }) => [id, email])).toEqual([[first?.id, "suzuki@example.co.jp"]]);
  const { items } = await office.storage.audit.search({ types: ["User"], limit: 10 });
  expect(items.map(({ detail }) => [detail?.["change"], detail?.["addressChanged"]])).toEqual([
    ["create", undefined],
    ["single-sign-on", true],
  ]);
  const [user] = people;
  if (user === undefined) throw new Error("not made");
  const at = new Date();
  await office.storage.users.save({ ...user, disabledAt: at }, "disable", { actor: "test", at });
  server.accounts.set("taro", { ...moved, email: "tanaka@example.co.jp" });
  expect((await logIn()).status).toBe(401);
  expect(await office.storage.users.list()).toHaveLength(1);
});

test("an address that is another person's here is not taken over by changing it at the provider", async () => {
  await logIn();
  const { user } = await office.person(["administrator"], known("hanako@example.co.jp"));
  server.accounts.set("taro", {
    email: user.email,
    email_verified: true,
    groups: ["mail-approvers"],
  });
  expect((await logIn()).status).toBe(401);
  expect(await office.storage.users.find(user.id)).toEqual(user);
});

test("a person who came from another provider is known by address once more, and its subjects are nobody's here", async () => {
  const { user } = await office.person(["guest"], {
    ...known("taro@example.co.jp"),
    oidcSubject: "0815",
    oidcIssuer: "https://former.example.co.jp",
  });
  const { user: other } = await office.person(["guest"], {
    ...known("jiro@example.co.jp"),
    oidcSubject: "taro",
    oidcIssuer: "https://former.example.co.jp",
  });
  expect((await logIn()).status).toBe(302);
  expect(await office.storage.users.find(user.id)).toMatchObject({
    roles: ["approver"],
    oidcSubject: "taro",
    oidcIssuer: server.issuer,
  });
  expect(await office.storage.users.find(other.id)).toEqual(other);
});

test("whoever comes by single sign-on need not change a password that they were given to begin with", async () => {
  const past = new Date(Date.now() - 1000);
  const { user } = await office.person(["approver"], {
    ...known("taro@example.co.jp"),
    password: { hash: "hash", setAt: past, initial: true, expiresAt: past },
  });
  expect(await me((await logIn()).cookie)).toMatchObject({ actor: `user:${user.id}`, due: null });
  expect((await office.storage.users.find(user.id))?.password).toBeUndefined();
  const own = { hash: "hash", setAt: past, initial: false };
  const bound = await office.storage.users.find(user.id);
  if (bound === undefined) throw new Error("gone");
  await office.storage.users.save({ ...bound, password: own }, "password", {
    actor: "test",
    at: past,
  });
  await logIn();
  expect((await office.storage.users.find(user.id))?.password).toEqual(own);
});

test("whoever has another subject at the provider comes in once they were reset", async () => {
  await logIn();
  server.accounts.set("suzuki", {
    email: "taro@example.co.jp",
    email_verified: true,
    groups: ["mail-approvers"],
  });
  expect((await logIn("suzuki")).status).toBe(401);
  const [user] = await office.storage.users.list();
  const headers = await office.bearer(["*"]);
  const answer = await office.app.inject({
    method: "POST",
    url: `/v1/users/${user?.id ?? ""}/reset`,
    headers,
    payload: { reason: "the provider was set up anew" },
  });
  expect([answer.statusCode, (await logIn("suzuki")).status]).toEqual([200, 302]);
  expect((await logIn()).status).toBe(401);
});

test("a proof is as old as what the provider saw of the person, and no older than ten minutes", async () => {
  const { cookie, location } = await begin();
  expect(new URL(location).searchParams.get("max_age")).toBe("600");
  const back = await server.visit(location, "taro");
  aheadMs = 60_000;
  await comeBack(back, cookie);
  const [user] = await office.storage.users.list();
  const [session] = await office.storage.sessions.ofUser(user?.id ?? "");
  if (session === undefined) throw new Error("not logged in");
  expect(session.createdAt.getTime() - session.provedAt.getTime()).toBeGreaterThanOrEqual(aheadMs);
});

test("whoever is not let in is in the operation log, and the operator's log says why", async () => {
  const person = { email: "taro@example.co.jp", email_verified: true };
  server.accounts.set("taro", { ...person, groups: ["something-else"] });
  const stranger = await logIn();
  server.accounts.set("taro", { email: person.email, groups: ["mail-approvers"] });
  await logIn();
  server.accounts.set("taro", { ...person, groups: ["mail-approvers"] });
  const { user } = await office.person(["guest"], {
    ...known(person.email),
    disabledAt: new Date(),
  });
  await logIn();
  expect(stranger.status).toBe(401);
  const { items } = await office.storage.audit.search({ types: ["Login"], limit: 10 });
  const refused = items.filter(({ detail }) => detail?.["result"] === "refused");
  expect(refused).toMatchObject([
    { actor: "nobody", detail: { method: "single-sign-on", from: "127.0.0.1" } },
    { actor: "nobody", detail: { method: "single-sign-on" } },
    { actor: `user:${user.id}`, detail: { user: user.id } },
  ]);
  expect(office.logged().split("\n")).toEqual(
    expect.arrayContaining([
      expect.stringContaining("no value of the claim groups is in people.oidc.roles"),
      expect.stringContaining("the provider names no address of theirs that it has verified"),
      expect.stringContaining("the person is disabled"),
    ]),
  );
  expect(office.logged()).not.toContain(person.email);
});

test("does not make people where the configuration says they must exist", async () => {
  await office[Symbol.asyncDispose]();
  office = await openOffice({ createUsers: false });
  expect((await logIn()).status).toBe(401);
  expect(await office.storage.users.list()).toEqual([]);
});

test("row 73: a code counts for the browser that asked, once, with its state", async () => {
  const mine = await begin();
  const url = await server.visit(mine.location, "taro");
  const foreign = await begin();
  expect((await comeBack(url, foreign.cookie)).status).toBe(401); // a login forced upon somebody else
  expect((await comeBack(url, "")).status).toBe(401);
  const changed = new URL(url);
  changed.searchParams.set("state", "another");
  expect((await comeBack(changed, mine.cookie)).status).toBe(401);
  expect((await comeBack(url, mine.cookie)).status).toBe(401); // the errand was spent by the attempt before
  const fresh = await begin();
  const good = await server.visit(fresh.location, "taro");
  expect((await comeBack(good, fresh.cookie)).status).toBe(302);
  expect((await comeBack(good, fresh.cookie)).status).toBe(401);
});

test("whoever begins logins without end pushes out nobody else's", async () => {
  const mine = await begin();
  for (let count = 0; count < 1001; count += 1)
    await office.app.inject({ url: "/v1/session/oidc", remoteAddress: "192.0.2.1" });
  const back = await server.visit(mine.location, "taro");
  expect((await comeBack(back, mine.cookie)).status).toBe(302);
});

test("row 79: the way on is a path of our own, whatever next says", async () => {
  const { cookie, location } = await begin("?next=%2F%2Fevil.example%2Fx");
  expect((await comeBack(await server.visit(location, "taro"), cookie)).location).toBe("/");
  const own = await begin("?next=%2Fconsole%2Fheld%3Fa%3D1");
  const done = await comeBack(await server.visit(own.location, "taro"), own.cookie);
  expect(done.location).toBe("/console/held?a=1");
});

test("row 76: a provider at a private address is not asked unless the configuration allows it", async () => {
  await office[Symbol.asyncDispose]();
  office = await openOffice({ allowPrivate: [] });
  const answer = await office.app.inject({ url: "/v1/session/oidc" });
  expect(answer.statusCode).toBe(503);
  expect(answer.body).not.toContain("127.0.0.1");
});

test("asks the userinfo endpoint for what a provider leaves out of ID tokens", async () => {
  await restart({ thinIdTokens: true });
  const done = await logIn();
  expect(done.status).toBe(302);
  expect(await me(done.cookie)).toMatchObject({ email: "taro@example.co.jp", roles: ["approver"] });
  server.accounts.set("jiro", { email: "jiro@example.co.jp", groups: ["mail-approvers"] });
  expect((await logIn("jiro")).status).toBe(401);
});

test("shows its secret in the header to a provider that takes it nowhere else", async () => {
  await restart({ basicOnly: true });
  expect((await logIn()).status).toBe(302);
});

test("asks for no scope that the provider does not know", async () => {
  await restart({ noGroupsScope: true });
  const { location } = await begin();
  expect(new URL(location).searchParams.get("scope")).toBe("openid email");
  expect(await me((await logIn()).cookie)).toMatchObject({ roles: ["approver"] });
});

test("an ID token that is not as it was signed lets nobody in", async () => {
  await restart({
    tamper: (idToken) => {
      const [head = "", claims = "", signature = ""] = idToken.split(".");
      const told = JSON.parse(Buffer.from(claims, "base64url").toString()) as object;
      const changed = { ...told, email: "president@example.co.jp" };
      return [head, Buffer.from(JSON.stringify(changed)).toString("base64url"), signature].join(
        ".",
      );
    },
  });
  expect((await logIn()).status).toBe(401);
  expect(await office.storage.users.list()).toEqual([]);
});

test("without a provider there is no single sign-on", async () => {
  await using plain = await openHttpOffice();
  const answer = await plain.app.inject({ url: "/v1/session/oidc" });
  expect(answer.statusCode).toBe(404);
});
