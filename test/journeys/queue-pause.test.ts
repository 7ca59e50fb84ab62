// An operator pauses and resumes from the command line beside a running gateway, and asks the log how mail was encrypted.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { createClient } from "../../src/demo/client.ts";
import { startGateway, type Gateway } from "../../src/gateway.ts";
import { runHere } from "../support/command-here.ts";
import { startFakeMx, type FakeMx } from "../support/fake-mx.ts";
import { composeMail } from "../support/judged-mail.ts";

const folder = mkdtempSync(join(tmpdir(), "sekisho-pause-"));
const configFile = join(folder, "gateway.yaml");
let mx: FakeMx;
let gateway: Gateway;
let credential: { readonly username: string; readonly password: string };

beforeAll(async () => {
  mx = await startFakeMx();
  writeFileSync(
    configFile,
    `
version: 1
hostname: gw.example.jp
log: { level: error }
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: starttls, auth: required }] }
http: { host: 127.0.0.1, port: 0 }
senders:
  - id: sample
    legal:
      names: ["株式会社サンプル商事"]
      addresses: ["〒999-9999 東京都架空区見本町1-2-3"]
      contacts: ["support@example.jp"]
      opt_out_hosts: [u.example.jp]
    domains: [example.jp]
streams:
  - { id: receipts, sender: sample, class: transactional, topic: receipts, rules: [jp], on_violation: observe }
dkim: { require_published: false }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${mx.port}" }] }
`,
  );
  gateway = await startGateway(loadConfig(configFile));
  const made = await runHere(configFile, "credential", "create", "--stream", "receipts", "--name", "tool"); // prettier-ignore
  credential = made.json()[0] as typeof credential;
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await mx[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function send(to: string): Promise<string> {
  const client = createClient(gateway.smtpPorts[0] ?? 0, credential);
  const raw = composeMail({ to, subject: "ご注文の確認", text: "ありがとうございます。\n" });
  const reply = await client.send({ from: "news@example.jp", to, raw });
  await client.close();
  return reply;
}

test.each([
  ["--destination", "paused.example.com"],
  ["--stream", "receipts"],
  ["--sender", "sample"],
])(
  "queue pause %s %s keeps mail back that is accepted, says so, and resume lets it go",
  async (option, name) => {
    const before = mx.deliveries.length;
    const paused = await runHere(
      configFile,
      "queue",
      "pause",
      option,
      name,
      "--reason",
      "stock is wrong",
    );
    expect(paused.code, paused.stderr).toBe(0);
    expect((await runHere(configFile, "queue", "pauses")).json()).toMatchObject([
      { kind: option.slice(2), name, reason: "stock is wrong" },
    ]);
    // The running gateway reads pauses four times a second: what is sent now is leased, and given back at the next look.
    await expect.poll(async () => (await gateway.office.storage.freezes.pauses()).length).toBe(1);
    await new Promise((resolve) => {
      setTimeout(resolve, 600);
    });
    expect(await send(`${option.slice(2)}@paused.example.com`)).toMatch(/^250/);
    const [entry] = (await runHere(configFile, "queue", "list")).json();
    expect(entry?.["waitingFor"]).toBe(`sekisho queue resume ${option} ${name}: stock is wrong`);
    expect(mx.deliveries).toHaveLength(before);
    expect((await runHere(configFile, "queue", "resume", option, name)).code).toBe(0);
    await mx.waitFor(() => mx.deliveries.length === before + 1, 40_000);
    expect((await runHere(configFile, "queue", "resume", option, name)).stderr).toContain(
      "is not paused",
    );
  },
);

test("queue pause wants exactly one target", async () => {
  const none = await runHere(configFile, "queue", "pause");
  const two = await runHere(configFile, "queue", "pause", "--stream", "a", "--sender", "b");
  expect([none.code, two.code]).not.toContain(0);
  expect(two.stderr).toContain("exactly one");
});

test("the log finds attempts by their TLS, and reports hosts that cannot do it", async () => {
  const seen = mx.deliveries.length;
  expect(await send("hana@example.com")).toMatch(/^250/);
  await mx.waitFor(() => mx.deliveries.length === seen + 1, 40_000);
  // What is kept open is closed at its next MAIL; a new connection finds no STARTTLS.
  mx.rescript({ startTls: "absent", on: { mail: { send: "421 4.3.2 bye", afterwards: "close" } } });
  expect(await send("hana@example.org")).toMatch(/^250/);
  const search = async (state: string): Promise<readonly Record<string, unknown>[]> =>
    (await runHere(configFile, "log", "search", "--tls", state)).json();
  await expect
    .poll(() => search("failed"), { timeout: 30_000 })
    .toMatchObject([{ type: "TransientFailure" }]);
  expect(await search("verified")).toEqual([]);
  const unverified = await search("unverified");
  expect(unverified.length).toBe(mx.deliveries.length);
  const report = (await runHere(configFile, "log", "tls-report")).json();
  expect(report).toMatchObject([
    {
      host: "127.0.0.1",
      failed: 1,
      verified: 0,
      lastProblem: expect.stringContaining("4.7.4") as unknown,
    },
  ]);
});
