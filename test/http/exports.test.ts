// Bulk exports: the operation log for a SIEM and who received what; recorded, masked where it must be, by two where it must be.
import { expect, test } from "vitest";

import { formatCef } from "../../src/audit/cef.ts";
import type { AuditDraft } from "../../src/audit/event.ts";
import type { NewConsent } from "../../src/consent/ledger.ts";
import type { SuppressionScope } from "../../src/consent/suppression.ts";
import { createClient, fieldsOf } from "../support/http-client.ts";
import { demandApprovals, openHttpOffice, type HttpOffice } from "../support/http-office.ts";
import { address } from "../support/storage-facts.ts";

const since = "2026-11-25T00:00:00Z";
const until = "2026-11-26T00:00:00Z";
const window = `stream=newsletter&since=${since}&until=${until}`;

async function deliver(office: HttpOffice, people: readonly string[]): Promise<void> {
  const events = people.map((person, index): AuditDraft => ({
    type: "Delivery",
    at: office.parts.clock(),
    messageId: `m${index % 2}`,
    stream: "newsletter",
    sender: "sample",
    subject: office.indexer.address(address(person)),
    personal: { address: person },
    actor: "gateway",
  }));
  await office.storage.audit.append(events);
}

const rows = (body: string): readonly Record<string, unknown>[] =>
  body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("law.md S117: says who received what of a stream in a window, and how many people", async () => {
  await using office = await openHttpOffice();
  await deliver(office, ["a@example.net", "b@example.net", "a@example.net"]);
  office.pass(2 * 86_400);
  await deliver(office, ["late@example.net"]);
  const { headers } = await office.person(["administrator"]);
  const answer = await office.app.inject({ url: `/v1/exports/received?${window}`, headers });
  expect(answer.statusCode).toBe(200);
  const found = rows(answer.body);
  expect(found.map((row) => row["recipient"])).toEqual([
    "a@example.net",
    "b@example.net",
    "a@example.net",
    undefined,
  ]);
  expect(found.at(-1)).toEqual({ summary: { deliveries: 3, messages: 2, people: 2 } });
  const { items } = await office.storage.audit.search({ types: ["Export"], limit: 10 });
  expect(items.at(-1)?.detail).toMatchObject({ what: "received", from: "127.0.0.1" });
});

test("law.md S117: times the wrong way round are not told as nobody", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["*"]));
  for (const list of ["received?stream=newsletter&", "opt-outs?"]) {
    const answer = await call("GET", `/v1/exports/${list}since=${until}&until=${since}`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ["until"]]);
  }
});

test("row 71: an auditor's export is masked, in NDJSON and in CEF, and others' senders are closed", async () => {
  await using office = await openHttpOffice();
  await deliver(office, ["taro.yamada@example.net"]);
  const { headers } = await office.person(["auditor"]);
  for (const url of [
    `/v1/exports/received?${window}`,
    "/v1/exports/audit?type=Delivery",
    "/v1/exports/audit?type=Delivery&format=cef",
  ]) {
    const answer = await office.app.inject({ url, headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain("t***@example.net");
    expect(answer.body).not.toContain("taro");
  }
  const other = await office.person(["auditor"], { senders: ["another"] });
  for (const [query, status] of [
    ["", 403],
    ["?sender=sample", 404],
    ["?stream=newsletter", 404],
  ] as const) {
    const url = `/v1/exports/audit${query}`;
    expect((await office.app.inject({ url, headers: other.headers })).statusCode).toBe(status);
  }
});

test("law.md S76: where the sender says so, an export takes a second person, for that export, once", async () => {
  await using office = await openHttpOffice({
    parts: (standard) => demandApprovals(standard, ["export"]),
  });
  await deliver(office, ["a@example.net"]);
  const first = await office.person(["administrator"]);
  const second = await office.person(["approver"]);
  const get = async (url: string): Promise<{ statusCode: number; body: string }> => {
    const answer = await office.app.inject({ url, headers: first.headers });
    return answer;
  };
  const asked = await get(`/v1/exports/received?${window}`);
  expect([asked.statusCode, asked.body.includes("a@example.net")]).toEqual([202, false]);
  const { approval } = JSON.parse(asked.body) as { approval: string };
  const approved = `/v1/exports/received?${window}&approval=${approval}`;
  expect((await get(approved)).statusCode).toBe(403);
  const url = `/v1/approvals/${approval}/approve`;
  const decided = await office.app.inject({ method: "POST", url, headers: second.headers });
  expect(decided.statusCode).toBe(200);
  const wider = approved.replace(since, "2020-01-01T00:00:00Z");
  expect((await get(wider)).statusCode).toBe(403);
  const stranger = await office.app.inject({ url: approved, headers: second.headers });
  expect(stranger.statusCode).toBe(403);
  const done = await get(approved);
  expect([done.statusCode, done.body.includes("a@example.net")]).toEqual([200, true]);
  expect((await get(approved)).statusCode).toBe(403);
});

test.each(["opt-outs", "audit"])(
  "law.md S76: a sender of before does not get round it: %s",
  async (what) => {
    await using office = await openHttpOffice({
      parts: (standard) => demandApprovals(standard, ["export"]),
    });
    await optOut(office, "a@example.net", "");
    await optOut(office, "b@example.net", "former");
    const { headers } = await office.person(["administrator"]);
    const url = `/v1/exports/${what}?since=${since}&sender=former`;
    const answer = await office.app.inject({ url, headers });
    expect([answer.statusCode, answer.body.includes("@example.net")]).toEqual([202, false]);
  },
);

test("what has left the configuration can be asked about; what never was there is no empty answer", async () => {
  await using office = await openHttpOffice({
    parts: ({ streams }) => ({ streams: streams.map((each) => ({ ...each, id: "letters" })) }),
  });
  await deliver(office, ["a@example.net"]);
  await optOut(office, "b@example.net", "former");
  const { headers } = await office.person(["administrator"]);
  const get = async (url: string): Promise<readonly [number, string]> => {
    const answer = await office.app.inject({ url: `/v1/exports/${url}`, headers });
    return [answer.statusCode, answer.body];
  };
  expect(await get(`received?${window}`)).toEqual([200, expect.stringContaining("a@example.net")]);
  expect(await get(`received?${window.replace("letter", "leter")}`)).toEqual([
    400,
    expect.stringContaining('"field":"stream"'),
  ]);
  const optOuts = `opt-outs?since=${since}&sender=`;
  expect(await get(`${optOuts}former`)).toEqual([200, expect.stringContaining("b@example.net")]);
  expect(await get(`${optOuts}smple`)).toEqual([400, expect.stringContaining('"field":"sender"')]);
});

async function optOut(office: HttpOffice, person: string, sender: string): Promise<void> {
  await office.storage.audit.append([
    {
      type: "Unsubscribe",
      at: office.parts.clock(),
      sender,
      subject: office.indexer.address(address(person)),
      personal: { address: person },
      actor: "recipient",
      detail: { topic: "news", method: "one-click" },
    },
  ]);
}

test("row 80: says who said stop, as CSV in which no cell runs, and as NDJSON; each is an event", async () => {
  await using office = await openHttpOffice();
  await optOut(office, "a@example.net", "sample");
  await optOut(office, "=cmd@example.net", "sample");
  await optOut(office, "other@example.net", "another");
  const { headers } = await office.person(["administrator"]);
  const url = `/v1/exports/opt-outs?since=${since}&sender=sample`;
  const csv = await office.app.inject({ url, headers });
  expect([csv.statusCode, csv.headers["content-type"]]).toEqual([200, "text/csv; charset=utf-8"]);
  expect(csv.headers["content-disposition"]).toBe('attachment; filename="opt-outs.csv"');
  expect(csv.body.trim().split("\r\n")).toEqual([
    "email,sender,topic,at,how",
    "a@example.net,sample,news,2026-11-25T00:00:00.000Z,one-click",
    `"'=cmd@example.net",sample,news,2026-11-25T00:00:00.000Z,one-click`,
  ]);
  const lines = rows((await office.app.inject({ url: `${url}&format=ndjson`, headers })).body);
  expect(lines.map((row) => row["email"])).toEqual(["a@example.net", "=cmd@example.net"]);
  const { items } = await office.storage.audit.search({ types: ["Export"], limit: 10 });
  expect(items.map((event) => event.detail?.["what"])).toEqual(["opt-outs", "opt-outs"]);
  const auditor = await office.person(["auditor"]);
  const masked = await office.app.inject({ url, headers: auditor.headers });
  expect(masked.body).toContain("a***@example.net");
  const other = await office.person(["administrator"], { senders: ["another"] });
  expect((await office.app.inject({ url, headers: other.headers })).statusCode).toBe(404);
});

test("counts what each rule did, and what people said to it", async () => {
  await using office = await openHttpOffice();
  const at = office.parts.clock();
  const about = { at, stream: "newsletter", sender: "sample", actor: "test" } as const;
  await office.storage.audit.append([
    { ...about, type: "Refusal", detail: { rules: ["jp/contact"] } },
    { ...about, type: "Held", messageId: "m1", detail: { rules: ["jp/contact", "jp/address"] } },
    { ...about, type: "Released", messageId: "m1" },
    { ...about, type: "Observed", detail: { rule: "jp/opt-out" }, stream: "other" },
  ]);
  const { headers } = await office.person(["auditor"]);
  const answer = await office.app.inject({ url: "/v1/audit/rules?stream=newsletter", headers });
  expect(JSON.parse(answer.body)).toEqual({
    items: [
      { rule: "jp/contact", refused: 1, held: 1, released: 1, rejected: 0, observed: 0 },
      { rule: "jp/address", refused: 0, held: 1, released: 1, rejected: 0, observed: 0 },
    ],
    next: null,
  });
});

test("a CEF line cannot be broken or forged by what is in it", () => {
  const line = formatCef({
    type: "Login",
    at: new Date(0),
    chain: "main",
    sequence: 7,
    actor: "user:a|b=c\\d\nCEF:0|forged",
    detail: { result: "refused|x", from: "192.0.2.1" },
  });
  expect(line.split("\n")).toHaveLength(1);
  expect(line).toBe(
    "CEF:0|Sekisho|Sekisho|1|Login|Login refused\\|x|4|rt=0 externalId=main-7 suser=user:a|b\\=c\\\\d\\nCEF:0|forged src=192.0.2.1 act=refused|x msg=result:refused|x from:192.0.2.1",
  );
});

test("row 71: who said stop to one sender is shown to who acts for it, what holds for all of them is not", async () => {
  await using office = await openHttpOffice();
  const { ledger } = office.storage;
  const stop = (text: string, scope: SuppressionScope): Promise<unknown> =>
    ledger.suppress([suppressionOf(office, text, scope)]);
  await stop("phone@example.net", { kind: "all" });
  await stop("stream@example.net", { kind: "stream", id: "newsletter" });
  await stop("other@example.net", { kind: "sender", id: "another" });
  const stops = Array.from({ length: 9 }, (_, n) => withdrawnOf(office, `p${n}@example.net`));
  await ledger.recordConsents(stops); // More than eight are one event.
  const list = async (headers: object): Promise<readonly unknown[]> => {
    const url = `/v1/exports/opt-outs?since=${since}&sender=sample&format=ndjson`;
    const answer = await office.app.inject({ url, headers: { ...headers } });
    return rows(answer.body).map((row) => row["email"]);
  };
  const own = ["stream@example.net", ...stops.map(({ address: { text } }) => text)];
  const limited = await office.person(["administrator"], { senders: ["sample"] });
  expect(new Set(await list(limited.headers))).toEqual(new Set(own));
  const { headers } = await office.person(["administrator"]);
  expect(new Set(await list(headers))).toEqual(new Set(["phone@example.net", ...own]));
});

function suppressionOf(
  office: HttpOffice,
  text: string,
  scope: SuppressionScope,
): Parameters<HttpOffice["storage"]["ledger"]["suppress"]>[0][number] {
  const target = address(text);
  const suppression = {
    subject: office.indexer.address(target),
    ofDomain: false,
    kind: "manual",
    scope,
    origin: "cli:test",
    createdAt: office.parts.clock(),
  } as const;
  return { target, suppression };
}

function withdrawnOf(
  office: HttpOffice,
  text: string,
): NewConsent & Required<Pick<NewConsent, "address">> {
  const who = address(text);
  const common = { sender: "sample", topic: "news", evidence: {}, actor: "token:1" };
  const at = office.parts.clock();
  const subject = office.indexer.address(who);
  return { address: who, event: { kind: "withdrawn", subject, at, ...common } };
}
