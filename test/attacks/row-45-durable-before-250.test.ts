// The order of system calls: what a 250 promises has reached the disk before the 250 reaches the client.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { createTransport } from "nodemailer";
import { afterEach, expect, test } from "vitest";

import { newsletter } from "../../src/demo/messages.ts";
import { createWorkplace, giveConsent, type Workplace } from "../support/gateway-process.ts";

const hasStrace = spawnSync("strace", ["-V"]).status === 0;
const main = resolve(import.meta.dirname, "../../src/main.ts");

const open: Workplace[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each[Symbol.dispose]();
});

test.skipIf(!hasStrace)(
  "row 45: between the last write to the log of the database and the 250 there is an fsync of that log",
  { timeout: 120_000 },
  async () => {
    const workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }] }
http: { host: 127.0.0.1, port: 0 }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:1" }] }
`);
    open.push(workplace);
    await giveConsent(workplace.configFile);
    const trace = join(workplace.folder, "trace.txt");
    const calls = "trace=fsync,fdatasync,pwrite64,pwritev,write,writev,sendto,sendmsg";
    const child = spawn(
      "strace",
      [
        `-f -qq -y -s 80 -e ${calls} -e signal=none -o`.split(" "),
        [trace, process.execPath, main, "serve", "--config", workplace.configFile],
      ].flat(),
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const exit = once(child, "exit");
    const port = await new Promise<number>((done) => {
      createInterface({ input: child.stderr }).on("line", (line) => {
        if (line.includes('"gateway started"'))
          done((JSON.parse(line) as { smtpPorts: number[] }).smtpPorts[0] ?? 0);
      });
    });
    const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
    const info = (await transport.sendMail({
      envelope: { from: "news@example.jp", to: "taro@example.com" },
      raw: newsletter({ to: "taro@example.com", subject: "サンプル通信" }),
    })) as { readonly response: string };
    transport.close();
    expect(info.response).toMatch(/^250 2\.0\.0 accepted/);
    // strace passes the signal on to nobody: it is told to its child, whose number stands in the trace.
    const lines = readFileSync(trace, "latin1").split("\n");
    process.kill(Number(/^\d+/.exec(lines[0] ?? "")?.[0]), "SIGTERM");
    await exit;

    const reply = lines.findIndex((line) => line.includes('"250 2.0.0 accepted'));
    expect(reply).toBeGreaterThan(0);
    const before = lines.slice(0, reply);
    const written = before.findLastIndex((line) => /pwrite(?:64|v)\(.*-wal>/.test(line));
    const synced = before.findLastIndex((line) => /(?:fsync|fdatasync)\(.*-wal>/.test(line));
    expect(written).toBeGreaterThan(0);
    expect(synced).toBeGreaterThan(written);
  },
);
