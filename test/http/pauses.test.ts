// Pauses by HTTP: what they name, who may, what is told, and that each is an event.
import { expect, test } from "vitest";

import { createClient } from "../support/http-client.ts";
import { openHttpOffice } from "../support/http-office.ts";

test("pauses in one call, lists with the reason, resumes, and each is an event", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["freezes:write", "freezes:read"]));
  const scope = "destination:例え.jp";
  const made = await call("POST", "/v1/pauses", { scope, reason: "asked us to slow down" });
  expect(made.status).toBe(201);
  const known = "destination:xn--r8jz45g.jp";
  expect(made.json).toMatchObject({ scope: known, reason: "asked us to slow down" });
  expect((await call("GET", "/v1/pauses")).json["items"]).toEqual([made.json]);
  // Another reason replaces the first one; since when stays.
  office.pass(60);
  const again = await call("POST", "/v1/pauses", { scope: known, reason: "still" });
  expect(again.json).toEqual({ ...made.json, reason: "still" });
  expect((await call("GET", "/v1/freezes")).json["items"]).toEqual([]);
  const url = `/v1/pauses?scope=${encodeURIComponent(scope)}&reason=mended`;
  expect((await call("DELETE", url)).json).toEqual({ scope: known, resumed: true });
  expect((await call("DELETE", url)).status).toBe(404);
  const { items } = await office.storage.audit.search({ types: ["Operation"], limit: 100 });
  const changes = items.flatMap(({ detail }) =>
    detail?.["target"] === undefined ? [] : [[detail["change"], detail["target"]]],
  );
  expect(changes).toEqual([
    ["pause", known],
    ["pause", known],
    ["resume", known],
  ]);
});

test.each(["stream:other", "sender:other", "destination:no domain", "destination:"])(
  "%s is not there to be paused",
  async (scope) => {
    await using office = await openHttpOffice();
    const call = createClient(office.app, await office.bearer(["freezes:write"]));
    const answer = await call("POST", "/v1/pauses", { scope, reason: "x" });
    expect([answer.status, String(answer.json["detail"])]).toEqual([
      400,
      expect.stringContaining("scope"),
    ]);
  },
);

test("a resume that was overtaken by another pause does nothing", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["freezes:write", "freezes:read"]));
  await call("POST", "/v1/pauses", { scope: "stream:newsletter", reason: "first" });
  const etag = String((await call("GET", "/v1/pauses/stream:newsletter")).headers["etag"]);
  await call("POST", "/v1/pauses", { scope: "stream:newsletter", reason: "second" });
  const url = "/v1/pauses?scope=stream:newsletter&reason=over";
  expect((await call("DELETE", url, undefined, { "if-match": etag })).status).toBe(412);
  const { freezes } = office.storage;
  const [now] = await freezes.pauses();
  if (now === undefined) throw new Error("not paused any more");
  const act = { actor: "test", at: office.parts.clock() };
  expect(await freezes.resume(now, act, { ...now, reason: "first" })).toBe(false);
  expect(await freezes.resume(now, act, now)).toBe(true);
});

test("row 71: whoever is limited to a sender pauses that sender's mail, and nothing wider", async () => {
  await using office = await openHttpOffice();
  const { headers } = await office.person(["postmaster"], { senders: ["sample"] });
  const status = async (scope: string): Promise<number> =>
    (
      await office.app.inject({
        method: "POST",
        url: "/v1/pauses",
        headers,
        payload: { scope, reason: "x" },
      })
    ).statusCode;
  expect(await status("destination:example.com")).toBe(403);
  expect(await status("sender:other")).toBe(404);
  expect(await status("sender:sample")).toBe(201);
  expect(await status("stream:newsletter")).toBe(201);
});
