// A new sender, a new stream and weaker rules in the file: without effect until two people have approved, with the log to show it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { createClient } from "../../src/demo/client.ts";
import { startGateway, type Gateway } from "../../src/gateway.ts";
import { createSession, csrfToken } from "../../src/identity/session.ts";
import { newUser } from "../../src/identity/person.ts";
import { runHere } from "../support/command-here.ts";
import { startFakeMx, type FakeMx } from "../support/fake-mx.ts";
import { composeMail } from "../support/judged-mail.ts";

const folder = mkdtempSync(join(tmpdir(), "sekisho-four-eyes-"));
const configFile = join(folder, "gateway.yaml");
let mx: FakeMx;
let gateway: Gateway;

function write(domains: string, violation: string, more = ""): void {
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
    legal: { names: ["株式会社サンプル商事"] }
    domains: ${domains}
    approvals: [sender, rules]
streams:
  - { id: receipts, sender: sample, class: transactional, topic: receipts, on_violation: ${violation} }
${more}
dkim: { require_published: false }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${mx.port}" }] }
`,
  );
}

beforeAll(async () => {
  mx = await startFakeMx();
  write("[example.jp]", "observe");
  gateway = await startGateway(loadConfig(configFile));
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await mx[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function credential(stream: string): Promise<{ username: string; password: string }> {
  const made = await runHere(configFile, "credential", "create", "--stream", stream, "--name", stream); // prettier-ignore
  return made.json()[0] as { username: string; password: string };
}

async function send(who: { username: string; password: string }, from: string): Promise<string> {
  const client = createClient(gateway.smtpPorts[0] ?? 0, who);
  try {
    const to = "hana@example.com";
    const raw = composeMail({
      from,
      to,
      subject: "ご注文の確認",
      text: "ありがとうございます。\n",
    });
    return await client.send({ from, to, raw });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.close();
  }
}

/** A person with the role approver, logged in. */
async function approver(name: string): Promise<(id: string) => Promise<Record<string, unknown>>> {
  const at = new Date();
  const { users, sessions } = gateway.office.storage;
  const emailIndex = name.padStart(32, "0");
  const user = newUser({
    email: `${name}@example.jp`,
    emailIndex,
    roles: ["approver"],
    senders: [],
    now: at,
  });
  await users.save(user, "create", { actor: "test", at });
  const { session, secret } = createSession(user.id, "127.0.0.1", at);
  await sessions.begin(session, 10, { actor: "test", at }, "test");
  return async (id) => {
    const answer = await fetch(`http://127.0.0.1:${gateway.httpPort}/v1/approvals/${id}/approve`, {
      method: "POST",
      headers: {
        cookie: `__Host-sekisho=${secret}`,
        "x-csrf-token": csrfToken(secret),
        "content-type": "application/json",
      },
      body: "{}",
    });
    return { status: answer.status, ...((await answer.json()) as object) };
  };
}

const open = async (): Promise<Readonly<Record<string, string>>> => {
  const { items } = await gateway.office.storage.approvals.list({ state: "open", limit: 100 });
  return Object.fromEntries(
    items.map(({ id, act }) => [act.kind === "settings" ? act.name : act.kind, id]),
  );
};

/** Whether all of the file is in force, as /metrics has it. */
async function current(): Promise<string | undefined> {
  const metrics = await fetch(`http://127.0.0.1:${gateway.httpPort}/metrics`);
  return /^sekisho_config_current (\d)$/m.exec(await metrics.text())?.[1];
}

test("what is guarded waits for two people, and one of them is not enough", async () => {
  const tool = await credential("receipts");
  expect(await send(tool, "news@example.jp")).toMatch(/^250/);
  write(
    "[example.jp, example.org]",
    "refuse",
    "  - { id: alerts, sender: sample, class: transactional, topic: alerts, on_violation: observe }",
  );
  expect(await current()).toBe("1");
  await gateway.reload();
  expect(await current()).toBe("0");
  const reloads = await gateway.office.storage.audit.search({
    types: ["Config"],
    newestFirst: true,
    limit: 1,
  });
  expect(reloads.items[0]?.detail).toMatchObject({
    result: "applied",
    waitingForPeople: ["sender:sample", "stream:receipts", "stream:alerts"],
  });
  // The old settings run: the domain is not permitted, the rule observes, the new stream takes nothing.
  expect(await send(tool, "news@example.org")).toMatch(/550 5\.7\.1 sender-not-permitted/);
  expect(await send(tool, "news@example.jp")).toMatch(/^250/);
  const fresh = await credential("alerts");
  expect(await send(fresh, "news@example.jp")).toMatch(
    /451 4\.7\.1 settings-waiting: .*stream alerts/,
  );
  const asked = await open();
  expect(Object.keys(asked).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    "sender:sample",
    "stream:alerts",
    "stream:receipts",
  ]);
  const [first, second] = [await approver("a"), await approver("b")];
  const id = asked["sender:sample"] ?? "";
  expect(await first(id)).toMatchObject({ status: 200, state: "open", needed: 1 });
  expect(await first(id)).toMatchObject({ status: 403 }); // It is their own request now.
  expect(await send(tool, "news@example.org")).toMatch(/550/);
  expect(await second(id)).toMatchObject({ status: 200, state: "approved" });
  await expect.poll(() => send(tool, "news@example.org"), { timeout: 20_000 }).toMatch(/^250/);
  const alerts = asked["stream:alerts"] ?? "";
  await first(alerts);
  await second(alerts);
  await expect.poll(() => send(fresh, "news@example.jp"), { timeout: 20_000 }).toMatch(/^250/);
  const { items } = await gateway.office.storage.audit.search({
    types: ["Approval", "Config"],
    limit: 100,
  });
  const story = items.filter(({ detail }) => detail?.["name"] === "sender:sample");
  expect(story.map(({ detail }) => detail?.["change"])).toEqual([
    "asked",
    "vouched",
    "approved",
    "in-force",
  ]);
  expect(story.at(-1)?.detail).toMatchObject({
    before: '{"domains":["example.jp"]}',
    after: '{"domains":["example.jp","example.org"]}',
  });
}, 90_000);

test("a change that is taken back is not asked for any more, and a restart does not let it in", async () => {
  expect(Object.keys(await open())).toEqual(["stream:receipts"]);
  await gateway[Symbol.asyncDispose]();
  gateway = await startGateway(loadConfig(configFile));
  expect(gateway.office.streams.find(({ id }) => id === "receipts")?.onViolation).toBe("observe");
  write(
    "[example.jp, example.org]",
    "observe",
    "  - { id: alerts, sender: sample, class: transactional, topic: alerts, on_violation: observe }",
  );
  expect(await current()).toBe("0"); // over a restart too
  await gateway.reload();
  expect([await open(), await current()]).toEqual([{}, "1"]);
}, 60_000);

test("an approval says nothing of a file that was refused meanwhile", async () => {
  const streams = ["alerts", "invoices"].map(
    (id) =>
      `  - { id: ${id}, sender: sample, class: transactional, topic: ${id}, on_violation: observe }`,
  );
  write("[example.jp, example.org]", "observe", streams.join("\n"));
  await gateway.reload();
  const id = (await open())["stream:invoices"] ?? "";
  writeFileSync(configFile, "version: [");
  await gateway.reload();
  const waits = (): boolean | undefined =>
    gateway.office.streams.find((stream) => stream.id === "invoices")?.awaitsApproval;
  expect([await current(), waits()]).toEqual(["0", true]);
  for (const name of ["c", "d"]) await (await approver(name))(id);
  await expect.poll(waits, { timeout: 20_000 }).not.toBe(true);
  expect(await current()).toBe("0");
}, 60_000);
