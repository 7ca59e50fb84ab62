// The disk fails an fsync: nobody knows what it holds, so nothing more is promised, and the process ends to be started anew.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { createTransport } from "nodemailer";
import { afterEach, expect, test } from "vitest";

import { newsletter } from "../../src/demo/messages.ts";
import {
  createWorkplace,
  errorsIn,
  giveConsent,
  sekisho,
  startGatewayProcess,
} from "../support/gateway-process.ts";

const source = resolve(import.meta.dirname, "../fixtures/failing-fsync.c");
const folder = mkdtempSync(join(tmpdir(), "sekisho-fsync-"));
const library = join(folder, "failing-fsync.so");
const canFail =
  process.platform === "linux" &&
  spawnSync("gcc", ["-shared", "-fPIC", "-o", library, source, "-ldl"]).status === 0;

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!canFail)(
  "row 58: after a failed fsync the message is deferred, and the process ends, so that a supervisor starts it anew",
  { timeout: 120_000 },
  async () => {
    using workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }] }
http: { host: 127.0.0.1, port: 0 }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:1" }] }
`);
    await giveConsent(workplace.configFile);
    const flag = join(folder, "fail");
    const gateway = await startGatewayProcess(workplace.configFile, {
      LD_PRELOAD: library,
      FAILING_FSYNC: flag,
    });
    const port = gateway.smtpPorts[0] ?? 0;
    expect(await send(port, "first")).toMatch(/^250 /);
    const ended = once(gateway.child, "exit") as Promise<[number | null]>;
    writeFileSync(flag, "");
    // The gateway's own writes may meet the failure first: then it says that it ends.
    expect(await send(port, "second")).toMatch(/^(?:451 4\.3\.0|421 4\.3\.2) /);
    rmSync(flag);
    // The disk works again; what the failed call left behind is not known, so the same handle is not trusted.
    expect(await send(port, "third")).not.toMatch(/^2/);
    expect((await ended)[0]).toBe(1);
    expect(errorsIn(gateway.log).join("\n")).toMatch(/nothing can be stored until it starts anew/);
    expect(gateway.log.at(-1)).toMatch(/^failed: the disk failed/);

    const again = await startGatewayProcess(workplace.configFile);
    expect(await send(again.smtpPorts[0] ?? 0, "fourth")).toMatch(/^250 /);
    expect(await again.stop("SIGTERM")).toBe(0);
    const verify = await sekisho(workplace.configFile, "audit", "verify");
    expect(verify.json()[0], verify.stdout).toMatchObject({ kind: "intact" });
  },
);

/** The reply to DATA, whatever it is. */
async function send(port: number, subject: string): Promise<string> {
  const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  try {
    const info = (await transport.sendMail({
      envelope: { from: "news@example.jp", to: "taro@example.com" },
      raw: newsletter({ to: "taro@example.com", subject }),
    })) as { readonly response: string };
    return info.response;
  } catch (error) {
    return (error as { readonly response?: string }).response ?? String(error);
  } finally {
    transport.close();
  }
}
