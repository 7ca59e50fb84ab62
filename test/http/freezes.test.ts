// The kill switch by HTTP and at the intake: who may, what is told, that it stands after a restart.
import { expect, test } from "vitest";

import { decideBegin } from "../../src/intake/begin.ts";
import { freezeOf } from "../../src/queue/freeze.ts";
import { dial } from "../support/raw-client.ts";
import { openHttpOffice } from "../support/http-office.ts";
import { makeStream, startSmtpGateway } from "../support/smtp-gateway.ts";

test("freezes in one call, lists with the reason, lifts, and each is an event", async () => {
  await using office = await openHttpOffice();
  const { headers, user } = await office.person(["operator"]);
  const inject = (method: "POST" | "GET" | "DELETE", url: string, payload?: object) =>
    office.app.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
  const put = await inject("POST", "/v1/freezes", {
    scope: "stream:newsletter",
    reason: "wrong list",
  });
  expect(put.statusCode).toBe(201);
  const first = put.json<object>();
  office.pass(60);
  const body = { scope: "stream:newsletter", reason: "a wrong list" };
  const again = await inject("POST", "/v1/freezes", body);
  const { items } = JSON.parse((await inject("GET", "/v1/freezes")).body) as { items: unknown[] };
  expect([again.json(), items[0]]).toEqual([{ ...first, ...body }, again.json()]);
  expect(items).toMatchObject([
    { scope: "stream:newsletter", reason: "a wrong list", actor: `user:${user.id}` },
  ]);
  const url = "/v1/freezes?scope=stream:newsletter&reason=mended";
  expect((await inject("DELETE", url)).statusCode).toBe(200);
  expect((await inject("DELETE", url)).statusCode).toBe(404);
  expect(
    (await inject("POST", "/v1/freezes", { scope: "stream:other", reason: "x" })).statusCode,
  ).toBe(400);
  const events = await office.storage.audit.search({ types: ["Operation"], limit: 100 });
  const changes = events.items.flatMap((event) =>
    event.detail?.["target"] === undefined ? [] : [event],
  );
  expect(changes).toMatchObject([
    { stream: "newsletter", detail: { change: "freeze", from: "127.0.0.1" } },
    { stream: "newsletter", detail: { change: "freeze" } },
    { detail: { change: "unfreeze" } },
  ]);
});

test("row 71: whoever is limited to a sender freezes that sender's mail, and nothing wider", async () => {
  await using office = await openHttpOffice();
  const { headers } = await office.person(["postmaster"], { senders: ["sample"] });
  const status = async (scope: string, url = "/v1/freezes"): Promise<number> =>
    (await office.app.inject({ method: "POST", url, headers, payload: { scope, reason: "x" } }))
      .statusCode;
  // A stray parameter that names their own sender helps nobody.
  for (const scope of ["all", "sender:other", "sender:sample"])
    expect(await status(scope, "/v1/freezes?sender=sample")).toBe(400);
  expect(await status("all")).toBe(403);
  expect(await status("sender:other")).toBe(404);
  expect(await status("sender:sample")).toBe(201);
  expect(await status("stream:newsletter")).toBe(201);
});

test("row 71: what concerns every sender is told to be so, with what to name", async () => {
  await using office = await openHttpOffice();
  const { headers } = await office.person(["administrator"], { senders: ["sample"] });
  const ask = async (
    method: "GET" | "POST",
    url: string,
    payload?: object,
  ): Promise<readonly [number, Record<string, unknown>]> => {
    const answer = await office.app.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    return [answer.statusCode, JSON.parse(answer.body) as Record<string, unknown>];
  };
  const wide = [
    403,
    expect.objectContaining({
      detail: "this concerns every sender, and you act for sample only",
      remedy: expect.stringContaining("Name the sender") as string,
    }),
  ];
  const about = { email: "a@example.org", kind: "manual", reason: "x" };
  expect(await ask("POST", "/v1/suppressions", about)).toEqual(wide);
  expect(await ask("POST", "/v1/suppressions", { ...about, scope: "all" })).toEqual(wide);
  expect(await ask("GET", "/v1/exports/opt-outs?since=2026-11-01T00:00:00Z")).toEqual(wide);
  expect(await ask("GET", "/v1/audit/rules")).toEqual(wide);
  for (const scope of ["sender:other", "stream:other"])
    expect((await ask("POST", "/v1/suppressions", { ...about, scope }))[0]).toBe(404);
  expect((await ask("POST", "/v1/suppressions", { ...about, scope: "sender:sample" }))[0]).toBe(
    201,
  );
});

test("the widest freeze is the one that is named", () => {
  const at = new Date(0);
  const about = { reason: "r", actor: "a", at };
  const all = { kind: "all", name: "", ...about } as const;
  const sender = { kind: "sender", name: "sample", ...about } as const;
  const stream = { kind: "stream", name: "notices", ...about } as const;
  const ours = makeStream();
  expect(freezeOf([stream, sender, all], ours)).toBe(all);
  expect(freezeOf([stream, sender], ours)).toBe(sender);
  expect(freezeOf([stream], ours)).toBe(stream);
  expect(
    freezeOf(
      [
        { ...stream, name: "x" },
        { ...sender, name: "y" },
      ],
      ours,
    ),
  ).toBeUndefined();
});

test("a client is told 451 frozen at MAIL, also where its transaction began before, and where nobody can tell", async () => {
  const freeze = { kind: "all", name: "", reason: "leak", actor: "a", at: new Date(0) } as const;
  const freezes = { list: () => Promise.resolve([] as (typeof freeze)[]) };
  await using gateway = await startSmtpGateway({ intake: { freezes } });
  gateway.stores.grant("b@example.net");
  const client = await dial(gateway.port);
  await client.command("EHLO tool.example");
  const begin = (): Promise<string> => client.command("MAIL FROM:<a@example.jp>");
  expect(await begin()).toMatch(/^250/);
  expect(await client.command("RCPT TO:<b@example.net>")).toMatch(/^250/);
  expect(await client.command("DATA")).toMatch(/^354/);
  freezes.list = () => Promise.resolve([freeze]);
  const message = "From: a@example.jp\r\nTo: b@example.net\r\nSubject: x\r\n\r\nx\r\n.";
  const late = await client.command(message);
  expect(late).toMatch(/^451 4\.7\.1 frozen:/);
  expect(late).not.toContain("leak"); // The reason is for our own people.
  expect(await begin()).toMatch(/^451 4\.7\.1 frozen:/);
  freezes.list = () => Promise.reject(new Error("disk"));
  expect(await begin()).toMatch(/^451 4\.3\.0/);
  freezes.list = () => Promise.resolve([]);
  expect(await begin()).toMatch(/^250/);
  expect(gateway.stores.stored).toEqual([]);
  client.end();
});

test("what is full or broken is told before what is frozen", () => {
  const facts = {
    stream: makeStream(),
    mailFrom: null,
    withinRate: true,
    frozen: true,
    room: "full",
    notReady: undefined,
  } as const;
  const answer = decideBegin(facts);
  expect(answer.kind === "refused" && answer.no.reason).toBe("storage-full");
});
