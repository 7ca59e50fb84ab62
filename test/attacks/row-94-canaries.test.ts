// Words that must never be logged (an address, a name, a password, a token, a body) go in at every door; the log is then read.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { newsletter } from "../../src/demo/messages.ts";
import { startFakeMx, type FakeMx } from "../support/fake-mx.ts";
import {
  createWorkplace,
  sekisho,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";
import { dial, type RawClient } from "../support/raw-client.ts";

const canary = "kanaria7f3";
const taken = `${canary}.taro@example.com`;
const stranger = `${canary}.hanako@example.com`;
const bouncing = `${canary}.gone@example.com`;

let mx: FakeMx;
let workplace: Workplace;
let gateway: GatewayProcess;
let credential: { readonly username: string; readonly password: string };
let token: string;

beforeAll(async () => {
  mx = await startFakeMx({
    on: {
      rcpt: (_session, line) =>
        line.includes("gone") ? `550 5.1.1 <${bouncing}> unknown here` : undefined,
    },
  });
  workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: starttls, auth: required }], deduplicate: false }
http: { host: 127.0.0.1, port: 0 }
dns: { on_failure: off }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${mx.port}" }] }
`);
  const run = (...args: readonly string[]): ReturnType<typeof sekisho> =>
    sekisho(workplace.configFile, ...args);
  for (const email of [taken, bouncing]) {
    const about = `--email ${email} --sender sample --topic news --basis consent --method web-form`;
    const given = await run(
      ..."consent add --source https://www.example.jp/".split(" "),
      ...about.split(" "),
    );
    expect(given.code, given.stderr).toBe(0);
  }
  const made = await run(..."credential create --stream newsletter --name tool".split(" "));
  credential = made.json()[0] as typeof credential;
  const given = await run("token", "create", "--name", "reader", "--scopes", "*");
  token = String(given.json()[0]?.["token"]);
  gateway = await startGatewayProcess(workplace.configFile);
});
afterAll(async () => {
  await gateway.stop("SIGKILL");
  workplace[Symbol.dispose]();
  await mx[Symbol.asyncDispose]();
});

async function login(
  secret: string,
): Promise<{ readonly client: RawClient; readonly reply: string }> {
  const plain = await dial(gateway.smtpPorts[0] ?? 0);
  await plain.command("EHLO tool.example");
  const client = await plain.startTls();
  await client.command("EHLO tool.example");
  const words = Buffer.from(`\0${credential.username}\0${secret}`).toString("base64");
  return { client, reply: await client.command(`AUTH PLAIN ${words}`) };
}

async function get(path: string, bearer = token): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${gateway.httpPort}${path}`, {
    headers: { authorization: `Bearer ${bearer}` },
  });
  await response.text();
  return response.status;
}

test(
  "row 94: no address, password, token or body stands in the log, whatever door it came in by",
  { timeout: 180_000 },
  async () => {
    expect((await login(`${canary}-wrong`)).reply).toMatch(/^535/);
    const { client, reply } = await login(credential.password);
    expect(reply).toMatch(/^235/);
    await client.command(`MAIL FROM:<${canary}@example.jp>`);
    expect(await client.command(`RCPT TO:<${stranger}>`)).toMatch(/^550/);
    expect(await client.command(`RCPT TO:<${canary} no address`)).toMatch(/^5/);
    for (const to of [taken, bouncing])
      expect(await client.command(`RCPT TO:<${to}>`)).toMatch(/^250/);
    await client.command("DATA");
    await client.write(newsletter({ to: taken, subject: `${canary} サンプル通信` }));
    await client.write(`${canary}-body\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.0\.0 accepted/);
    expect(await client.command(`VRFY ${canary}`)).toMatch(/^252/);
    expect(await client.command(`${canary.toUpperCase()} x`)).toMatch(/^5/);
    client.end();

    expect(await get(`/v1/consents?email=${taken}`)).toBe(200);
    expect(await get(`/v1/suppressions?email=${stranger}`)).toBeLessThan(500);
    expect(await get("/v1/messages", `${canary}-token`)).toBe(401);
    expect(await get(`/u/${canary}-opt-out`)).toBeLessThan(500);
    expect(await get(`/nowhere/${canary}?a=${canary}`)).toBe(404);
    await fetch(`http://127.0.0.1:${gateway.httpPort}/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: taken, password: `${canary}-password` }),
    });
    const settled = async (): Promise<readonly unknown[]> =>
      (await sekisho(workplace.configFile, "queue", "list", "--all"))
        .json()
        .map((each) => each["state"]);
    await expect
      .poll(settled, { timeout: 30_000, interval: 500 })
      .toEqual(expect.arrayContaining(["delivered", "failed"]));
    expect(await gateway.stop("SIGTERM")).toBe(0);

    const log = gateway.log.join("\n");
    expect(log).toContain("gateway stopping");
    for (const secret of [canary, credential.password, token])
      expect(log.toLowerCase()).not.toContain(secret.toLowerCase());
  },
);

test("row 94: what is kept of people and of secrets is sealed or hashed on disk", () => {
  const folder = join(workplace.folder, "data");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const octets = readFileSync(join(file.parentPath, file.name));
    for (const secret of [taken, stranger, bouncing, `${canary}-body`, credential.password, token])
      expect(octets.includes(secret), `${file.name} has ${secret}`).toBe(false);
  }
});
