// A backup made while mail flows, and the way back: nothing that may have gone already goes by itself again.
import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { createTransport } from "nodemailer";
import { afterEach, expect, test } from "vitest";

import { newsletter } from "../../src/demo/messages.ts";
import { startReceiver } from "../../src/demo/receiver.ts";
import { selfSignedCertificate } from "../../src/smtp/certificate.ts";
import {
  createWorkplace,
  giveConsent,
  sekisho,
  startGatewayProcess,
} from "../support/gateway-process.ts";

const open: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
});

const messages = 20;

test(
  "row 60: what waited in a backup is paused after the restore, so that nobody gets it twice unasked",
  { timeout: 180_000 },
  async () => {
    const workplace = createWorkplace("");
    open.push(workplace);
    const certificate = await selfSignedCertificate(
      join(workplace.folder, "receiver"),
      "receiver.example.com",
    );
    const receiver = await startReceiver(certificate);
    open.push(receiver);
    const held = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }] }
http: { host: 127.0.0.1, port: 0 }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${receiver.port}" }], retry: { schedule: ["1s"], max_age: "1h" } }
`);
    open.push(held);
    const run = (...args: readonly string[]): ReturnType<typeof sekisho> =>
      sekisho(held.configFile, ...args);
    await giveConsent(held.configFile);
    const gateway = await startGatewayProcess(held.configFile);
    await run("queue", "pause", "--destination", "example.com", "--reason", "receiver in repair");
    const port = gateway.smtpPorts[0] ?? 0;
    const folder = join(held.folder, "backup");
    const [backup] = await Promise.all([run("backup", folder), sendAll(port, "during")]);
    expect(backup.code, backup.stderr).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual(["keys", "sekisho.db"]);
    const second = await run("backup", folder);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("exists already");
    const running = await run("restore", folder, "--yes");
    expect(running.code).toBe(1);
    expect(running.stderr).toContain("another gateway runs");
    expect(await gateway.stop("SIGTERM")).toBe(0);

    rmSync(join(held.folder, "data"), { recursive: true });
    const dry = await run("restore", folder);
    expect(dry.code).toBe(1);
    expect(existsSync(join(held.folder, "data/sekisho.db"))).toBe(false);
    const restored = await run("restore", folder, "--yes");
    expect(restored.code, restored.stderr).toBe(0);
    const waiting = await run("queue", "list", "--all", "--limit", "1000");
    const states = waiting.json().map((entry) => String(entry["state"]));
    expect(states.filter((state) => state !== "paused")).toEqual([]);
    expect(restored.json()[0]).toMatchObject({ paused: states.length });
    const verify = await run("audit", "verify");
    expect(verify.json()[0], verify.stdout).toMatchObject({ kind: "intact" });
  },
);

test(
  "row 60: on a new machine a backup comes back whole with its master key, and not at all without it",
  { timeout: 180_000 },
  async () => {
    const place = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }] }
http: { host: 127.0.0.1, port: 0 }
dns: { on_failure: off }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:1" }] }
`);
    open.push(place);
    const run = (...args: readonly string[]): ReturnType<typeof sekisho> =>
      sekisho(place.configFile, ...args);
    const at = (path: string): string => join(place.folder, path);
    await giveConsent(place.configFile);
    const first = await startGatewayProcess(place.configFile);
    await sendAll(first.smtpPorts[0] ?? 0, "before");
    expect((await run("backup", at("backup"))).code).toBe(0);
    expect(await first.stop("SIGTERM")).toBe(0);
    renameSync(at("keys"), at("old-keys"));
    rmSync(at("data"), { recursive: true });

    // Neither is there a key, nor is one made that would open nothing.
    const without = await run("restore", at("backup"), "--yes");
    expect([without.code, without.stderr]).toEqual([
      2,
      expect.stringContaining("master_key.file: does not exist"),
    ]);
    expect(existsSync(at("keys"))).toBe(false);
    const masterKey = at("keys/master.key");
    mkdirSync(at("keys"), { mode: 0o700 });
    writeFileSync(masterKey, randomBytes(32).toString("base64"), { mode: 0o600 });
    const wrong = await run("restore", at("backup"), "--yes");
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining("is not the master key of"),
    ]);
    expect(readdirSync(at("data")).filter((name) => name.startsWith("sekisho.db"))).toEqual([]);

    copyFileSync(at("old-keys/master.key"), masterKey);
    const restored = await run("restore", at("backup"), "--yes");
    expect([restored.code, restored.json()[0]]).toEqual([0, { paused: messages }]);
    const second = await startGatewayProcess(place.configFile);
    expect(await second.stop("SIGTERM")).toBe(0);
    const readable = ["backup", "data", "keys"].flatMap((folder) =>
      readdirSync(at(folder), { recursive: true, encoding: "utf8" })
        .map((name) => join(folder, name))
        .filter((path) => (statSync(at(path)).mode & 0o077) !== 0),
    );
    expect(readable).toEqual([]);
  },
);

async function sendAll(port: number, subject: string): Promise<void> {
  const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true, pool: true });
  for (let n = 0; n < messages; n += 1)
    await transport.sendMail({
      envelope: { from: "news@example.jp", to: "taro@example.com" },
      raw: newsletter({ to: "taro@example.com", subject: `${subject} ${n}` }),
    });
  transport.close();
}
