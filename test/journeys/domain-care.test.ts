// A gateway with real DNS beside it: keys turn on and rotate under load, and a broken zone holds its sender until mended.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { Client } from "../../src/demo/client.ts";
import { newsletter } from "../../src/demo/messages.ts";
import { startReceiver, type Receiver } from "../../src/demo/receiver.ts";
import type { Gateway } from "../../src/gateway.ts";
import { selfSignedCertificate } from "../../src/smtp/certificate.ts";
import { runHere } from "../support/command-here.ts";
import { hasDkimpy, verifyByDkimpy, verifyByMailauth } from "../support/dkim-verifiers.ts";
import { startDnsStub, type DnsStub } from "../support/dns-stub.ts";
import { startGatewayHere, type GatewayHere } from "../support/gateway-here.ts";

const address = "203.0.113.5";
const folder = mkdtempSync(join(tmpdir(), "sekisho-care-"));
/** Every key record that ever stood in DNS: what a receiver may look up while mail is under way. */
const records: Record<string, string> = {};
let dns: DnsStub;
let receiver: Receiver;
let place: GatewayHere;
let configFile: string;
let gateway: Gateway;
let client: Client;
let sent = 0;

beforeAll(async () => {
  dns = await startDnsStub({
    "example.jp": {
      TXT: [`v=spf1 ip4:${address} -all`],
      MX: [{ preference: 10, exchange: "gw.example.jp" }],
      SOA: [{ mname: "ns.example.jp", rname: "hostmaster.example.jp", serial: 1 }],
    },
    "_dmarc.example.jp": { TXT: ["v=DMARC1; p=reject; rua=mailto:d@example.jp"] },
    "gw.example.jp": { A: [address] },
    "5.113.0.203.in-addr.arpa": { PTR: ["gw.example.jp"] },
  });
  receiver = await startReceiver(
    await selfSignedCertificate(join(folder, "receiver"), "receiver.example.com"),
  );
  place = await startGatewayHere(
    `
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${receiver.port}" }] }
dns: { servers: ["${dns.server}"], source_addresses: ["${address}"], on_failure: hold }
`,
    {
      streams: [
        "{ id: notices, sender: sample, class: transactional, topic: news, rules: [] }",
        "{ id: news, sender: sample, class: marketing, topic: news, rules: [jp] }",
      ],
      requirePublished: true,
    },
  );
  ({ gateway, configFile } = place);
  client = await place.clientFor("notices");
});

afterAll(async () => {
  await client.close();
  await place[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function send(): Promise<string> {
  sent += 1;
  const to = `r${sent}@example.com`;
  return client.send({ from: "news@example.jp", to, raw: newsletter({ to, subject: "お知らせ" }) });
}

async function publish(selector: string): Promise<void> {
  const keys = await gateway.office.storage.keys.list();
  const key = keys.find((each) => each.selector === selector);
  if (key === undefined) throw new Error(`no key ${selector}`);
  records[key.record.name] = key.record.value;
  dns.zones[key.record.name] = { TXT: [key.record.strings] };
}

async function states(): Promise<readonly string[]> {
  return (await gateway.office.storage.keys.list()).map(({ state }) => state);
}

const selectorsSeen = (): ReadonlySet<string> =>
  new Set(
    receiver.mails.map(({ raw }) => /\bs=([a-z0-9]+);/.exec(raw.toString("latin1"))?.[1] ?? ""),
  );

async function arrived(count: number): Promise<void> {
  for (let turn = 0; turn < 30 && receiver.mails.length < count; turn += 1)
    await receiver.changed();
  expect(receiver.mails.length).toBe(count);
}

test("before its record is seen no mail of the sender is taken; then all is ready", async () => {
  expect(await send()).toMatch(/^451 4\.3\.5 sender-not-ready: .*dkim-not-active example\.jp/);
  const [key] = await gateway.office.storage.keys.list();
  await publish(key?.selector ?? "");
  await gateway.care.turnKeys();
  expect(await states()).toEqual(["active"]);
  await gateway.care.look();
  expect(await send()).toMatch(/^250 /);
  await arrived(1);
});

test("a key rotates under load: every message is signed, and verifies by two verifiers", async () => {
  let loading = true;
  const replies: string[] = [];
  const load = async (): Promise<void> => {
    while (loading) replies.push(await send());
  };
  const before = receiver.mails.length;
  const loads = [load(), load(), load()];
  const rotated = await runHere(configFile, "keys", "rotate", "--domain", "example.jp");
  const made = rotated.json()[0] as { readonly selector: string; readonly state: string };
  expect(made.state).toBe("pending");
  await gateway.care.turnKeys();
  expect(await states()).toEqual(["active", "pending"]);
  await publish(made.selector);
  await gateway.care.turnKeys();
  expect(await states()).toEqual(["active", "published"]);
  await gateway.care.turnKeys();
  expect(await states()).toEqual(["retiring", "active"]);
  for (let turn = 0; turn < 60 && !selectorsSeen().has(made.selector); turn += 1)
    await receiver.changed();
  loading = false;
  await Promise.all(loads);
  expect(replies.filter((reply) => !reply.startsWith("250 "))).toEqual([]);
  await arrived(before + replies.length);
  expect(selectorsSeen().size).toBe(2);
  const mails = receiver.mails.map(({ raw }) => raw);
  for (const mail of mails) expect(await verifyByMailauth(mail, records)).toEqual([true]);
  if (hasDkimpy)
    expect(verifyByDkimpy(mails, records).every((verdict) => verdict.join() === "true")).toBe(true);
}, 60_000);

test("each use of a key, and each turn of its life, is in the audit log", async () => {
  const { audit } = gateway.office.storage;
  const deliveries = await audit.search({ types: ["Delivery"], limit: 1, newestFirst: true });
  const names = deliveries.items[0]?.detail?.["dkimKeys"];
  expect(records).toHaveProperty([String((names as readonly string[])[0])]);
  const changes = await audit.search({ types: ["KeyChange"], limit: 100 });
  expect(changes.items.map(({ detail, actor }) => [detail?.["to"], actor?.split(":")[0]])).toEqual([
    ["pending", "gateway"],
    ["active", "gateway"],
    ["pending", "cli"],
    ["published", "gateway"],
    ["active", "gateway"],
    ["retiring", "gateway"],
  ]);
});

test("a record removed while mail flows holds the sender at the next check, and is released once it is back", async () => {
  const count = receiver.mails.length;
  expect(await send()).toMatch(/^250 /);
  await arrived(count + 1);
  const active = (await gateway.office.storage.keys.list()).find(({ state }) => state === "active");
  const name = active?.record.name ?? "";
  const zone = dns.zones[name];
  Reflect.deleteProperty(dns.zones, name);
  await gateway.care.look();
  expect(await send()).toMatch(/^451 4\.3\.5 sender-not-ready: .*dkim-missing/);
  const url = `http://127.0.0.1:${gateway.httpPort}`;
  const ready: unknown = await (await fetch(`${url}/readyz`)).json();
  expect(ready).toMatchObject({
    checks: expect.arrayContaining([
      { name: "storage", ok: true },
      { name: "dns", ok: false, detail: "mail of sample is held" },
    ]) as unknown,
  });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('sekisho_sender_held{sender="sample"} 1');
  expect(metrics).toMatch(/sekisho_replies_total\{reason="sender-not-ready"\} [1-9]/);
  const broken = await runHere(configFile, "dns", "check", "--json");
  expect(broken.code).toBe(1);
  expect(broken.json()).toContainEqual(
    expect.objectContaining({
      domain: name,
      check: "dkim",
      outcome: "fail",
      problem: "dkim-missing",
    }),
  );

  // What is in the queue waits there.
  const before = receiver.mails.length;
  const flags = ["--stream", "notices", "--to", "queued@example.com", "--wait", "500ms"];
  const waiting = await runHere(configFile, "test-send", ...flags);
  expect([waiting.code, waiting.json()[0]?.["outcome"]]).toEqual([1, "waiting"]);
  expect(receiver.mails.length).toBe(before);

  if (zone !== undefined) dns.zones[name] = zone;
  await gateway.care.look();
  await arrived(before + 1);
  expect(receiver.mails.at(-1)?.to).toBe("queued@example.com");
  expect(await send()).toMatch(/^250 /);
  await arrived(before + 2);
  const { items } = await gateway.office.storage.audit.search({
    types: ["Alarm", "Operation"],
    sender: "sample",
    limit: 100,
  });
  expect(items.map(({ detail }) => detail?.["change"])).toEqual([
    "dns-hold",
    "dns-mended",
    "dns-hold",
    "dns-mended",
  ]);
});

test("the check-up and the records are told to people and to programs", async () => {
  const check = await runHere(configFile, "dns", "check", "--lang", "ja");
  expect(check.code, check.stdout).toBe(0);
  expect(check.stdout).toContain("✓ 逆引きと正引きの一致: 203.0.113.5");
  const list = await runHere(configFile, "dns", "records", "--sender", "sample", "--json");
  const lines = list.json().map(({ name, type }) => `${String(type)} ${String(name)}`);
  expect(lines).toContain("PTR 203.0.113.5");
  expect(lines.filter((line) => line === "TXT _dmarc.example.jp").length).toBe(3);
  expect(lines.filter((line) => line.includes("._domainkey.example.jp")).length).toBe(2);
  const checklist = await runHere(configFile, "dns", "check", "--checklist", "--json");
  expect(checklist.code, checklist.stdout).toBe(0);
  expect(checklist.json()[0]).toMatchObject({ sender: "sample", ready: true });

  const token = await runHere(configFile, "token", "create", "--name", "t", "--scopes", "dns:read");
  const authorization = `Bearer ${String(token.json()[0]?.["token"])}`;
  const url = `http://127.0.0.1:${gateway.httpPort}/v1/dns?fresh=true&language=ja`;
  const answer: unknown = await (await fetch(url, { headers: { authorization } })).json();
  expect(answer).toMatchObject({ next: null });
  expect((answer as { readonly items: readonly object[] }).items).toContainEqual(
    expect.objectContaining({ check: "spf", domain: "example.jp", outcome: "pass" }),
  );
});

test("test-send shows the far end's answer, and is refused where any mail would be", async () => {
  const refused = await runHere(
    configFile,
    "test-send",
    "--stream",
    "news",
    "--to",
    "a@example.com",
  );
  expect(refused.code).toBe(1);
  expect(refused.json()[0]).toMatchObject({ outcome: "refused", reason: "no-consent" });

  const consent = ["--sender", "sample", "--topic", "news", "--basis", "consent"];
  const source = ["--method", "web-form", "--source", "https://www.example.jp/signup"];
  await runHere(configFile, "consent", "add", "--email", "a@example.com", ...consent, ...source);
  const done = await runHere(configFile, "test-send", "--stream", "news", "--to", "a@example.com");
  expect(done.code, done.stderr).toBe(0);
  expect(done.json()[0]).toMatchObject({
    outcome: "delivered",
    reply: "250 2.0.0 received",
    tls: { tlsProtocol: "TLSv1.3" },
    dkimKeys: [expect.stringMatching(/\._domainkey\.example\.jp$/) as string],
  });
});
