// Four eyes over HTTP: what waits, who may decide, that nobody decides what they asked for, and that time ends it.
import { afterEach, beforeEach, expect, test } from "vitest";

import { userActor } from "../../src/identity/user.ts";
import {
  demandApprovals,
  openHttpOffice,
  type HttpOffice,
  type PersonHeaders,
} from "../support/http-office.ts";
import { address, submission } from "../support/storage-facts.ts";

let office: HttpOffice;
beforeEach(async () => {
  const approvals = ["release", "suppression-removal", "export", "campaign"] as const;
  office = await openHttpOffice({ parts: (standard) => demandApprovals(standard, approvals) });
});
afterEach(async () => {
  await office[Symbol.asyncDispose]();
});

type Answer = readonly [number, Record<string, unknown>];
async function send(
  method: "GET" | "POST" | "DELETE",
  url: string,
  headers: object,
  payload?: object,
): Promise<Answer> {
  const answer = await office.app.inject({
    method,
    url,
    headers: { ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  return [answer.statusCode, JSON.parse(answer.body) as Record<string, unknown>];
}

/** A held message of `sample`; gives its id. */
async function holdOne(): Promise<string> {
  const { message, recipients, events } = submission(["a@example.net"]);
  const held = { reason: "judge-timeout", detail: "", findings: [] } as const;
  await office.storage.queue.accept({ ...message, held }, recipients, events);
  return message.messageId;
}

async function askRelease(headers: PersonHeaders): Promise<string> {
  const heldId = await holdOne();
  const [status, json] = await send("POST", `/v1/held/${heldId}/release`, headers, {
    reason: "ok",
  });
  expect([status, json["state"]]).toEqual([202, "open"]);
  expect(await office.storage.queue.heldShow(heldId)).toBeDefined();
  return String(json["approval"]);
}

const decide = (id: string, headers: object, verdict = "approve"): Promise<Answer> =>
  send("POST", `/v1/approvals/${id}/${verdict}`, headers);

test("row 78: a release waits for a second person, and is done when they say so, once", async () => {
  const first = await office.person(["approver"]);
  const second = await office.person(["approver"]);
  const id = await askRelease(first.headers);
  expect((await decide(id, first.headers))[0]).toBe(403);
  expect(await decide(id, second.headers)).toEqual([200, { id, state: "approved", released: 1 }]);
  expect((await decide(id, second.headers))[0]).toBe(409);
  const events = await office.storage.audit.search({ types: ["Approval", "Released"], limit: 10 });
  expect(events.items).toMatchObject([
    { type: "Approval", actor: userActor(first.user.id), detail: { change: "asked" } },
    {
      type: "Approval",
      actor: userActor(second.user.id),
      detail: { change: "approved", askedBy: userActor(first.user.id), from: "127.0.0.1" },
    },
    { type: "Released", actor: userActor(second.user.id) },
  ]);
});

test("nobody approves their own request by way of a token, and no program approves anything", async () => {
  const asker = await office.person(["administrator"]);
  const made = await send("POST", "/v1/tokens", asker.headers, { name: "x", scopes: ["*"] });
  const token = { authorization: `Bearer ${String(made[1]["token"])}` };
  const heldId = await holdOne();
  const asked = await send("POST", `/v1/held/${heldId}/release`, token);
  const id = String(asked[1]["approval"]);
  expect((await decide(id, asker.headers))[0]).toBe(403);
  expect((await decide(id, token))[0]).toBe(403);
  expect((await decide(id, await office.bearer(["*"])))[0]).toBe(403);
  expect(await office.storage.queue.heldShow(heldId)).toBeDefined();
});

test("what is rejected is not done, and what nobody decides in time cannot be any more", async () => {
  const first = await office.person(["approver"]);
  const second = await office.person(["approver"]);
  const rejected = await askRelease(first.headers);
  expect((await decide(rejected, second.headers, "reject"))[0]).toBe(200);
  const late = await askRelease(first.headers);
  office.pass(3 * 86_400);
  const third = await office.person(["approver"]);
  expect((await decide(late, third.headers))[0]).toBe(409);
  expect(await office.storage.approvals.expire(office.parts.clock())).toBe(1);
  const [, shown] = await send("GET", `/v1/approvals/${late}`, third.headers);
  expect(shown).toMatchObject({ state: "expired", decidedBy: "gateway" });
  const page = await office.storage.queue.heldList({ limit: 10 });
  expect(page.items).toHaveLength(2);
});

test("a deputy decides in another's place until the time is over, but not for whom they stand in", async () => {
  const chief = await office.person(["approver"]);
  const until = new Date(office.parts.clock().getTime() + 3_600_000);
  const deputyOf = [{ user: chief.user.id, until }];
  const deputy = await office.person(["operator"], { deputyOf });
  const own = await askRelease(chief.headers);
  expect((await decide(own, deputy.headers))[0]).toBe(403);
  const other = await office.person(["postmaster"]);
  const id = await askRelease(other.headers);
  expect((await decide(id, deputy.headers))[0]).toBe(200);
  const { items } = await office.storage.audit.search({ types: ["Approval"], limit: 10 });
  expect(items.at(-1)?.detail).toMatchObject({ inPlaceOf: userActor(chief.user.id) });
  office.pass(3600);
  const again = await office.person(["operator"], { deputyOf });
  const next = await askRelease((await office.person(["postmaster"])).headers);
  expect((await decide(next, again.headers))[0]).toBe(403);
});

test("row 71: a deputy decides for no other senders than the one they stand in for", async () => {
  const until = new Date(office.parts.clock().getTime() + 3_600_000);
  const { headers: asker } = await office.person(["postmaster"]);
  const deputyOf = async (senders: readonly string[]): Promise<PersonHeaders> => {
    const { user } = await office.person(["approver"], { senders });
    return (await office.person(["operator"], { deputyOf: [{ user: user.id, until }] })).headers;
  };
  const id = await askRelease(asker);
  const [status, refused] = await decide(id, await deputyOf(["another"]));
  expect([status, refused["detail"]]).toEqual([
    403,
    "those whose deputy you are do not decide for this sender themselves",
  ]);
  expect((await decide(id, await deputyOf(["sample"])))[0]).toBe(200);
});

test("the same act asked for twice is one request", async () => {
  const { headers } = await office.person(["postmaster"]);
  const heldId = await holdOne();
  const ids: unknown[] = [];
  for (let count = 0; count < 2; count += 1)
    ids.push((await send("POST", `/v1/held/${heldId}/release`, headers))[1]["approval"]);
  expect(new Set(ids).size).toBe(1);
});

test("an act asked for again is told the end of the request that stands, and asked for anew once that is past", async () => {
  const { headers } = await office.person(["postmaster"]);
  const url = `/v1/held/${await holdOne()}/release`;
  const [, first] = await send("POST", url, headers);
  office.pass(1700);
  expect((await send("POST", url, headers))[1]).toEqual(first);
  office.pass(3 * 86_400 - 1700);
  const approver = await office.person(["approver"]);
  const late = await office.person(["postmaster"]);
  const [, anew] = await send("POST", url, late.headers); // before what is past was swept
  expect(anew["approval"]).not.toBe(first["approval"]);
  expect((await decide(String(anew["approval"]), approver.headers))[0]).toBe(200);
});

test("law.md S76: a suppression is lifted by two", async () => {
  const manager = await office.person(["list-manager"]);
  const approver = await office.person(["approver"]);
  const email = "gone@example.net";
  expect((await send("POST", "/v1/suppressions", manager.headers, { email }))[0]).toBe(201);
  const url = `/v1/suppressions/${email}?scope=all&reason=asked%20by%20phone`;
  const [status, json] = await send("DELETE", url, manager.headers);
  expect(status).toBe(202);
  const look = async (): Promise<unknown> =>
    (await send("GET", `/v1/suppressions/${email}`, manager.headers))[1]["items"];
  expect(await look()).toHaveLength(1);
  expect((await decide(String(json["approval"]), approver.headers))[0]).toBe(200);
  expect(await look()).toEqual([]);
  // The address stands in nobody's log: it was sealed with the request.
  const { items } = await office.storage.audit.search({ types: ["Approval"], limit: 10 });
  expect(JSON.stringify(items.map((event) => event.detail))).not.toContain(email);
});

test("row 71: an approver of another sender sees nothing of it", async () => {
  const id = await askRelease((await office.person(["postmaster"])).headers);
  const other = await office.person(["approver"], { senders: ["another"] });
  expect((await send("GET", `/v1/approvals/${id}`, other.headers))[0]).toBe(404);
  expect((await decide(id, other.headers))[0]).toBe(404);
  expect((await send("GET", "/v1/approvals", other.headers))[1]["items"]).toEqual([]);
});

test("a deputy is made and ended over HTTP, with what was before and after, by whoever has the rights", async () => {
  const admin = await office.person(["administrator"]);
  const chief = await office.person(["approver"]);
  const helper = await office.person(["operator"]);
  const until = new Date(office.parts.clock().getTime() + 3600_000).toISOString();
  const url = `/v1/users/${helper.user.id}/deputy`;
  const body = { for: chief.user.id, until, reason: "holidays" };
  const [made, person] = await send("POST", url, admin.headers, body);
  expect([made, person["deputyOf"]]).toEqual([200, [{ user: chief.user.id, until }]]);
  const asker = await office.person(["postmaster"]);
  const asked = await askRelease(asker.headers);
  expect((await send("POST", `/v1/approvals/${asked}/approve`, helper.headers))[0]).toBe(200);
  for (const wrong of [
    { ...body, for: helper.user.id },
    { ...body, for: "nobody" },
    { ...body, until: "2020-01-01T00:00:00Z" },
  ])
    expect((await send("POST", url, admin.headers, wrong))[0]).toBe(400);
  expect((await send("POST", url, chief.headers, body))[0]).toBe(403);
  const [ended, after] = await send("DELETE", `${url}?for=${chief.user.id}`, admin.headers);
  expect([ended, after["deputyOf"]]).toEqual([200, []]);
  const again = await askRelease(asker.headers);
  expect((await send("POST", `/v1/approvals/${again}/approve`, helper.headers))[0]).toBe(403);
  const { items } = await office.storage.audit.search({ types: ["User"], limit: 100 });
  const changes = items.filter(({ detail }) => detail?.["change"] === "deputy");
  expect(
    changes.map(({ detail }) => [detail?.["beforeDeputyOf"], detail?.["afterDeputyOf"]]),
  ).toEqual([
    [[], [`user:${chief.user.id} until ${until}`]],
    [[`user:${chief.user.id} until ${until}`], []],
  ]);
});

test("a request about a suppression shows its address until the person is erased, and never the keyed index", async () => {
  const { headers } = await office.person(["administrator"]);
  const email = "secret.person@example.net";
  const target = address(email);
  const subject = office.indexer.address(target);
  await office.storage.ledger.suppress([
    {
      target,
      suppression: {
        subject,
        ofDomain: false,
        kind: "manual",
        scope: { kind: "all" },
        origin: "cli:test",
        createdAt: office.parts.clock(),
      },
    },
  ]);
  const url = `/v1/suppressions/${email}?scope=all&reason=asked+by+${email}`;
  const [asked, { approval }] = await send("DELETE", url, headers);
  expect(asked).toBe(202);
  const shown = async (): Promise<unknown> =>
    (await send("GET", `/v1/approvals/${String(approval)}`, headers))[1];
  const act = { kind: "suppression-removal", scope: { kind: "all" } };
  expect(await shown()).toMatchObject({ reason: `asked by ${email}` });
  expect(await shown()).toHaveProperty("act", { ...act, address: email });
  await office.storage.ledger.erase(subject, { actor: "cli:test" });
  expect(await shown()).toMatchObject({ reason: null });
  expect(await shown()).toHaveProperty("act", { ...act, address: null });
});
