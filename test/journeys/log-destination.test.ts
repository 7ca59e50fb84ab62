// What the log is written to takes no more: the gateway goes on, stops when it is told to, and says later what is missing.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { createWorkplace, engineFlags } from "../support/gateway-process.ts";
import { dial } from "../support/raw-client.ts";

const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;
const main = resolve(import.meta.dirname, "../../src/main.ts");
const mebibyte = 1_048_576;

test.skipIf(!hasPrlimit)(
  "row 55: with the log's disk full, mail and HTTP are answered, lost lines are told of once there is room, and SIGTERM stops",
  { timeout: 180_000 },
  async () => {
    using place = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }] }
http: { host: 127.0.0.1, port: 0 }
dns: { on_failure: off }
`);
    const logFile = join(place.folder, "gateway.log");
    const destination = openSync(logFile, "a", 0o600);
    const child = spawn(
      process.execPath,
      [...engineFlags, main, "serve", "--config", place.configFile],
      { stdio: ["ignore", destination, destination] },
    );
    closeSync(destination);
    const exited = once(child, "exit") as Promise<[number | null]>;
    try {
      const started = (): string =>
        readFileSync(logFile, "utf8")
          .split("\n")
          .find((line) => line.includes('"gateway started"')) ?? "";
      await expect.poll(started, { timeout: 60_000 }).not.toBe("");
      const { httpPort, smtpPorts } = JSON.parse(started()) as {
        httpPort: number;
        smtpPorts: number[];
      };
      const limit = (octets: string): void => {
        const set = spawnSync("prlimit", ["--pid", String(child.pid), `--fsize=${octets}`]);
        expect(set.status).toBe(0);
      };
      const ask = async (): Promise<void> => {
        const { status } = await fetch(`http://127.0.0.1:${httpPort}/healthz`, {
          signal: AbortSignal.timeout(20_000),
        });
        expect(status).toBe(200);
      };
      // write(2) to the log then fails with EFBIG, as on a full disk with ENOSPC; the database is far below.
      truncateSync(logFile, 64 * mebibyte);
      const full = `${32 * mebibyte}:unlimited`;
      limit(full);
      for (let n = 0; n < 20; n += 1) await ask();
      const client = await dial(smtpPorts[0] ?? 0);
      expect(await client.command("EHLO tool.example")).toMatch(/^250/);
      client.end();
      expect(statSync(logFile).size).toBe(64 * mebibyte);

      limit("unlimited:unlimited");
      const told = (): readonly string[] =>
        readFileSync(logFile)
          .subarray(64 * mebibyte)
          .toString()
          .split("\n")
          .slice(0, 1);
      await expect
        .poll(
          async () => {
            await ask();
            return told().join();
          },
          { timeout: 20_000 },
        )
        .not.toBe("");
      expect(JSON.parse(told().join())).toMatchObject({ level: "error", because: "EFBIG" });
      const { lost } = JSON.parse(told().join()) as { lost: number };
      expect(lost).toBeGreaterThanOrEqual(20);

      limit(full);
      await ask();
      child.kill("SIGTERM");
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  },
);
