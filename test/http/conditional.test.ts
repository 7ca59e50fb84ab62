// Conditional requests: a strong tag on all that is read, 304 for what is known, and no change of what has changed.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { buildOpenApi } from "../../src/http/build-openapi.ts";
import { createApp } from "../../src/http/server.ts";
import { createClient, type Call } from "../support/http-client.ts";
import { openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { accept, submission } from "../support/storage-facts.ts";

type Change = readonly ["POST" | "DELETE", string, object?];
const none: Change = ["POST", ""];

interface Thing {
  /** Where it is read. */
  readonly url: string;
  /** Two changes of it, either of which leaves it otherwise than it was. */
  readonly changes: readonly Change[];
}

let office: HttpOffice;
let call: Call;
let other: Call;
let count = 0;
beforeAll(async () => {
  office = await openHttpOffice({ settings: { requirePublished: false } });
  call = createClient(office.app, await office.bearer(["*"]));
  other = createClient(office.app, await office.bearer(["*"]));
});
afterAll(async () => {
  await office[Symbol.asyncDispose]();
});

async function queued(held: boolean): Promise<string> {
  count += 1;
  const why = { reason: "judge-timeout", detail: "", findings: [] } as const;
  return accept(office.storage, submission([`r${count}@example.net`], held ? { held: why } : {}));
}

async function makeToken(): Promise<Thing> {
  const made = await call("POST", "/v1/tokens", { name: "x", scopes: ["held:read"] });
  const url = `/v1/tokens/${String(made.json["id"])}`;
  return { url, changes: [["POST", `${url}/revoke`, {}]] };
}

/** One of each kind, made anew. */
const things: Readonly<Record<string, () => Promise<Thing>>> = {
  person: async () => {
    const { user } = await office.person(["guest"]);
    return {
      url: `/v1/users/${user.id}`,
      changes: [
        ["POST", `/v1/users/${user.id}/roles`, { roles: ["auditor"] }],
        ["POST", `/v1/users/${user.id}/disable`, {}],
      ],
    };
  },
  token: makeToken,
  credential: async () => {
    const made = await call("POST", "/v1/credentials", { stream: "newsletter", name: "x" });
    const url = `/v1/credentials/${String(made.json["username"])}`;
    return {
      url,
      changes: [
        ["POST", `${url}/rotate`, { overlapSeconds: 0 }],
        ["POST", `${url}/revoke`, {}],
      ],
    };
  },
  key: async () => {
    const made = await call("POST", "/v1/keys", { domain: "example.jp", algorithm: "ed25519" });
    const url = `/v1/keys/example.jp/${String(made.json["selector"])}`;
    return {
      url,
      changes: [
        ["POST", `${url}/activate`, {}],
        ["POST", `${url}/retire`, {}],
      ],
    };
  },
  "held message": async () => {
    const url = `/v1/held/${await queued(true)}`;
    return {
      url,
      changes: [
        ["POST", `${url}/release`, {}],
        ["POST", `${url}/reject`, {}],
      ],
    };
  },
  "queued recipient": async () => {
    const url = `/v1/queue/${await queued(false)}-1`;
    return {
      url,
      changes: [
        ["POST", `${url}/hold`, {}],
        ["POST", `${url}/drop`, {}],
      ],
    };
  },
  suppression: async () => {
    count += 1;
    const email = `s${count}@example.net`;
    await call("POST", "/v1/suppressions", { email });
    await call("POST", "/v1/suppressions", { email, scope: "sender:sample" });
    const url = `/v1/suppressions/${email}`;
    return {
      url,
      changes: [
        ["DELETE", `${url}?scope=all&reason=mistake`],
        ["DELETE", `${url}?scope=sender:sample&reason=mistake`],
      ],
    };
  },
  pause: async () => {
    const scope = "destination:example.com";
    await call("POST", "/v1/pauses", { scope, reason: `slow ${(count += 1)}` });
    return {
      url: `/v1/pauses/${scope}`,
      changes: [["DELETE", `/v1/pauses?scope=${scope}&reason=mended`]],
    };
  },
  freeze: async () => {
    await call("POST", "/v1/freezes", { scope: "stream:newsletter", reason: `no ${(count += 1)}` });
    return {
      url: "/v1/freezes/stream:newsletter",
      changes: [["DELETE", "/v1/freezes?scope=stream:newsletter&reason=mended"]],
    };
  },
};

describe.each(Object.entries(things))("a %s", (_name, make) => {
  test("has a strong tag, which answers 304 while it is the same", async () => {
    const { url } = await make();
    const read = await call("GET", url);
    const tag = String(read.headers["etag"]);
    expect(read.status).toBe(200);
    expect(tag).toMatch(/^"[\w-]{22}\.[\w-]{22}"$/);
    const known = await call("GET", url, undefined, { "if-none-match": `"x", W/${tag}` });
    expect([known.status, known.body, known.headers["etag"]]).toEqual([304, "", tag]);
    const unknown = await call("GET", url, undefined, { "if-none-match": '"other"' });
    expect([unknown.status, unknown.body]).toEqual([200, read.body]);
  });

  test("is changed with its tag, and not with one of before, a weak one or none of ours", async () => {
    const { url, changes } = await make();
    const tag = String((await call("GET", url)).headers["etag"]);
    const [[method, path, body] = none] = changes;
    for (const wrong of ['"AAAAAAAAAAAAAAAAAAAAAA.x"', `W/${tag}`, "nonsense", '""']) {
      const refused = await call(method, path, body, { "if-match": wrong });
      expect([wrong, refused.status]).toEqual([wrong, 412]);
      expect(refused.json).toMatchObject({
        type: "urn:sekisho:problem:precondition-failed",
        remedy: expect.stringContaining("GET") as string,
      });
    }
    expect((await call("GET", url)).headers["etag"]).toBe(tag);
    expect((await call(method, path, body, { "if-match": tag })).status).toBe(200);
    for (const [again, where, what] of changes) {
      const late = await call(again, where, what, { "if-match": tag });
      expect([where, late.status === 412 || late.status === 404]).toEqual([where, true]);
    }
  });

  test("takes one of many changes at the same moment with the same tag", async () => {
    const { url, changes } = await make();
    const tag = String((await call("GET", url)).headers["etag"]);
    const callers = [call, other, call, other];
    const answers = await Promise.all(
      callers.flatMap((each) =>
        changes.map(([method, path, body]) => each(method, path, body, { "if-match": tag })),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.every((status) => [200, 404, 409, 412].includes(status))).toBe(true);
  });

  test("takes any tag where the client only asks that it is there", async () => {
    const { changes } = await make();
    const [[method, path, body] = none] = changes;
    expect((await call(method, path, body, { "if-match": "*" })).status).toBe(200);
  });
});

test("every route that honours If-Match is tried here, and every other change refuses it", async () => {
  const document = (await buildOpenApi()) as {
    readonly paths: Readonly<
      Record<string, Readonly<Record<string, { parameters?: readonly { name: string }[] }>>>
    >;
  };
  const conditional = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { parameters = [] }]) => parameters.some(({ name }) => name === "If-Match"))
      .map(([method]) => `${method} ${path}`),
  );
  const nouns = new Set(conditional.map((route) => route.split("/")[2] ?? ""));
  const tried = "approvals credentials freezes held keys me pauses queue suppressions tokens users";
  expect([...nouns].toSorted(compare)).toEqual(tried.split(" "));
  const refused = await call(
    "POST",
    "/v1/suppressions",
    { email: "a@example.net" },
    {
      "if-match": "*",
    },
  );
  expect([refused.status, refused.json["remedy"]]).toEqual([412, "Send it without If-Match."]);
});

test("a use does not change what changes depend on: a tag of before the last use is good", async () => {
  const user = await office.person(["administrator"]);
  const url = `/v1/users/${user.user.id}`;
  const before = String((await call("GET", url)).headers["etag"]);
  office.pass(120);
  await office.app.inject({ url: "/v1/me", headers: user.headers });
  const after = String((await call("GET", url)).headers["etag"]);
  expect(after).not.toBe(before); // The bytes differ, so the strong tag does.
  const body = { roles: ["administrator", "auditor"] };
  expect((await call("POST", `${url}/roles`, body, { "if-match": before })).status).toBe(200);
});

test("the own account: a recovery code spent meanwhile does not come back, and stale tags are refused", async () => {
  const { user, headers } = await office.person(["guest"], {
    totp: { secret: "JBSWY3DPEHPK3PXP", confirmed: true },
    recovery: ["hash-1", "hash-2"],
  });
  const person = (
    method: "GET" | "POST",
    url: string,
    more = {},
  ): Promise<{ status: number; tag: string }> =>
    office.app
      .inject({ method, url, headers: { ...headers, ...more } })
      .then((answer) => ({ status: answer.statusCode, tag: String(answer.headers["etag"]) }));
  const { tag } = await person("GET", "/v1/me");
  await office.storage.users.spendRecovery(user.id, "hash-1", { actor: "test", at: new Date(0) });
  const stale = await person("POST", "/v1/me/recovery-codes", { "if-match": tag });
  expect(stale.status).toBe(412);
  expect((await office.storage.users.find(user.id))?.recovery).toEqual(["hash-2"]);
  const fresh = await person("GET", "/v1/me");
  const changed = await person("POST", "/v1/me/recovery-codes", { "if-match": fresh.tag });
  expect(changed.status).toBe(200);
});

test("two administrators who disable each other at the same moment: one of them stays", async () => {
  await using small = await openHttpOffice();
  const [one, two] = [await small.person(["administrator"]), await small.person(["administrator"])];
  const disable = (by: typeof one, whom: typeof one): Promise<number> =>
    small.app
      .inject({ method: "POST", url: `/v1/users/${whom.user.id}/disable`, headers: by.headers })
      .then((answer) => answer.statusCode);
  const statuses = await Promise.all([disable(one, two), disable(two, one)]);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  const left = (await small.storage.users.list()).filter((user) => user.disabledAt === undefined);
  expect(left).toHaveLength(1);
});

test("where the setting asks for it, what exists is changed with If-Match only: 428", async () => {
  const { url, changes } = await makeToken();
  const strict = await createApp({ ...office.settings, requireIfMatch: true }, office.parts);
  try {
    const strictly = createClient(strict, await office.bearer(["*"]));
    const [[method, path, body] = none] = changes;
    const refused = await strictly(method, path, body);
    expect([refused.status, refused.json["type"]]).toEqual([
      428,
      "urn:sekisho:problem:precondition-required",
    ]);
    const tag = String((await strictly("GET", url)).headers["etag"]);
    expect((await strictly(method, path, body, { "if-match": tag })).status).toBe(200);
    expect((await strictly("POST", "/v1/suppressions", { email: "n@example.net" })).status).toBe(
      201,
    );
  } finally {
    await strict.close();
  }
});

test("lists and reports have tags too, of their bytes", async () => {
  for (const url of ["/v1/senders", "/v1/streams/newsletter", "/v1/senders/sample"]) {
    const read = await call("GET", url);
    const tag = String(read.headers["etag"]);
    expect([url, read.status, /^"[\w-]{22}"$/.test(tag)]).toEqual([url, 200, true]);
    expect((await call("GET", url, undefined, { "if-none-match": tag })).status).toBe(304);
    const headers = await office.bearer(["*"]);
    const head = await office.app.inject({ method: "HEAD", url, headers });
    expect([head.statusCode, head.headers["etag"], head.body]).toEqual([200, tag, ""]);
  }
});

test("an approver decides on what was seen: whoever comes second with the same tag is told", async () => {
  const approver = await office.person(["approver"]);
  const heldId = await queued(true);
  const asked = await office.storage.approvals.ask(
    {
      id: "approval-1",
      sender: "sample",
      askedBy: "user:somebody",
      askedAt: office.parts.clock(),
      expiresAt: new Date(office.parts.clock().getTime() + 60_000),
      act: { kind: "release", heldId },
    },
    { actor: "user:somebody", at: office.parts.clock() },
  );
  const url = `/v1/approvals/${asked.id}`;
  const tag = String((await call("GET", url)).headers["etag"]);
  const approve = (match: string): Promise<number> =>
    office.app
      .inject({
        method: "POST",
        url: `${url}/approve`,
        headers: { ...approver.headers, "if-match": match },
      })
      .then((answer) => answer.statusCode);
  expect(await approve('"AAAAAAAAAAAAAAAAAAAAAA.x"')).toBe(412);
  const both = await Promise.all([approve(tag), approve(tag)]);
  expect(both.toSorted((left, right) => left - right)).toEqual([200, 412]);
});

function compare(left: string, right: string): number {
  return left < right ? -1 : 1;
}

test("a key that changes between the look at its tag and its change is left alone", async () => {
  const made = await call("POST", "/v1/keys", { domain: "example.jp", algorithm: "ed25519" });
  const selector = String(made.json["selector"]);
  const url = `/v1/keys/example.jp/${selector}`;
  const seen = await call("GET", url);
  const { keys } = office.storage;
  let looks = 0;
  const app = await createApp(office.settings, {
    ...office.parts,
    keys: {
      privateKey: (...which) => keys.privateKey(...which),
      add: (...what) => keys.add(...what),
      setState: (...what) => keys.setState(...what),
      advance: (...what) => keys.advance(...what),
      list: async () => {
        const list = await keys.list();
        looks += 1;
        // Behind the first look: somebody else takes a step.
        if (looks === 1) {
          const key = list.find((each) => each.selector === selector);
          if (key !== undefined)
            await keys.advance(key, "active", { actor: "other", at: new Date() });
        }
        return list;
      },
    },
  });
  try {
    const late = createClient(app, await office.bearer(["keys:write"]));
    const answer = await late(
      "POST",
      `${url}/retire`,
      {},
      { "if-match": String(seen.headers["etag"]) },
    );
    expect(answer.status).toBe(412);
    expect((await call("GET", url)).json["state"]).toBe("active");
  } finally {
    await app.close();
  }
});
