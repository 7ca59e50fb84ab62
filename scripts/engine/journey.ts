// One gateway's life as its operator and its clients see it, wherever it runs: mail, reload, crash, backup, stop, restore.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";

import { newsletter } from "../../src/demo/messages.ts";
import { verifyByMailauth } from "../../test/support/dkim-verifiers.ts";
import { startDnsStub } from "../../test/support/dns-stub.ts";
import { startFakeMx, type FakeMx } from "../../test/support/fake-mx.ts";
import { workplaceYaml } from "../../test/support/gateway-process.ts";
import { dial, type RawClient } from "../../test/support/raw-client.ts";
import type { Place } from "./place.ts";
import { hostAddress, run, type Done, type Ports } from "./podman.ts";

const startMaxMs = 60_000;
const stopMaxMs = 30_000;
const message = newsletter({ to: "taro@example.com", subject: "サンプル通信" });

interface World {
  readonly place: Place;
  readonly mx: FakeMx;
  /** For what is given to clients as a file. */
  readonly folder: string;
  readonly configure: (onViolation: "refuse" | "observe") => void;
}

interface Credential {
  readonly username: string;
  readonly password: string;
}

/** Resolves to what it saw, in a few words. Rejects at the first thing that is not as it should be. */
export async function journey(place: Place, folder: string): Promise<string> {
  await using dns = await startDnsStub({});
  await using mx = await startFakeMx();
  const { inside } = place;
  const configure: World["configure"] = (onViolation) => {
    place.configure(
      workplaceYaml(`
smtp: { listeners: [{ host: 0.0.0.0, port: ${inside.submission} }, { host: 0.0.0.0, port: ${inside.implicit}, tls: implicit }], deduplicate: false }
http: { host: 0.0.0.0, port: ${inside.http} }
dns: { servers: ["${dns.server.replace("127.0.0.1", hostAddress)}"], on_failure: off }
delivery: { routes: [{ domain: "*", via: "smtp://${hostAddress}:${mx.port}" }] }
`).replace("on_violation: refuse", `on_violation: ${onViolation}`),
    );
  };
  const world = { place, mx, folder, configure };
  configure("refuse");
  await place.start();
  await started(place, 1);
  const credential = await office(place);
  await mailThrough(world, credential);
  await reload(world);
  await place.crash();
  await started(place, 2);
  good(await place.command("audit", "verify"));
  good(await place.command("backup", "/backup/one"));
  const stopMs = await stopWithWorkInHand(world, credential);
  await restore(place);
  return `mail, reload, crash, backup, restore; stopped with work in hand in ${stopMs} ms`;
}

/** What comes with the n-th start. */
async function started(place: Place, times: number): Promise<void> {
  const until = performance.now() + startMaxMs;
  const { http } = await place.outside();
  for (;;) {
    const starts = (await place.log()).split('"gateway started"').length - 1;
    const answer = await fetch(`http://127.0.0.1:${http}/readyz`).catch(() => undefined);
    if (starts >= times && answer?.status === 200 && (await place.isHealthy())) return;
    assert(performance.now() < until, `start ${times}: ${await place.log()}`);
    await after(500);
  }
}

function good({ code, stdout, stderr }: Done): string {
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

/** A credential for the tool, and a person who consented. */
async function office(place: Place): Promise<Credential> {
  const created = ["credential", "create", "--stream", "newsletter", "--name", "journey", "--json"];
  const credential = JSON.parse(good(await place.command(...created))) as Credential;
  const what = "--sender sample --topic news --basis consent --method web-form --source form";
  const consent = `consent add --email taro@example.com ${what}`;
  good(await place.command(...consent.split(" ")));
  return credential;
}

async function mailThrough(world: World, credential: Credential): Promise<void> {
  const { place, mx } = world;
  const ports = await place.outside();
  const accepted = /250 2\.0\.0 accepted/;
  assert.match(await bySwaks(world, ports, credential, "--tls", "taro@example.com"), accepted);
  assert.match(await bySwaks(world, ports, credential, "--tlsc", "taro@example.com"), accepted);
  assert.match(
    await bySwaks(world, ports, credential, "--tls", "hanako@example.com"),
    /550 5\.7\.1 no-consent/,
  );
  await mx.waitFor(() => mx.deliveries.length === 2, 30_000);
  const keys = good(await place.command("keys", "list", "--json"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly record: Readonly<Record<string, string>> });
  const records = Object.fromEntries(
    keys.map(({ record }) => [record["name"] ?? "", record["value"] ?? ""]),
  );
  for (const { data, tlsProtocol } of mx.deliveries) {
    assert.match(String(tlsProtocol), /^TLSv1\.[23]$/);
    assert.deepEqual(await verifyByMailauth(data, records), [true]);
  }
}

/** What swaks saw: STARTTLS (--tls) or TLS from the first octet (--tlsc). */
async function bySwaks(
  { folder }: World,
  ports: Ports,
  { username, password }: Credential,
  tls: "--tls" | "--tlsc",
  to: string,
): Promise<string> {
  const file = join(folder, "message.eml");
  writeFileSync(file, newsletter({ to, subject: "サンプル通信" }));
  const port = tls === "--tls" ? ports.submission : ports.implicit;
  const login = ["--auth", "PLAIN", "--auth-user", username, "--auth-password", password];
  const what = ["--from", "news@example.jp", "--to", to, "--data", `@${file}`];
  const { stdout } = await run("swaks", [`--server=127.0.0.1:${port}`, tls, ...login, ...what]);
  return stdout;
}

async function reload({ place, configure }: World): Promise<void> {
  configure("observe");
  await place.reload();
  const until = performance.now() + startMaxMs;
  while (!(await place.log()).includes("configuration reloaded")) {
    assert(performance.now() < until, await place.log());
    await after(200);
  }
  const told = good(await place.command("log", "tail", "--type", "Config"));
  assert.match(told, /onViolation/);
}

/** One attempt waits for the receiver's answer, one message is half here. Resolves to how long the stop took, in ms. */
async function stopWithWorkInHand(world: World, credential: Credential): Promise<number> {
  const { place, mx } = world;
  const gate = Promise.withResolvers<void>();
  mx.rescript({ on: { end: { send: "250 ok", until: gate.promise } } });
  const { submission } = await place.outside();
  const client = await login(submission, credential);
  await begin(client);
  await client.write("\r\n.\r\n");
  assert.match(await client.reply(), /^250 2\.0\.0 accepted/);
  await mx.waitFor(() => mx.commands.filter(({ line }) => line === "DATA").length === 3, 30_000);
  await begin(client);
  const since = performance.now();
  const stopping = place.stop();
  while (!(await place.log()).includes("gateway stopping")) await after(100);
  await client.write("\r\n.\r\n");
  assert.match(await client.reply(), /^250 2\.0\.0 accepted/);
  assert.match(await client.untilClosed(), /^421 4\.3\.2 /);
  client.end();
  gate.resolve();
  assert.equal(await stopping, 0);
  const stopMs = Math.round(performance.now() - since);
  assert(stopMs < stopMaxMs, `${stopMs} ms`);
  return stopMs;
}

async function login(port: number, { username, password }: Credential): Promise<RawClient> {
  const clear = await dial(port);
  await clear.command("EHLO tool.example");
  const client = await clear.startTls();
  await client.command("EHLO tool.example");
  const words = Buffer.from(`\0${username}\0${password}`).toString("base64");
  assert.match(await client.command(`AUTH PLAIN ${words}`), /^235 /);
  return client;
}

async function begin(client: RawClient): Promise<void> {
  await client.command("MAIL FROM:<news@example.jp>");
  await client.command("RCPT TO:<taro@example.com>");
  assert.match(await client.command("DATA"), /^354/);
  await client.write(message);
}

/** The backup was made before the last two messages: neither is known afterwards. */
async function restore(place: Place): Promise<void> {
  const restored = JSON.parse(good(await place.restore("/backup/one", "--yes"))) as unknown;
  assert.equal((restored as { readonly paused: number }).paused, 0);
  await place.start();
  await started(place, 3);
  const last = good(await place.command("log", "tail", "--limit", "1", "--type", "Operation"));
  assert.match(last, /"restore"/);
  assert.equal(await place.stop(), 0);
}
