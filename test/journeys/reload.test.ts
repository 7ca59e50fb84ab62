// SIGHUP: a running gateway takes up another configuration without dropping anybody, or keeps the old one and says so.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { once } from "node:events";

import { afterEach, beforeEach, expect, test } from "vitest";

import { repliesFile } from "../../src/config/replies.ts";
import { selfSignedCertificate } from "../../src/smtp/certificate.ts";
import {
  createWorkplace,
  giveConsent,
  sekisho,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";
import { dial, type RawClient } from "../support/raw-client.ts";

const bare =
  "From: news@example.jp\r\nTo: taro@example.com\r\nSubject: hello\r\nDate: Mon, 1 Jun 2026 09:00:00 +0900\r\nMessage-ID: <1@example.jp>\r\n\r\nNobody says here who sends this.\r\n";

let workplace: Workplace;
let gateway: GatewayProcess;
let first: string;

beforeEach(async () => {
  workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }], deduplicate: false }
http: { host: 127.0.0.1, port: 0 }
dns: { on_failure: off }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:1" }] }
`);
  edit("rules: [jp]", "rules: []");
  first = read();
  await giveConsent(workplace.configFile);
  gateway = await startGatewayProcess(workplace.configFile);
});
afterEach(async () => {
  await gateway.stop("SIGKILL");
  workplace[Symbol.dispose]();
});

function read(): string {
  return readFileSync(workplace.configFile, "utf8");
}

function edit(before: string, after: string): void {
  const text = read();
  expect(text).toContain(before);
  writeFileSync(workplace.configFile, text.replace(before, after));
}

/** Sends SIGHUP and waits for what the log says of it. */
async function reload(): Promise<Record<string, unknown>> {
  const seen = gateway.log.length;
  gateway.child.kill("SIGHUP");
  const said = (): Record<string, unknown> | undefined =>
    gateway.log
      .slice(seen)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find(({ msg }) => /configuration (?:not )?reloaded|nothing to reload/.test(String(msg)));
  await expect.poll(said, { timeout: 20_000 }).toBeDefined();
  return said() ?? {};
}

async function begin(client: RawClient): Promise<void> {
  expect(await client.command("MAIL FROM:<news@example.jp>")).toMatch(/^250/);
  expect(await client.command("RCPT TO:<taro@example.com>")).toMatch(/^250/);
  expect(await client.command("DATA")).toMatch(/^354/);
}

async function open(port: number): Promise<RawClient> {
  const client = await dial(port);
  await client.command("EHLO tool.example");
  return client;
}

async function metric(name: string): Promise<string | undefined> {
  const response = await fetch(`http://127.0.0.1:${gateway.httpPort}/metrics`);
  const lines = (await response.text()).split("\n");
  return lines.find((line) => line.startsWith(name))?.slice(name.length + 1);
}

async function configEvents(): Promise<readonly Record<string, unknown>[]> {
  const found = await sekisho(workplace.configFile, "log", "search", "--type", "Config");
  return found
    .json()
    .map(({ detail }) => detail as Record<string, unknown>)
    .filter(({ change }) => change === "reload"); // What came into force by it has events of its own.
}

function portOf(listening: number): number {
  const lines = gateway.log.filter((line) => line.includes('"smtp listening"'));
  return Number((JSON.parse(lines[listening] ?? "{}") as { port?: number }).port);
}

test(
  "a message begun before SIGHUP ends by the old rules, what follows on the same connection by the new ones",
  { timeout: 120_000 },
  async () => {
    const client = await open(gateway.smtpPorts[0] ?? 0);
    await begin(client);
    await client.write(bare.slice(0, 200));

    edit("rules: []", "rules: [jp]");
    edit(
      "streams:\n",
      "streams:\n  - { id: second, sender: sample, class: marketing, topic: news, rules: [] }\n",
    );
    edit(
      "stream: newsletter }]",
      'stream: newsletter }, { host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: second }]',
    );
    const said = await reload();
    expect(said["changed"]).toEqual([
      "smtp.listeners",
      "streams[newsletter].rules",
      "streams[second]",
    ]);

    await client.write(`${bare.slice(200)}.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.0\.0 accepted/);
    await begin(client);
    await client.write(`${bare}.\r\n`);
    expect(await client.reply()).toMatch(/^550 5\.7\.1 /);
    client.end();

    const other = await open(portOf(1));
    await begin(other);
    await other.write(`${bare}.\r\n`);
    expect(await other.reply()).toMatch(/^250 2\.0\.0 accepted/);
    other.end();
    expect(await configEvents()).toEqual([
      { change: "reload", result: "applied", changed: said["changed"], waiting: [] },
    ]);
    expect(await metric('sekisho_reloads_total{result="applied"}')).toBe("1");
    expect(await metric("sekisho_config_current")).toBe("1");
  },
);

test(
  "a broken file changes nothing, and log, audit log and metrics say so; a good one afterwards is taken up",
  { timeout: 120_000 },
  async () => {
    edit("rules: []", "rules: [jp, no-such-pack]");
    const said = await reload();
    expect(said).toMatchObject({ level: "error" });
    expect(JSON.stringify(said["err"])).toContain("streams[0].rules[1]");
    const client = await open(gateway.smtpPorts[0] ?? 0);
    await begin(client);
    await client.write(`${bare}.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.0\.0 accepted/);
    expect(await metric('sekisho_reloads_total{result="refused"}')).toBe("1");
    expect(await metric("sekisho_config_current")).toBe("0");

    writeFileSync(workplace.configFile, "senders: [");
    expect(await reload()).toMatchObject({ level: "error" });
    writeFileSync(workplace.configFile, first);
    expect(await reload()).toMatchObject({ msg: "nothing to reload", changed: [] });
    expect(await metric("sekisho_config_current")).toBe("1");
    const [one, two, ...more] = await configEvents();
    expect(more).toEqual([]);
    expect(one).toEqual({
      change: "reload",
      result: "refused",
      problems: ["streams[0].rules[1] names no rule pack"],
    });
    expect(two).toMatchObject({ result: "refused" });
    await begin(client);
    client.end();
  },
);

test(
  "a listener that is taken out lets its transaction end and nobody in; one that is bound already stands in the way of all",
  { timeout: 120_000 },
  async () => {
    const port = gateway.smtpPorts[0] ?? 0;
    const client = await open(port);
    await begin(client);
    const taken = `{ host: 127.0.0.1, port: ${gateway.httpPort}, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }`;
    const listener =
      '{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }';
    edit(listener, taken);
    expect(await reload()).toMatchObject({ level: "error" });
    (await open(port)).end();

    edit(taken, "{ host: 127.0.0.1, port: 0, tls: implicit, auth: required }");
    expect(await reload()).toMatchObject({ changed: ["smtp.listeners"] });
    await expect(dial(port)).rejects.toThrow(/ECONNREFUSED/);
    await client.write(`${bare}.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.0\.0 accepted/);
    expect(await client.untilClosed()).toMatch(/^421 4\.3\.2 /);
    const secure = await dial(portOf(1), { tls: true });
    expect(await secure.command("EHLO x")).toContain("AUTH PLAIN LOGIN");
    secure.end();
  },
);

test(
  "new certificate files are seen by the next handshake, a pair that does not fit by none; a restart is asked for by name",
  { timeout: 120_000 },
  async () => {
    const folders = ["one", "two"].map((name) => join(workplace.folder, name));
    const pairs = await Promise.all(
      folders.map((folder, index) => selfSignedCertificate(folder, `gw${index}.example.jp`)),
    );
    const files = { cert: join(workplace.folder, "c.pem"), key: join(workplace.folder, "k.pem") };
    const put = (cert: number, key: number): void => {
      writeFileSync(files.cert, pairs[cert]?.cert ?? "");
      writeFileSync(files.key, pairs[key]?.key ?? "");
    };
    put(0, 0);
    edit("deduplicate: false", `deduplicate: false, tls: { cert_file: c.pem, key_file: k.pem }`);
    edit("hostname: gw.example.jp", "hostname: other.example.jp");
    expect(await reload()).toMatchObject({
      changed: ["smtp.tls.cert_file", "smtp.tls.key_file", "smtp.tls (certificate)"],
    });
    const warning = (): string | undefined =>
      gateway.log.find((line) => line.includes("wait for a restart"));
    await expect.poll(warning, { timeout: 20_000 }).toBeDefined();
    expect(JSON.parse(warning() ?? "")).toMatchObject({ level: "warn", waiting: ["hostname"] });
    expect(await metric("sekisho_config_current")).toBe("0");
    expect(await nameShown(gateway.smtpPorts[0] ?? 0)).toBe("gw0.example.jp");

    put(1, 0);
    expect(await reload()).toMatchObject({ level: "error" });
    expect(await nameShown(gateway.smtpPorts[0] ?? 0)).toBe("gw0.example.jp");
    put(1, 1);
    writeFileSync(files.key, "");
    expect(await reload()).toMatchObject({ level: "error" });
    expect(await nameShown(gateway.smtpPorts[0] ?? 0)).toBe("gw0.example.jp");
    put(1, 1);
    expect(await reload()).toMatchObject({ changed: ["smtp.tls (certificate)"] });
    expect(await nameShown(gateway.smtpPorts[0] ?? 0)).toBe("gw1.example.jp");
  },
);

test(
  "a sender that comes by a reload has a signing key, its mail is taken, and one that goes is turned away",
  { timeout: 120_000 },
  async () => {
    const client = await open(gateway.smtpPorts[0] ?? 0);
    const extra = `
  - id: young
    legal: { names: ["株式会社新"], addresses: ["〒999-9999 東京都架空区見本町9"], contacts: ["03-0000-0009"], opt_out_hosts: [u.young.example] }
    domains: [young.example]
`;
    edit("streams:\n", `${extra.slice(1)}streams:\n`);
    edit("sender: sample, class: marketing", "sender: young, class: transactional");
    expect((await reload())["changed"]).toEqual([
      "senders[young]",
      "streams[newsletter].class",
      "streams[newsletter].sender",
    ]);
    expect(await client.command("MAIL FROM:<news@example.jp>")).toMatch(/^550 5\.7\.1 /);
    expect(await client.command("MAIL FROM:<news@young.example>")).toMatch(/^250/);
    client.end();
    const made = (): boolean =>
      gateway.log.some((line) => line.includes("DKIM key made") && line.includes("young.example"));
    await expect.poll(made, { timeout: 20_000 }).toBe(true);
  },
);

async function nameShown(port: number): Promise<string> {
  const plain = await open(port);
  await plain.command("STARTTLS");
  plain.socket.removeAllListeners();
  const secure: TLSSocket = connect({ socket: plain.socket, rejectUnauthorized: false });
  await once(secure, "secureConnect");
  const { subject } = secure.getPeerCertificate();
  secure.destroy();
  return String(subject.CN);
}

test(
  "a table of replies that is bad leaves everything as it was, and the event names its file",
  { timeout: 120_000 },
  async () => {
    await gateway.stop("SIGTERM");
    const table = join(workplace.folder, "replies.yaml");
    writeFileSync(table, readFileSync(repliesFile, "utf8"));
    edit("delivery: {", "delivery: { replies_file: ./replies.yaml,");
    gateway = await startGatewayProcess(workplace.configFile);
    writeFileSync(table, "rules: [{");
    edit("topic: news", "topic: offers");
    expect(await reload()).toMatchObject({ msg: "configuration not reloaded: the old one stays" });
    expect(await metric("sekisho_config_current")).toBe("0");
    expect((await configEvents()).at(-1)).toMatchObject({
      result: "refused",
      problems: [`${table} cannot be read as YAML`],
    });

    writeFileSync(table, `# of our own\n${readFileSync(repliesFile, "utf8")}`);
    expect(await reload()).toMatchObject({
      msg: "configuration reloaded",
      changed: expect.arrayContaining(["streams[newsletter].topic"]) as unknown,
    });
    expect(await metric("sekisho_config_current")).toBe("1");
  },
);

test.skipIf(process.platform !== "linux")(
  "a listener stays where its new address is none of this machine, and one that finds its port taken is not told as in force",
  { timeout: 120_000 },
  async () => {
    const port = gateway.smtpPorts[0] ?? 0;
    edit(
      "host: 127.0.0.1, port: 0, tls: optional",
      `host: 203.0.113.7, port: ${port}, tls: optional`,
    );
    expect(await reload()).toMatchObject({ msg: "configuration not reloaded: the old one stays" });
    (await open(port)).end();

    await using other = createServer().listen(port, "127.0.0.9");
    await once(other, "listening");
    edit("host: 203.0.113.7", "host: 0.0.0.0");
    expect(await reload()).toMatchObject({ msg: "configuration reloaded" });
    const unopened = (): boolean => gateway.log.some((line) => line.includes("EADDRINUSE"));
    await expect.poll(unopened, { timeout: 20_000 }).toBe(true);
    expect(await metric("sekisho_config_current")).toBe("0");

    await other[Symbol.asyncDispose]();
    await reload();
    await expect.poll(() => metric("sekisho_config_current"), { timeout: 20_000 }).toBe("1");
    (await open(port)).end();
  },
);

test(
  "mail that waits stays what it was taken in as: a stream that became another one does not carry it past a withdrawal",
  { timeout: 120_000 },
  async () => {
    const send = async (): Promise<void> => {
      const client = await open(gateway.smtpPorts[0] ?? 0);
      await begin(client);
      await client.write(`${bare}.\r\n`);
      expect(await client.reply()).toMatch(/^250 2\.0\.0 accepted/);
      client.end();
    };
    const run = async (...args: string[]): Promise<readonly Record<string, unknown>[]> => {
      const done = await sekisho(workplace.configFile, ...args);
      expect(done.code, done.stderr).toBe(0);
      return done.json();
    };
    const lastReplies = async (): Promise<readonly unknown[]> =>
      (await run("queue", "list", "--all", "--stream", "newsletter")).map(
        ({ lastReply }) => lastReply,
      );
    await send();
    await expect.poll(lastReplies, { timeout: 30_000 }).toEqual([expect.stringMatching(/^451 /)]);
    const about = ["--email", "taro@example.com", "--sender", "sample", "--topic", "news"];
    await run("consent", "withdraw", ...about);
    edit("class: marketing, topic: news", "class: transactional, topic: offers");
    await reload();
    const [waiting] = await run("queue", "list", "--stream", "newsletter");
    await run("queue", "retry", String(waiting?.["id"]));
    await expect
      .poll(lastReplies, { timeout: 30_000 })
      .toContainEqual(expect.stringMatching(/^550 5\.7\.1 withdrawn: .*topic news/));
  },
);
