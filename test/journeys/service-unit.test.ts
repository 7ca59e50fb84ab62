// contrib/sekisho.service: what it starts runs with the environment and the system calls that it allows, reloads, and stops in time.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { afterEach, expect, test } from "vitest";

import { newsletter } from "../../src/demo/messages.ts";
import { startFakeMx } from "../support/fake-mx.ts";
import {
  createWorkplace,
  engineFlags,
  giveConsent,
  type Workplace,
} from "../support/gateway-process.ts";
import { canRunAsPlainUser, giveToPlainUser, plainUser } from "../support/nobody.ts";
import { dial } from "../support/raw-client.ts";

const root = resolve(import.meta.dirname, "../..");
const unitFile = join(root, "contrib/sekisho.service");
const unit = readFileSync(unitFile, "utf8");
const hasAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;
const hasStrace = spawnSync("strace", ["-V"]).status === 0;
const exposureMax = 20; // tenths; systemd calls less than 2.0 "OK", and a mail server needs its network

if (!hasAnalyze) console.warn("no systemd-analyze: contrib/sekisho.service is not verified");
if (!hasStrace)
  console.warn("no strace: the system calls of contrib/sekisho.service are not compared");

const open: Workplace[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each[Symbol.dispose]();
});

function settings(name: string): readonly string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
}

test.skipIf(!hasAnalyze)("systemd finds nothing wrong with the unit, and little exposed", () => {
  const verify = spawnSync("systemd-analyze", ["verify", unitFile], { encoding: "utf8" });
  const problems = verify.stderr
    .split("\n")
    // The program is where it is installed, not here.
    .filter((line) => line.includes("sekisho") && !line.includes("is not executable"));
  expect(problems).toEqual([]);
  const security = spawnSync(
    "systemd-analyze",
    ["security", "--offline=yes", `--threshold=${exposureMax}`, unitFile],
    { encoding: "utf8" },
  );
  expect(security.status, security.stdout.split("\n").at(-2)).toBe(0);
});

test("the commands beside the service work on what the service works on", () => {
  const wrapper = readFileSync(join(root, "contrib/sekisho"), "utf8");
  const words = (settings("ExecStart")[0] ?? "")
    .split(" ")
    .filter((word) => !word.startsWith("--"));
  const [program = "", main = ""] = words;
  expect(wrapper).toContain(
    ` ${program} ${join(settings("WorkingDirectory")[0] ?? "", main)} "$@"`,
  );
  expect(wrapper).toContain(` --user ${settings("User")[0] ?? ""} `);
  for (const pair of settings("Environment").join(" ").split(" "))
    expect(wrapper).toContain(` ${pair} `);
});

test("whatever starts a gateway gives the engine the same flags", () => {
  expect(engineFlags).not.toEqual([]);
  for (const file of [
    "contrib/sekisho.service",
    "Dockerfile",
    "scripts/bench/peers/sekisho/peer",
  ]) {
    const line = readFileSync(join(root, file), "utf8")
      .split("\n")
      .find((each) => /^ExecStart=|^ENTRYPOINT|src\/main\.ts" serve/.test(each));
    const given = [...(line ?? "").matchAll(/ "?(--[\w=-]+)/g)].map(([, flag]) => flag);
    expect(
      given.filter((flag) => flag !== "--config"),
      file,
    ).toEqual(engineFlags);
  }
});

/** The names in a system call set, those in sets within it too; a name stands for itself. */
function callsOf(set: string): readonly string[] {
  if (!set.startsWith("@")) return [set];
  const shown = spawnSync("systemd-analyze", ["syscall-filter", set], { encoding: "utf8" }).stdout;
  return shown
    .split("\n")
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .flatMap(callsOf);
}

function allowedCalls(): ReadonlySet<string> {
  const allowed = new Set(callsOf("@default"));
  for (const filter of settings("SystemCallFilter"))
    for (const set of filter.replace("~", "").split(" "))
      for (const call of callsOf(set)) {
        if (filter.startsWith("~")) allowed.delete(call);
        else allowed.add(call);
      }
  return allowed;
}

test.skipIf(process.platform !== "linux")(
  "row 50: as the unit starts it: mail in and out, reload, and a stop in time with work in hand",
  { timeout: 180_000 },
  async () => {
    const gate = Promise.withResolvers<void>();
    await using mx = await startFakeMx({ on: { end: { send: "250 ok", until: gate.promise } } });
    const workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }], deduplicate: false }
http: { host: 127.0.0.1, port: 0 }
dns: { on_failure: off }
data_dir: ./state/data
keys_dir: ./state/keys
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${mx.port}" }] }
`);
    open.push(workplace);
    const state = join(workplace.folder, "state");
    mkdirSync(state);
    await giveConsent(workplace.configFile);
    // As user `sekisho` would: without root's rights where this test has them.
    const isPlain = canRunAsPlainUser();
    if (isPlain) {
      chmodSync(workplace.folder, 0o755);
      giveToPlainUser(state);
    }
    const here = (text: string): string =>
      text
        .replaceAll("/opt/sekisho/node_modules/.bin/node", process.execPath)
        .replaceAll("/opt/sekisho", root)
        .replaceAll("/etc/sekisho/gateway.yaml", workplace.configFile)
        .replaceAll("/var/lib/sekisho", state);
    const command = here(settings("ExecStart")[0] ?? "").split(" ");
    const env = Object.fromEntries(
      here(settings("Environment").join(" "))
        .split(" ")
        .map((pair) => pair.split("=") as [string, string]),
    );
    const trace = join(state, "trace.txt");
    // As root, SQLite makes calls that are root's alone.
    const traced = hasStrace && hasAnalyze && isPlain;
    const all = traced ? ["strace", "-f", "-qq", "-s", "32", "-o", trace, ...command] : command;
    const child = spawn(all[0] ?? "", all.slice(1), {
      cwd: here(settings("WorkingDirectory")[0] ?? ""),
      env,
      stdio: ["ignore", "ignore", "pipe"],
      ...(isPlain ? plainUser : {}),
    });
    const exit = once(child, "exit") as Promise<[number | null]>;
    const log: Record<string, unknown>[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => {
      log.push(
        line.startsWith("{") ? (JSON.parse(line) as Record<string, unknown>) : { msg: line },
      );
    });
    const said = (text: string): Record<string, unknown> | undefined =>
      log.find(({ msg }) => String(msg).includes(text));
    await expect
      .poll(() => said("gateway started") ?? child.exitCode, { timeout: 60_000 })
      .not.toBeNull();
    const started = said("gateway started");
    expect(started, JSON.stringify(log)).toBeDefined();
    const pid = traced
      ? Number(/^\d+/.exec(readFileSync(trace, "latin1"))?.[0])
      : Number(child.pid);

    const [port = 0] = (started ?? {})["smtpPorts"] as number[];
    const client = await dial(port);
    await client.command("EHLO tool.example");
    const message = newsletter({ to: "taro@example.com", subject: "サンプル通信" });
    const begin = async (): Promise<void> => {
      await client.command("MAIL FROM:<news@example.jp>");
      await client.command("RCPT TO:<taro@example.com>");
      expect(await client.command("DATA")).toMatch(/^354/);
      await client.write(message);
    };
    await begin();
    await client.write("\r\n.\r\n");
    expect(await client.reply()).toMatch(/^250 2\.0\.0 accepted/);
    expect(settings("ExecReload")).toEqual([`/bin/sh -c 'kill -HUP "$MAINPID"'`]);
    process.kill(pid, "SIGHUP");
    await expect.poll(() => said("nothing to reload"), { timeout: 20_000 }).toBeDefined();

    // One attempt waits for the receiver's answer, one message is half here.
    await mx.waitFor(() => mx.commands.some(({ line }) => line === "DATA"));
    await begin();
    process.kill(pid, "SIGTERM");
    await expect.poll(() => said("gateway stopping"), { timeout: 20_000 }).toBeDefined();
    await client.write("\r\n.\r\n");
    expect(await client.reply()).toMatch(/^250 2\.0\.0 accepted/);
    expect(await client.untilClosed()).toMatch(/^421 4\.3\.2 /);
    client.end();
    gate.resolve();
    const [code] = await exit;
    expect(code).toBe(0);
    expect(settings("TimeoutStopSec")).toEqual(["30"]);

    if (!traced) return;
    const lines = readFileSync(trace, "latin1").split("\n");
    const allowed = allowedCalls();
    const used = new Set(lines.map((line) => /^\d+\s+([a-z_0-9]+)\(/.exec(line)?.[1] ?? "read"));
    expect([...used].filter((call) => !allowed.has(call))).toEqual([]);
    // Threads that sign give way: cli/give-way.ts. Where another thread's call comes between, a line ends in "<unfinished ...>".
    expect(lines.filter((line) => line.includes(" setpriority("))).toContainEqual(
      expect.stringMatching(/\(PRIO_PROCESS, \d+, 15\b/),
    );
    const families = settings("RestrictAddressFamilies").join(" ").split(" ");
    const asked = new Set(lines.flatMap((line) => /\bsocket\((AF_\w+)/.exec(line)?.[1] ?? []));
    expect([...asked].filter((family) => !families.includes(family))).toEqual([]);
  },
);
