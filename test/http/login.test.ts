// Logging in as a browser does: passwords, second factor, sessions and their ends.
import { createHook } from "node:async_hooks";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TOTP, Secret } from "otpauth";

import { passwordCost } from "../../src/identity/password-hash.ts";
import { createUser } from "../../src/identity/person.ts";
import type { User } from "../../src/identity/user.ts";
import { parseAddress } from "../../src/mail/address.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";

const good = "wooden lantern 雲 seventeen!";
const dayInSeconds = 86_400;
let office: HttpOffice;
let email: string;
let initial: string;
let tests = 0;
beforeAll(async () => {
  office = await openHttpOffice();
});
// Each test has a person of its own, and a day: the guesses of the test before are forgotten.
beforeEach(async () => {
  tests += 1;
  email = `taro@office${tests}.example.co.jp`;
  office.pass(dayInSeconds);
  initial = await addPerson(email, ["administrator"]);
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

/** For what tells of everybody and everything there is: an office in which nothing has been done yet. */
async function moveOut(): Promise<void> {
  await office[Symbol.asyncDispose]();
  office = await openHttpOffice();
  email = "taro@example.co.jp";
  initial = await addPerson(email, ["administrator"]);
}

async function addPerson(text: string, roles: readonly string[]): Promise<string> {
  const emailIndex = indexOf(text);
  const now = office.parts.clock();
  const made = await createUser({ email: text, emailIndex, roles, senders: [], now });
  await office.storage.users.save(made.user, "create", { actor: "test", at: now });
  return made.password;
}

function indexOf(text: string): string {
  const address = parseAddress(text);
  if (address.kind === "bad") throw new Error(address.problem);
  return office.indexer.address(address.value);
}

async function personOf(text: string): Promise<User | undefined> {
  return (await office.storage.users.list()).find((user) => user.email === text);
}

interface Browser {
  readonly cookie: string;
  readonly "x-csrf-token": string;
}

async function send(
  method: "GET" | "POST" | "DELETE",
  url: string,
  headers: object,
  payload?: object,
): Promise<{
  readonly status: number;
  readonly json: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
}> {
  const answer = await office.app.inject({
    method,
    url,
    headers: { ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  return {
    status: answer.statusCode,
    json: JSON.parse(answer.body) as Record<string, unknown>,
    headers: answer.headers,
  };
}

async function login(password: string, more: object = {}, headers: object = {}): Promise<Browser> {
  const answer = await send("POST", "/v1/session", headers, { email, password, ...more });
  expect([answer.status, answer.json["detail"]]).toEqual([200, undefined]);
  return browserOf(answer);
}

function browserOf(answer: Awaited<ReturnType<typeof send>>): Browser {
  const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
  return { cookie, "x-csrf-token": String(answer.json["csrfToken"]) };
}

/** Logged in, with a password of their own. */
async function settled(): Promise<Browser> {
  const first = await login(initial);
  const payload = { current: initial, password: good };
  return browserOf(await send("POST", "/v1/me/password", first, payload));
}

async function enrolled(): Promise<{
  readonly browser: Browser;
  readonly code: (steps?: number) => string;
  readonly recovery: readonly string[];
}> {
  const browser = await settled();
  const { json } = await send("POST", "/v1/me/totp", browser);
  const totp = new TOTP({ secret: Secret.fromBase32(String(json["secret"])) });
  const code = (steps = 0): string =>
    totp.generate({ timestamp: office.parts.clock().getTime() + steps * 30_000 });
  const done = await send("POST", "/v1/me/totp/confirm", browser, { code: code() });
  office.pass(30);
  return { browser, code, recovery: done.json["recoveryCodes"] as string[] };
}

test("the first login leads to a change of the password, and to nothing else", async () => {
  const browser = await login(initial);
  const me = await send("GET", "/v1/me", browser);
  expect(me.json).toMatchObject({ email, due: "change-password", roles: ["administrator"] });
  expect(me.json["banner"]).toContain("recorded");
  const shut = await send("GET", "/v1/keys", browser);
  expect([shut.status, shut.json["remedy"]]).toEqual([
    403,
    "POST /v1/me/password with current and password.",
  ]);
  const payload = { current: initial, password: good };
  const changed = await send("POST", "/v1/me/password", browser, payload);
  expect(changed.status).toBe(200);
  expect((await send("GET", "/v1/keys", browserOf(changed))).status).toBe(200);
});

test("an initial password that nobody used is good for seven days", async () => {
  office.pass(7 * 86_400);
  const late = await send("POST", "/v1/session", {}, { email, password: initial });
  expect(late.status).toBe(401);
});

test.each([
  ["short", "Ab1!xyz"],
  ["of the user id", "Taro-in-the-garden-77"],
  ["of the organisation", "example harbour 99 boats"],
  ["a birthday", "1980-01-01-abc!"],
  ["an employee number", "E0012345678901"],
  ["common", "Password123456!"],
  ["of Japanese words", "Sakura-sakura1"],
  ["a row of keys", "qwertyuiop12345"],
  ["of one kind", "lantern".repeat(2)],
])(
  "a password that is %s is refused, with what to do in two languages",
  async (_what, password) => {
    const browser = await login(initial);
    const answer = await send("POST", "/v1/me/password", browser, { current: initial, password });
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.json["errors"])).toMatch(/[\u3040-\u30ff]/);
  },
);

test("a passphrase of plain words is welcome", async () => {
  const browser = await login(initial);
  const password = "violet trombone harvest candle";
  const answer = await send("POST", "/v1/me/password", browser, { current: initial, password });
  expect(answer.status).toBe(200);
});

describe("row 73: sessions", () => {
  test("row 73: a planted cookie is not the one that the login gives", async () => {
    const planted = { cookie: `__Host-sekisho=${"A".repeat(44)}` };
    const browser = await login(initial, {}, planted);
    expect(browser.cookie).not.toBe(planted.cookie);
    expect((await send("GET", "/v1/me", planted)).status).toBe(401);
  });

  test("row 73: the cookie is closed to scripts, other sites and clear text", async () => {
    const answer = await send("POST", "/v1/session", {}, { email, password: initial });
    expect(answer.headers["set-cookie"]).toMatch(
      /^__Host-sekisho=[\w-]{44}; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
  });

  test("row 73: idle for 30 minutes, or 12 hours old, it has ended", async () => {
    const idle = await settled();
    office.pass(29 * 60);
    expect((await send("GET", "/v1/me", idle)).status).toBe(200);
    office.pass(30 * 60);
    expect((await send("GET", "/v1/me", idle)).status).toBe(401);
    const busy = await login(good);
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      office.pass(20 * 60);
      expect((await send("GET", "/v1/me", busy)).status).toBe(200);
    }
    office.pass(20 * 60);
    expect((await send("GET", "/v1/me", busy)).status).toBe(401);
  });

  test("row 73: a logout ends it at the server too", async () => {
    const browser = await settled();
    expect((await send("DELETE", "/v1/session", browser)).status).toBe(200);
    expect((await send("GET", "/v1/me", browser)).status).toBe(401);
  });

  test("row 73: a change of the password, a reset and a disabling end every session", async () => {
    const first = await settled();
    const second = await login(good);
    const payload = { current: good, password: `${good} again` };
    const changed = browserOf(await send("POST", "/v1/me/password", first, payload));
    for (const old of [first, second]) expect((await send("GET", "/v1/me", old)).status).toBe(401);
    expect((await send("GET", "/v1/me", changed)).status).toBe(200);
    const user = await personOf(email);
    await office.person(["administrator"]);
    const other = await office.person(["administrator"]);
    const url = `/v1/users/${user?.id ?? ""}/disable`;
    expect((await send("POST", url, other.headers)).status).toBe(200);
    expect((await send("GET", "/v1/me", changed)).status).toBe(401);
    expect((await send("POST", "/v1/session", {}, { email, password: good })).status).toBe(401);
  });
});

test("row 72: a change needs the page's own token and origin, whatever the cookie", async () => {
  const browser = await settled();
  const { cookie } = browser;
  const url = "/v1/me/recovery-codes";
  const statuses: number[] = [];
  for (const headers of [
    { cookie },
    { cookie, "x-csrf-token": "wrong" },
    { ...browser, origin: "https://evil.example" },
    { ...browser, origin: "null" },
    { ...browser, "sec-fetch-site": "cross-site" },
    { ...browser, "sec-fetch-site": "same-site" },
  ])
    statuses.push((await send("POST", url, headers)).status);
  expect(statuses).toEqual(statuses.map(() => 403));
  const own = { ...browser, origin: "http://localhost:80", host: "localhost:80" };
  expect((await send("POST", url, own)).status).toBe(409);
  const login403 = await send(
    "POST",
    "/v1/session",
    { origin: "https://evil.example" },
    { email, password: good },
  );
  expect(login403.status).toBe(403);
});

describe("row 74: guessing", () => {
  test("row 74: unknown, wrong and disabled are answered with the same words", async () => {
    await addPerson("gone@example.co.jp", ["guest"]);
    const gone = await personOf("gone@example.co.jp");
    if (gone === undefined) throw new Error("not made");
    const act = { actor: "test", at: office.parts.clock() };
    await office.storage.users.save({ ...gone, disabledAt: act.at }, "disable", act);
    const bodies = new Set<string>();
    for (const name of ["nobody@example.co.jp", email, "gone@example.co.jp", "no address"]) {
      const answer = await send("POST", "/v1/session", {}, { email: name, password: "wrong" });
      expect(answer.status).toBe(401);
      bodies.add(JSON.stringify({ ...answer.json, requestId: "" }));
    }
    expect(bodies.size).toBe(1);
  });

  test("row 74: a name that is unknown costs as much as one that is known: one argon2id of the same cost", async () => {
    const act = { actor: "test", at: office.parts.clock() };
    await office.person(["guest"], {
      email: "sso@example.co.jp",
      emailIndex: indexOf("sso@example.co.jp"),
    }); // without a password
    await addPerson("gone@example.co.jp", ["guest"]);
    const gone = await personOf("gone@example.co.jp");
    if (gone === undefined) throw new Error("not made");
    await office.storage.users.save({ ...gone, disabledAt: act.at }, "disable", act);
    let derived = 0;
    const hook = createHook({
      init: (_id, type) => {
        if (/argon2/i.test(type)) derived += 1;
      },
    }).enable();
    try {
      const names = [
        email,
        "nobody@example.co.jp",
        "sso@example.co.jp",
        "gone@example.co.jp",
        "no address",
      ];
      for (const [count, name] of names.entries()) {
        office.pass(600);
        const answer = await send("POST", "/v1/session", {}, { email: name, password: "wrong" });
        expect([name, answer.status, derived]).toEqual([name, 401, count + 1]);
      }
    } finally {
      hook.disable();
    }
    const stored = (await personOf(email))?.password?.hash;
    expect(stored).toBeDefined();
    expect(passwordCost(undefined)).toEqual(passwordCost(stored));
  });

  test("row 74: guesses are slowed by address and by name with 429 and Retry-After, and nobody is locked out", async () => {
    const guess = async (from: string): Promise<number> => {
      const answer = await office.app.inject({
        method: "POST",
        url: "/v1/session",
        remoteAddress: from,
        payload: { email, password: "wrong" },
      });
      if (answer.statusCode === 429)
        expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      return answer.statusCode;
    };
    const fromOne: number[] = [];
    for (let count = 0; count < 7; count += 1) fromOne.push(await guess("192.0.2.1"));
    expect(fromOne).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const fromMany: number[] = [];
    for (let count = 0; count < 20; count += 1) fromMany.push(await guess(`10.${count}.0.1`));
    expect(fromMany.at(-1)).toBe(429);
    office.pass(60);
    await login(initial);
  });

  test("row 74: guesses sent all at once gain nothing", async () => {
    const statuses = await Promise.all(
      Array.from(
        { length: 30 },
        async () => (await send("POST", "/v1/session", {}, { email, password: "wrong" })).status,
      ),
    );
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(8);
  });

  test("row 74: each step of the authenticator is good once, also for two at the same time", async () => {
    const { code } = await enrolled();
    const current = code();
    const both = await Promise.all(
      [1, 2].map(() => send("POST", "/v1/session", {}, { email, password: good, code: current })),
    );
    expect(both.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([
      200, 401,
    ]);
    const older = await send("POST", "/v1/session", {}, { email, password: good, code: code(-1) });
    expect(older.status).toBe(401);
  });

  test("row 74: codes are guessed no faster than passwords", async () => {
    const { code } = await enrolled();
    const right = code();
    const statuses: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      const wrong = right === "000000" ? "000001" : "000000";
      const payload = { email, password: good, code: wrong };
      statuses.push((await send("POST", "/v1/session", {}, payload)).status);
    }
    expect(statuses.slice(-3)).toEqual([429, 429, 429]);
  });

  test("row 74: a recovery code is good once, and none is kept readable", async () => {
    const { recovery } = await enrolled();
    const [first = "", second = ""] = recovery;
    const asked = await send("POST", "/v1/session", {}, { email, password: good });
    expect([asked.status, asked.json["codeNeeded"]]).toEqual([401, true]);
    await login(good, { code: first.toUpperCase() });
    const again = await send("POST", "/v1/session", {}, { email, password: good, code: first });
    expect(again.status).toBe(401);
    const browser = await login(good, { code: second });
    expect((await send("GET", "/v1/me", browser)).json["recoveryCodesLeft"]).toBe(8);
    const users = JSON.stringify(await office.storage.users.list());
    for (const code of recovery) expect(users).not.toContain(code);
  });

  test("row 74: keys, tokens and people ask for a proof that is fresh", async () => {
    const browser = await settled();
    office.pass(11 * 60);
    const payload = { name: "x", scopes: ["held:read"] };
    const stale = await send("POST", "/v1/tokens", browser, payload);
    expect([stale.status, stale.json["stepUp"]]).toEqual([403, true]);
    const proof = { password: good };
    expect((await send("POST", "/v1/me/proof", browser, { password: "x" })).status).toBe(403);
    expect((await send("POST", "/v1/me/proof", browser, proof)).status).toBe(200);
    expect((await send("POST", "/v1/tokens", browser, payload)).status).toBe(201);
  });
});

test("row 73: a login from another network while one is under way is told to the person and raises an alarm", async () => {
  await moveOut();
  const browser = await settled();
  const from = (remoteAddress: string): Promise<Record<string, unknown>> =>
    office.app
      .inject({
        method: "POST",
        url: "/v1/session",
        remoteAddress,
        payload: { email, password: good },
      })
      .then((answer) => JSON.parse(answer.body) as Record<string, unknown>);
  const alarms = async (): Promise<readonly unknown[]> =>
    (await office.storage.audit.search({ types: ["Alarm"], limit: 10 })).items;
  office.pass(1);
  expect((await from("127.0.0.9"))["elsewhere"]).toEqual([]); // the same network
  expect(await alarms()).toEqual([]);
  office.pass(1);
  const far = await from("203.0.113.7");
  expect(far["elsewhere"]).toMatchObject([{ from: "127.0.0.1" }, { from: "127.0.0.9" }]);
  const user = await personOf(email);
  expect(await alarms()).toMatchObject([
    {
      actor: `user:${user?.id ?? ""}`,
      detail: {
        what: "concurrent logins from different places",
        from: "203.0.113.7",
        others: ["127.0.0.1", "127.0.0.9"],
      },
    },
  ]);
  const own = await send("GET", "/v1/me/sessions", browser);
  const listed = own.json["items"] as readonly Record<string, unknown>[];
  expect(listed.map((each) => [each["from"], each["current"]])).toEqual([
    ["127.0.0.1", true],
    ["127.0.0.9", false],
    ["203.0.113.7", false],
  ]);
  expect((await send("DELETE", "/v1/me/sessions", browser)).json).toEqual({ ended: 2 });
  expect((await send("GET", "/v1/me/sessions", browser)).json["items"]).toHaveLength(1);
});

test("row 71: a token made by a person ends with that person, and nobody gives what they have not", async () => {
  await moveOut();
  const browser = await settled();
  const made = await send("POST", "/v1/tokens", browser, { name: "x", scopes: ["users:read"] });
  const token = { authorization: `Bearer ${String(made.json["token"])}` };
  expect((await send("GET", "/v1/users", token)).status).toBe(200);
  const weak = await office.bearer(["users:write"]);
  const strong = { email: "x@example.co.jp", roles: ["administrator"] };
  expect((await send("POST", "/v1/users", weak, strong)).status).toBe(403);
  const [user] = await office.storage.users.list();
  const url = `/v1/users/${user?.id ?? ""}`;
  expect((await send("POST", `${url}/disable`, browser)).status).toBe(409); // the last administrator
  expect((await send("POST", `${url}/reset`, weak)).status).toBe(403);
  await office.person(["administrator"]);
  expect((await send("POST", `${url}/disable`, browser)).status).toBe(200);
  expect((await send("GET", "/v1/users", token)).status).toBe(401);
  const all = await office.bearer(["*"]);
  expect((await send("POST", `${url}/enable`, all)).status).toBe(200);
  expect((await send("GET", "/v1/users", token)).status).toBe(401); // It does not come back with them.
  const ended = await send("GET", `/v1/tokens/${String(made.json["id"])}`, all);
  expect(ended.json["revokedAt"]).toBe(office.parts.clock().toISOString());
  const { items } = await office.storage.audit.search({ types: ["Token"], limit: 100 });
  expect(items.filter(({ detail }) => detail?.["change"] === "revoke")).toMatchObject([
    { actor: `user:${user?.id ?? ""}` },
  ]);
});

test("row 71: whoever is limited to some senders makes tokens limited to these, and sees and ends no others", async () => {
  const limited = await office.person(["administrator"], { senders: ["sample"] });
  const made = await send("POST", "/v1/tokens", limited.headers, { name: "x", scopes: ["*"] });
  expect(made.status).toBe(201);
  const id = String(made.json["id"]);
  const token = { authorization: `Bearer ${String(made.json["token"])}` };
  expect((await send("GET", "/v1/me", token)).json["senders"]).toEqual(["sample"]);
  const everybody = await office.person(["administrator"]);
  const wide = await send("POST", "/v1/tokens", everybody.headers, { name: "y", scopes: ["*"] });
  const wideUrl = `/v1/tokens/${String(wide.json["id"])}`;
  const listed = await send("GET", "/v1/tokens", limited.headers);
  expect((listed.json["items"] as { id: string }[]).map((each) => each.id)).toEqual([id]);
  expect((await send("GET", wideUrl, limited.headers)).status).toBe(404);
  expect((await send("POST", `${wideUrl}/revoke`, limited.headers, {})).status).toBe(404);
  const other = await office.person(["administrator"], { senders: ["another"] });
  expect((await send("POST", `/v1/tokens/${id}/revoke`, other.headers, {})).status).toBe(404);
  expect((await send("POST", `/v1/tokens/${id}/revoke`, limited.headers, {})).status).toBe(200);
  expect((await send("GET", "/v1/me", token)).status).toBe(401);
});

test("an authenticator is confirmed by its code as people type it; a wrong one is told with the remedy", async () => {
  const browser = await settled();
  const { json } = await send("POST", "/v1/me/totp", browser);
  const totp = new TOTP({ secret: Secret.fromBase32(String(json["secret"])) });
  const code = totp.generate({ timestamp: office.parts.clock().getTime() });
  const wrong = code === "000000" ? "000001" : "000000";
  const refused = await send("POST", "/v1/me/totp/confirm", browser, { code: wrong });
  expect([refused.status, refused.json]).toMatchObject([
    422,
    {
      errors: [{ field: "code" }],
      remedy: expect.stringContaining("set the clock") as string,
    },
  ]);
  const typed = `${code.slice(0, 3)} ${code.slice(3)}`;
  expect((await send("POST", "/v1/me/totp/confirm", browser, { code: typed })).status).toBe(200);
});

test("whoever has no password is told how they prove themselves, and adds no authenticator that nobody would ask for", async () => {
  const { headers } = await office.person(["administrator"]);
  for (const [method, url, payload] of [
    ["POST", "/v1/me/proof", { password: "any" }],
    ["POST", "/v1/me/password", { current: "any", password: good }],
    ["POST", "/v1/me/totp", undefined],
  ] as const) {
    const answer = await send(method, url, headers, payload);
    expect([answer.status, answer.json["remedy"]]).toEqual([
      409,
      "Where a fresh proof is asked for, come anew: GET /v1/session/oidc.",
    ]);
  }
  const { items } = await office.storage.audit.search({ types: ["Login"], limit: 100 });
  expect(items.filter(({ detail }) => detail?.["result"] === "refused")).toEqual([]);
});

test("a second authenticator is refused, and what the remedy says can be done", async () => {
  const { browser } = await enrolled();
  const again = await send("POST", "/v1/me/totp", browser);
  expect([again.status, again.json["remedy"]]).toEqual([
    409,
    "Take it away first: DELETE /v1/me/totp. That ends every session.",
  ]);
  expect((await send("DELETE", "/v1/me/totp", browser)).status).toBe(200);
  expect((await send("GET", "/v1/me", browser)).status).toBe(401);
  const anew = await login(good);
  expect((await send("POST", "/v1/me/totp", anew)).status).toBe(200);
});

test("a person whose role the configuration has no more can be shut out and given another role", async () => {
  const browser = await settled();
  const { user } = await office.person(["a-role-of-last-year"], { senders: ["gone"] });
  const url = `/v1/users/${user.id}`;
  expect((await send("POST", `${url}/disable`, browser)).status).toBe(200);
  expect((await send("POST", `${url}/roles`, browser, { roles: ["guest"] })).status).toBe(400);
  const roles = { roles: ["guest"], senders: ["sample"] };
  expect((await send("POST", `${url}/roles`, browser, roles)).status).toBe(200);
});

test("row 78: every act has who, when, from where, and what was before and after", async () => {
  await moveOut();
  const browser = await settled();
  const made = await send("POST", "/v1/users", browser, {
    email: "hanako@example.co.jp",
    roles: ["guest"],
  });
  const url = `/v1/users/${String(made.json["id"])}/roles`;
  await send("POST", url, browser, { roles: ["auditor"], senders: ["sample"] });
  const user = await personOf(email);
  const { items } = await office.storage.audit.search({ types: ["User"], limit: 100 });
  expect(items.at(-1)).toMatchObject({
    actor: `user:${user?.id ?? ""}`,
    detail: {
      change: "roles",
      from: "127.0.0.1",
      beforeRoles: ["guest"],
      afterRoles: ["auditor"],
      beforeSenders: [],
      afterSenders: ["sample"],
    },
  });
  const acts = await office.storage.audit.search({ types: ["Operation"], limit: 100 });
  expect(acts.items.map((event) => event.detail?.["route"])).toContain("/v1/users/:id/roles");
  const logins = await office.storage.audit.search({ types: ["Login"], limit: 100 });
  expect(logins.items[0]?.detail).toMatchObject({ result: "begun", from: "127.0.0.1" });
  expect(JSON.stringify([items, acts, logins])).not.toContain("@example.co.jp");
});
