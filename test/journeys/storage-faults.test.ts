// The disk and the database in trouble under a running gateway: what the client, /readyz and the log are told, and what comes after.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";

import { newsletter } from "../../src/demo/messages.ts";
import {
  createWorkplace,
  errorsIn,
  giveConsent,
  sekisho,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";
import { canRunAsPlainUser, giveToPlainUser, plainUser } from "../support/nobody.ts";
import { dial } from "../support/raw-client.ts";

const patience = { timeout: 180_000 };
const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;

let workplace: Workplace;
let gateway: GatewayProcess | undefined;
let database: string;

beforeEach(async () => {
  workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }], deduplicate: false }
http: { host: 127.0.0.1, port: 0 }
dns: { on_failure: off }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:1" }], retry: { schedule: ["4h"] } }
`);
  database = join(workplace.folder, "data/sekisho.db");
  await giveConsent(workplace.configFile);
});
afterEach(async () => {
  await gateway?.stop("SIGKILL");
  gateway = undefined;
  workplace[Symbol.dispose]();
});

/** The first reply that is no 250 and no 354, or that behind DATA. */
async function send(octets = 0): Promise<string> {
  const client = await dial(gateway?.smtpPorts[0] ?? 0);
  const padding = `X-Padding: ${"x".repeat(70)}\r\n`.repeat(Math.ceil(octets / 82));
  const message = newsletter({ to: "taro@example.com", subject: "サンプル通信" }).toString(
    "latin1",
  );
  try {
    for (const command of [
      "EHLO tool.example",
      "MAIL FROM:<news@example.jp>",
      "RCPT TO:<taro@example.com>",
      "DATA",
    ]) {
      const reply = await client.command(command);
      if (!/^[23]/.test(reply)) return reply;
    }
    const body = `${message}\r\n${octets === 0 ? "" : padding}\r\n.\r\n`;
    await client.write(Buffer.from(body, "latin1"));
    return await client.reply();
  } finally {
    client.end();
  }
}

async function readiness(): Promise<{
  readonly status: number;
  readonly storage: { readonly ok: boolean; readonly detail?: string };
}> {
  const response = await fetch(`http://127.0.0.1:${gateway?.httpPort ?? 0}/readyz`);
  const { checks } = (await response.json()) as {
    readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  };
  const storage = checks.find(({ name }) => name === "storage") ?? { ok: false };
  return { status: response.status, storage };
}

const errors = (): readonly string[] => errorsIn(gateway?.log ?? []);

test.skipIf(!hasPrlimit)(
  "row 55: a disk that takes no more is 45x at the door, 503 at /readyz and an error in the log, and over when there is room",
  patience,
  async () => {
    gateway = await startGatewayProcess(workplace.configFile);
    const pid = String(gateway.child.pid);
    expect(await send()).toMatch(/^250 /);
    expect((await readiness()).storage).toEqual({ name: "storage", ok: true });
    // write(2) then fails with EFBIG, as a full disk does with ENOSPC.
    const grown = Math.max(statSync(database).size, statSync(`${database}-wal`).size);
    expect(spawnSync("prlimit", ["--pid", pid, `--fsize=${grown + 4096}:unlimited`]).status).toBe(
      0,
    );
    expect(await send(1_000_000)).toMatch(/^45[12] 4\.3\.[01] /);
    const red = await readiness();
    expect(red.status).toBe(503);
    expect(red.storage).toMatchObject({ ok: false, detail: expect.any(String) as string });
    await expect.poll(() => errors().length, { timeout: 20_000 }).toBeGreaterThan(0);
    expect(gateway.child.exitCode).toBeNull();

    expect(spawnSync("prlimit", ["--pid", pid, "--fsize=unlimited:unlimited"]).status).toBe(0);
    await expect.poll(() => send(), { timeout: 20_000 }).toMatch(/^250 /);
    await expect.poll(async () => (await readiness()).storage.ok, { timeout: 20_000 }).toBe(true);
    expect(await gateway.stop("SIGTERM")).toBe(0);
    const verify = await sekisho(workplace.configFile, "audit", "verify");
    expect(verify.json()[0]).toMatchObject({ kind: "intact" });
  },
);

test(
  "row 56: a database that another process holds is 451 at the door, and nothing else",
  patience,
  async () => {
    gateway = await startGatewayProcess(workplace.configFile);
    const other = new Database(database);
    other.exec("BEGIN IMMEDIATE");
    try {
      expect(await send()).toMatch(/^451 4\.3\.0 /);
      // A lock is somebody's work, not a fault: those that only ask are answered, and the gateway stays in service.
      expect((await readiness()).storage.ok).toBe(true);
      expect(errors().some((line) => /database's lock/.test(line))).toBe(true);
    } finally {
      other.exec("ROLLBACK");
      other.close();
    }
    expect(await send()).toMatch(/^250 /);
  },
);

test(
  "row 57: on a damaged database the gateway does not start, says why, and changes no octet",
  patience,
  async () => {
    gateway = await startGatewayProcess(workplace.configFile);
    expect(await send(50_000)).toMatch(/^250 /);
    expect(await gateway.stop("SIGTERM")).toBe(0);
    gateway = undefined;
    const handle = openSync(database, "r+");
    const first = 4096; // all but the first page, which says what the file is
    const rest = Buffer.alloc(statSync(database).size - first, 0xa5);
    writeSync(handle, rest, 0, rest.length, first);
    closeSync(handle);
    const found = readFileSync(database);
    await expect(startGatewayProcess(workplace.configFile)).rejects.toThrow(/damaged/);
    expect(readFileSync(database).equals(found)).toBe(true);
  },
);

test.skipIf(process.platform === "win32")(
  "row 57: a database that is moved away under the gateway is 451 and 503, no command makes another beside it, and moved back it goes on",
  patience,
  async () => {
    gateway = await startGatewayProcess(workplace.configFile);
    expect(await send()).toMatch(/^250 /);
    const away = mkdtempSync(join(workplace.folder, "away-"));
    const files = [database, `${database}-wal`, `${database}-shm`];
    for (const file of files) renameSync(file, join(away, basename(file)));

    expect(await send()).toMatch(/^451 4\.3\.0 /);
    const red = await readiness();
    expect(red.status).toBe(503);
    expect(red.storage.detail).toMatch(/deleted, moved or replaced/);
    expect(errors().at(-1)).toMatch(/"A database that is gone\\" in docs\/operations\.md/);
    // It would be told as recorded, in a file that the gateway does not read.
    const withdrawal = await sekisho(
      workplace.configFile,
      ..."consent withdraw --email taro@example.com --sender sample --topic news".split(" "),
    );
    expect(withdrawal.code).toBe(1);
    expect(withdrawal.stderr).toMatch(/sekisho\.db is gone, but a gateway runs on it/);

    for (const file of files) renameSync(join(away, basename(file)), file);
    expect(await send()).toMatch(/^250 /);
    expect((await readiness()).storage).toEqual({ name: "storage", ok: true });

    // Another's file in its place: what the gateway has open is not what its name leads to.
    copyFileSync(database, `${database}.copy`);
    renameSync(`${database}.copy`, database);
    expect(await send()).toMatch(/^451 4\.3\.0 /);
  },
);

test.skipIf(process.platform === "win32")(
  "row 57: where the log's index was deleted under the gateway, what it stored and what a command stored since are kept, in one chain",
  patience,
  async () => {
    gateway = await startGatewayProcess(workplace.configFile);
    expect(await send()).toMatch(/^250 /);
    rmSync(`${database}-shm`);
    const consent = "--email hanako@example.com --sender sample --topic news --basis consent";
    const evidence = "--method web-form --source https://www.example.jp/signup";
    const added = await sekisho(
      workplace.configFile,
      ...`consent add ${consent} ${evidence}`.split(" "),
    );
    expect(added.code, added.stderr).toBe(0);
    // The two now have an index each, and would write over each other's pages.
    expect(await send()).toMatch(/^451 4\.3\.0 /);
    expect(await gateway.stop("SIGTERM")).toBe(0);
    gateway = undefined;
    const verify = await sekisho(workplace.configFile, "audit", "verify");
    expect(verify.json()[0], verify.stdout).toMatchObject({ kind: "intact" });
    const shown = await sekisho(workplace.configFile, "consent", "show", "hanako@example.com");
    expect(shown.json()[0]).toMatchObject({ standings: [{ standing: "granted" }] });
    const log = await sekisho(workplace.configFile, "log", "search", "--type", "Reception");
    expect(log.json()).toHaveLength(1);
  },
);

test.skipIf(process.platform === "win32" || !canRunAsPlainUser())(
  "row 55: in a folder that may not be written the gateway does not start, and says why",
  patience,
  async () => {
    giveToPlainUser(workplace.folder);
    const start = (): Promise<GatewayProcess> =>
      startGatewayProcess(workplace.configFile, {}, undefined, plainUser);
    chmodSync(join(workplace.folder, "data"), 0o500);
    chmodSync(database, 0o400);
    await expect(start()).rejects.toThrow(/cannot be opened|EACCES|readonly/);
    chmodSync(join(workplace.folder, "data"), 0o700);
    chmodSync(database, 0o600);
    gateway = await start(); // it was that alone
  },
);
