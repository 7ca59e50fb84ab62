import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { createResolver } from "../../src/dns/resolver.ts";
import { startDeliveryOffice, toAddress, type DeliveryOffice } from "../support/delivery-office.ts";
import { startDnsStub, type DnsStub, type Zones } from "../support/dns-stub.ts";
import { startFakeMx, type FakeMx } from "../support/fake-mx.ts";
import { createMemoryStores } from "../support/memory-stores.ts";
import { startPolicyServer, stsPolicy, type PolicyServer } from "../support/policy-server.ts";
import { makeAuthority, makeSelfSigned } from "../support/tls-pair.ts";

const authority = makeAuthority();
const day = 86_400_000;

interface World extends AsyncDisposable {
  readonly dns: DnsStub;
  readonly web: PolicyServer;
  readonly mx: FakeMx;
  readonly office: DeliveryOffice;
  /** Another process with the same memory. */
  readonly restart: () => Promise<DeliveryOffice>;
}

/** A domain x.test with an MX whose certificate is good, and a web server for its policy. */
async function openWorld(
  options: { readonly mx?: string; readonly certificate?: "good" | "self-signed" } = {},
): Promise<World> {
  const stack = new AsyncDisposableStack();
  const name = options.mx ?? "mx.x.test";
  const pair =
    options.certificate === "self-signed" ? makeSelfSigned([name]) : authority.issue([name]);
  const mx = stack.use(await startFakeMx({ tls: pair }));
  const web = stack.use(await startPolicyServer(authority.issue(["mta-sts.x.test"])));
  const zones: Zones = {
    "x.test": { MX: [{ preference: 1, exchange: name }] },
    [name]: { A: ["127.0.0.1"] },
    "_mta-sts.x.test": { TXT: ["v=STSv1; id=1;"] },
    "mta-sts.x.test": { A: ["127.0.0.1"] },
    "_smtp._tls.x.test": {
      TXT: ["v=TLSRPTv1; rua=mailto:tls@reports.test,https://mta-sts.x.test/r"],
    },
    "reports.test": { MX: [{ preference: 1, exchange: name }] },
  };
  const dns = stack.use(await startDnsStub(zones, { ttlSeconds: 1 }));
  const stateDir = mkdtempSync(join(tmpdir(), "sts-"));
  stack.defer(() => {
    rmSync(stateDir, { recursive: true });
  });
  const open = (): DeliveryOffice =>
    stack.use(
      startDeliveryOffice({
        resolver: createResolver({ servers: [dns.server], timeoutMs: 300 }),
        allowPrivate: ["127.0.0.0/8"],
        mxPort: mx.port,
        httpsPort: web.port,
        authorities: [authority.cert],
        mtaSts: true,
        stateDir,
        tlsReports: {
          from: toAddress("tls-reports@example.jp"),
          stream: "newsletter",
          sender: "sample",
        },
      }),
    );
  const office = open();
  const restart = async (): Promise<DeliveryOffice> => {
    await office.delivery.close(1);
    return open();
  };
  return { dns, web, mx, office, restart, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function sendOne(office: DeliveryOffice): Promise<Record<string, unknown>> {
  const seen = office.queue.events.length;
  await office.send({ to: ["a@x.test"] });
  await office.queue.waitFor(() => office.queue.events.length > seen);
  const event = office.queue.events.at(-1);
  return { type: event?.type, ...event?.detail, words: event?.reply?.text };
}

test("row 38: a cached enforce policy stays when its record is removed or blocked, also over a restart", async () => {
  await using world = await openWorld();
  world.web.answer = stsPolicy("enforce", ["mx.x.test"]);
  expect(await sendOne(world.office)).toMatchObject({ type: "Delivery", tlsPolicy: "mta-sts" });
  world.dns.zones["_mta-sts.x.test"] = "servfail";
  world.mx.rescript({ tls: makeSelfSigned(["mx.x.test"]) });
  world.web.answer = stsPolicy("none", []);
  const later = await world.restart();
  expect(await sendOne(later)).toMatchObject({
    type: "TransientFailure",
    class: "tls",
    tlsPolicy: "mta-sts",
  });
  delete world.dns.zones["_mta-sts.x.test"];
  expect(await sendOne(later)).toMatchObject({ type: "TransientFailure", class: "tls" });
  expect(world.web.asked).toHaveLength(1);
});

test("row 38: a policy is fetched also where one address of its server is down, or is not to be dialled", async () => {
  await using world = await openWorld();
  world.dns.zones["mta-sts.x.test"] = { A: ["10.0.0.1", "127.0.0.99", "127.0.0.1"] };
  world.web.answer = stsPolicy("enforce", ["mx.x.test"]);
  expect(await sendOne(world.office)).toMatchObject({ type: "Delivery", tlsPolicy: "mta-sts" });
});

test("row 38: a policy whose record is gone ends with its max_age, and not before", async () => {
  await using world = await openWorld({ certificate: "self-signed" });
  world.web.answer = stsPolicy("enforce", ["mx.x.test"], 3600);
  expect(await sendOne(world.office)).toMatchObject({ type: "TransientFailure" });
  delete world.dns.zones["_mta-sts.x.test"];
  const later = await world.restart();
  expect(await sendOne(later)).toMatchObject({ type: "TransientFailure" });
  later.advance(2 * 3_600_000);
  await later.queue.waitFor(() => later.queue.states()["delivered"] === 1);
  expect(world.mx.deliveries).toHaveLength(1);
});

test("row 38: a host that the policy does not name gets nothing, and a wildcard stands for one label", async () => {
  await using named = await openWorld({ mx: "a.mail.x.test" });
  named.web.answer = stsPolicy("enforce", ["*.mail.x.test"]);
  expect(await sendOne(named.office)).toMatchObject({ type: "Delivery", tlsPolicy: "mta-sts" });
  await using other = await openWorld({ mx: "b.a.mail.x.test" });
  other.web.answer = stsPolicy("enforce", ["*.mail.x.test"]);
  expect(await sendOne(other.office)).toMatchObject({
    type: "TransientFailure",
    class: "tls",
    words: expect.stringContaining("MTA-STS") as unknown,
  });
  expect(other.mx.connections()).toBe(0);
});

test.each([
  [
    "a redirect",
    (web: PolicyServer) => {
      web.answer = (response) => {
        response.writeHead(302, { Location: "https://evil.test/" }).end();
      };
    },
  ],
  [
    "a type that is not text/plain",
    (web: PolicyServer) => {
      web.answer = (response) => {
        response.writeHead(200, { "Content-Type": "text/html" }).end(stsPolicy("none", []));
      };
    },
  ],
  [
    "a body without end",
    (web: PolicyServer) => {
      web.answer = (response) => {
        response.writeHead(200, { "Content-Type": "text/plain" });
        const more = (): void => {
          while (response.writable && response.write("x".repeat(65_536)));
          if (response.writable) response.once("drain", more);
        };
        more();
      };
    },
  ],
  [
    "nonsense",
    (web: PolicyServer) => {
      web.answer = "version: STSv2\r\nmode: none\r\n";
    },
  ],
] as const)("row 39: %s is no policy: the old one is kept", async (_name, spoil) => {
  await using world = await openWorld({ certificate: "self-signed" });
  world.web.answer = stsPolicy("enforce", ["mx.x.test"]);
  expect(await sendOne(world.office)).toMatchObject({ type: "TransientFailure", class: "tls" });
  spoil(world.web);
  world.dns.zones["_mta-sts.x.test"] = { TXT: ["v=STSv1; id=2;"] };
  // A new process, as the resolver of the old one keeps its answer for minutes.
  const later = await world.restart();
  expect(await sendOne(later)).toMatchObject({ type: "TransientFailure", class: "tls" });
  expect(world.web.asked).toHaveLength(2);
  expect(world.mx.deliveries).toHaveLength(0);
});

test("row 39: a web server without a valid certificate announces nothing", async () => {
  await using world = await openWorld({ certificate: "self-signed" });
  world.dns.zones["x.test"] = { MX: [{ preference: 1, exchange: "mx.x.test" }] };
  world.dns.zones["_mta-sts.y.test"] = { TXT: ["v=STSv1; id=1;"] };
  world.dns.zones["mta-sts.y.test"] = { A: ["127.0.0.1"] }; // the certificate is for mta-sts.x.test
  world.dns.zones["y.test"] = { MX: [{ preference: 1, exchange: "mx.x.test" }] };
  world.web.answer = stsPolicy("enforce", ["mx.x.test"]);
  await world.office.send({ to: ["a@y.test"] });
  await world.mx.waitFor(() => world.mx.deliveries.length === 1);
  expect(world.web.asked).toEqual([]);
});

test("row 38: the day's sessions are reported to the domain that asks, by mail and by HTTPS", async () => {
  await using world = await openWorld({ certificate: "self-signed" });
  world.web.answer = stsPolicy("testing", ["mx.x.test"]);
  expect(await sendOne(world.office)).toMatchObject({ type: "Delivery", tlsVerified: false });
  expect(await world.office.delivery.reportTls()).toEqual({ sent: 0 });
  world.office.advance(day);
  expect(await world.office.delivery.reportTls()).toEqual({ sent: 2 });
  world.office.delivery.nudge();
  await world.mx.waitFor(() => world.mx.deliveries.length === 2);
  const mail = world.mx.deliveries[1];
  expect(mail).toMatchObject({ mailFrom: "", recipients: ["tls@reports.test"] });
  const [posted] = world.web.posted;
  if (posted === undefined) throw new Error("no report was posted");
  const report: unknown = JSON.parse(gunzipSync(posted).toString());
  expect(report).toMatchObject({
    "organization-name": "example.jp",
    "date-range": { "start-datetime": "2026-11-25T00:00:00Z" },
    policies: [
      {
        policy: { "policy-type": "sts", "policy-domain": "x.test", "mx-host": ["mx.x.test"] },
        summary: { "total-successful-session-count": 0, "total-failure-session-count": 1 },
        "failure-details": [
          { "result-type": "certificate-not-trusted", "failed-session-count": 1 },
        ],
      },
    ],
  });
  const base64 = /application\/tlsrpt\+gzip[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/.exec(
    mail?.data.toString("latin1") ?? "",
  )?.[1];
  const mailed: unknown = JSON.parse(gunzipSync(Buffer.from(base64 ?? "", "base64")).toString());
  expect(mailed).toMatchObject({ policies: (report as { policies: unknown }).policies });
  expect(await world.office.delivery.reportTls()).toEqual({ sent: 0 });
});

test("row 38: a report reaches a domain whose policy fails, and is itself reported to nobody", async () => {
  await using world = await openWorld({ certificate: "self-signed" });
  world.web.answer = stsPolicy("testing", ["mx.x.test"]);
  world.dns.zones["_smtp._tls.x.test"] = { TXT: ["v=TLSRPTv1; rua=mailto:tls@x.test"] };
  expect(await sendOne(world.office)).toMatchObject({ type: "Delivery", tlsVerified: false });
  world.web.answer = stsPolicy("enforce", ["mx.x.test"]);
  world.dns.zones["_mta-sts.x.test"] = { TXT: ["v=STSv1; id=2;"] };
  for (const [days, sent] of [
    [1, 1],
    [2, 0],
    [3, 0],
  ] as const) {
    world.office.advance(day);
    const counted = world.mx.deliveries.length;
    expect(await world.office.delivery.reportTls(), `day ${days}`).toEqual({ sent });
    world.office.delivery.nudge();
    await world.mx.waitFor(() => world.mx.deliveries.length === counted + sent);
  }
  expect(world.mx.deliveries).toMatchObject([
    { recipients: ["a@x.test"] },
    { mailFrom: "", recipients: ["tls@x.test"] },
  ]);
  await world.office.queue.waitFor(() => world.office.queue.states()["delivered"] === 2);
  expect(await sendOne(world.office)).toMatchObject({ type: "TransientFailure", class: "tls" });
});

test("row 38: a report has the exchanger without TLS, too, where the next one took the mail", async () => {
  await using world = await openWorld();
  await using bare = await startFakeMx({
    startTls: "absent",
    address: "127.0.0.2",
    port: world.mx.port,
  });
  world.web.answer = stsPolicy("testing", ["mx.x.test", "bare.x.test"]);
  world.dns.zones["bare.x.test"] = { A: ["127.0.0.2"] };
  world.dns.zones["x.test"] = {
    MX: [
      { preference: 1, exchange: "bare.x.test" },
      { preference: 2, exchange: "mx.x.test" },
    ],
  };
  expect(await sendOne(world.office)).toMatchObject({ type: "Delivery" });
  expect(bare.connections()).toBe(1);
  world.office.advance(day);
  await world.office.delivery.reportTls();
  const [posted] = world.web.posted;
  expect(JSON.parse(gunzipSync(posted ?? Buffer.alloc(0)).toString())).toMatchObject({
    policies: [
      {
        summary: { "total-successful-session-count": 1, "total-failure-session-count": 1 },
        "failure-details": [
          { "result-type": "starttls-not-supported", "receiving-mx-hostname": "bare.x.test" },
        ],
      },
    ],
  });
});

test("row 38: a policy that changes in the middle of a day is reported apart from the one before", async () => {
  await using world = await openWorld({ certificate: "self-signed" });
  world.web.answer = stsPolicy("testing", ["mx.x.test"]);
  expect(await sendOne(world.office)).toMatchObject({ type: "Delivery" });
  world.web.answer = stsPolicy("none", []);
  world.dns.zones["_mta-sts.x.test"] = { TXT: ["v=STSv1; id=2;"] };
  const later = await world.restart();
  expect(await sendOne(later)).toMatchObject({ type: "Delivery" });
  later.advance(day);
  await later.delivery.reportTls();
  const [posted] = world.web.posted;
  const { policies } = JSON.parse(gunzipSync(posted ?? Buffer.alloc(0)).toString()) as {
    policies: { policy: { "policy-string": string[] }; summary: object }[];
  };
  expect(policies.map(({ policy, summary }) => [policy["policy-string"][1], summary])).toEqual([
    ["mode: testing", { "total-successful-session-count": 0, "total-failure-session-count": 1 }],
    ["mode: none", { "total-successful-session-count": 1, "total-failure-session-count": 0 }],
  ]);
});

test("row 38: a report that a web server does not take is sent again, each time later, and at the port that is named", async () => {
  await using world = await openWorld();
  world.web.answer = stsPolicy("testing", ["mx.x.test"]);
  await sendOne(world.office);
  await using other = await startPolicyServer(authority.issue(["mta-sts.x.test"]));
  world.dns.zones["_smtp._tls.x.test"] = {
    TXT: [`v=TLSRPTv1; rua=https://mta-sts.x.test:${other.port}/r`],
  };
  other.answer = (response) => {
    response.writeHead(503).end();
  };
  world.office.advance(day);
  const minutes = [0, 9, 10, 15, 15, 30, 40];
  const posts: number[] = [];
  for (const wait of minutes) {
    world.office.advance(wait * 60_000);
    if (wait === 40) other.answer = "";
    await world.office.delivery.reportTls();
    posts.push(other.posted.length);
  }
  expect(posts).toEqual([1, 1, 2, 2, 3, 3, 4]);
  world.office.advance(day / 2);
  expect(await world.office.delivery.reportTls()).toEqual({ sent: 0 });
  expect(other.asked.at(-1)).toBe(`POST mta-sts.x.test:${other.port}/r`);
});

test("a report goes to nobody who is suppressed, whatever a stranger's DNS names; asked again while the ledger is away", async () => {
  await using world = await openWorld();
  world.web.answer = stsPolicy("testing", ["mx.x.test"]);
  await sendOne(world.office);
  world.office.advance(day);
  const granted = world.office.record("");
  world.office.record = () => {
    throw new Error("the ledger is away");
  };
  expect(await world.office.delivery.reportTls()).toEqual({ sent: 0 });
  const stores = createMemoryStores();
  stores.suppress("tls@reports.test", "manual");
  const to = toAddress("tls@reports.test");
  const { suppressions } = await stores.ledger.lookUp({
    subject: stores.indexer.address(to),
    domain: stores.indexer.domain(to.domain),
    sender: "sample",
    stream: "newsletter",
    topic: "",
    now: world.office.now(),
  });
  world.office.record = () => ({ ...granted, suppressions });
  expect(await world.office.delivery.reportTls()).toEqual({ sent: 1 });
  expect(world.web.posted).toHaveLength(1);
});
