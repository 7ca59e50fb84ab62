// The check-up over HTTP, in metrics and cut to the caller's senders; and a rotation begun there.
import { generateKeyPairSync } from "node:crypto";

import { expect, test } from "vitest";

import { flaw, good, type DnsFinding } from "../../src/dns/finding.ts";
import { createDnsWatch, type DnsWatch } from "../../src/dns/watch.ts";
import { decideBegin } from "../../src/intake/begin.ts";
import { createClient, fieldsOf } from "../support/http-client.ts";
import { openHttpOffice } from "../support/http-office.ts";
import { makeStream } from "../support/smtp-gateway.ts";
import { toAddress } from "../support/delivery-office.ts";

const of = (sender: string, finding: DnsFinding): DnsFinding => ({ ...finding, sender });

function watchOf(...findings: readonly DnsFinding[]): DnsWatch {
  return createDnsWatch({
    check: () => Promise.resolve({ at: new Date("2026-11-25T00:00:00Z"), findings }),
    senders: ["sample"],
    onFailure: "hold",
    onChange: () => undefined,
    onError: () => undefined,
  });
}

const broken = watchOf(
  good("helo", "gw.example.jp", "203.0.113.5"),
  of("sample", flaw("spf-missing", "example.jp", "no SPF record", "v=spf1 ~all")),
  of("other", good("spf", "example.com", "v=spf1 -all")),
);

test("findings are the last look's until a fresh one is asked for", async () => {
  await using office = await openHttpOffice({
    parts: { dns: { ...broken, hasFeedback: false }, replies: () => ({ "sender-not-ready": 3 }) },
  });
  const call = createClient(office.app, await office.bearer(["dns:read"]));
  expect((await call("GET", "/v1/dns")).status).toBe(404);
  const fresh = await call("GET", "/v1/dns?fresh=true&language=ja&sender=sample");
  expect(fresh.json).toMatchObject({
    at: "2026-11-25T00:00:00.000Z",
    items: [
      { sender: null, check: "helo", outcome: "pass", problem: null },
      {
        sender: "sample",
        domain: "example.jp",
        check: "spf",
        outcome: "fail",
        problem: "spf-missing",
        found: "no SPF record",
        expected: "v=spf1 ~all",
        remedy: expect.stringContaining("公開してください") as string,
      },
    ],
  });
  expect((await call("GET", "/v1/dns")).json["items"]).toHaveLength(3);

  const list = await call("GET", "/v1/dns/sample/checklist");
  expect(list.json).toMatchObject({ sender: "sample", ready: false });
  expect(list.json["items"]).toContainEqual(
    expect.objectContaining({ item: "credential", outcome: "fail" }),
  );
  expect((await call("GET", "/v1/dns/nobody/checklist")).status).toBe(404);
  expect(fieldsOf(await call("GET", "/v1/dns?sender=nobody"))).toEqual(["sender"]);

  const { body } = await office.app.inject({ url: "/metrics" });
  expect(body).toContain('sekisho_dns_findings{check="spf",outcome="fail"} 1');
  expect(body).toContain('sekisho_dns_failing{sender="sample"} 1');
  expect(body).toContain('sekisho_sender_held{sender="sample"} 1');
  expect(body).toContain('sekisho_replies_total{reason="sender-not-ready"} 3');
});

test("row 71: whoever is limited to a sender reads all of its checklist, and nothing of another's", async () => {
  await using office = await openHttpOffice({
    parts: { dns: { ...broken, hasFeedback: false } },
  });
  const all = createClient(office.app, await office.bearer(["dns:read"]));
  const whole = await all("GET", "/v1/dns/sample/checklist?fresh=true");
  const read = async (sender: string): Promise<readonly [number, string]> => {
    const { headers } = await office.person(["operator"], { senders: [sender] });
    const answer = await office.app.inject({ url: "/v1/dns/sample/checklist", headers });
    return [answer.statusCode, answer.body];
  };
  expect(await read("sample")).toEqual([200, whole.body]);
  expect(whole.json["items"]).not.toEqual([]);
  expect(await read("another")).toEqual([404, expect.not.stringContaining("ready")]);
});

test("a rotation is begun once, and only where there is a key", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["keys:write"]));
  expect((await call("POST", "/v1/keys/example.jp/rotate")).status).toBe(404);
  const first = await call("POST", "/v1/keys", { domain: "example.jp" });
  const { name, value } = first.json["record"] as { name: string; value: string };
  office.zone.set(name, [value]);
  await call("POST", `/v1/keys/example.jp/${String(first.json["selector"])}/activate`);
  office.pass(60);
  const begun = await call("POST", "/v1/keys/example.jp/rotate", { reason: "yearly" });
  expect(begun.json).toMatchObject({ state: "pending", algorithm: "rsa", bits: 2048 });
  expect(begun.json["selector"]).not.toBe(first.json["selector"]);
  const again = await call("POST", "/v1/keys/example.jp/rotate");
  expect(again.json["selector"]).toBe(begun.json["selector"]);
});

test("a key is taken over from another system; a short one is refused with the remedy", async () => {
  await using office = await openHttpOffice();
  const call = createClient(office.app, await office.bearer(["keys:write"]));
  const pem = (bits: number): string =>
    generateKeyPairSync("rsa", {
      modulusLength: bits,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }).privateKey;
  const body = { domain: "example.jp", selector: "old1" };
  const short = await call("POST", "/v1/keys/import", { ...body, privateKey: pem(1024) });
  expect([short.status, short.body]).toEqual([400, expect.stringMatching(/refused: use 2048/)]);
  const none = await call("POST", "/v1/keys/import", { ...body, privateKey: "secret words" });
  expect([none.status, none.body]).toEqual([400, expect.not.stringContaining("secret words")]);
  const privateKey = pem(2048);
  const taken = await call("POST", "/v1/keys/import", { ...body, privateKey });
  expect(taken.json).toMatchObject({ selector: "old1", state: "pending", bits: 2048 });
  expect(taken.body).not.toContain("PRIVATE");
  expect(office.logged()).not.toContain(privateKey.slice(40, 80));
  expect((await call("POST", "/v1/keys/import", { ...body, privateKey })).status).toBe(409);
});

test("mail of a sender that is not ready is put off with what is missing", () => {
  const answer = decideBegin({
    stream: makeStream(),
    mailFrom: toAddress("a@example.jp"),
    frozen: false,
    withinRate: true,
    room: "room",
    notReady: "spf-missing example.jp",
  });
  expect(answer).toMatchObject({
    kind: "refused",
    no: { reason: "sender-not-ready", row: { code: 451 }, detail: "spf-missing example.jp" },
  });
});
