// Signals that reach `serve` while it starts: deploy hooks, `docker stop` and hasty hands do not wait for the listeners.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";

import { expect, test } from "vitest";

import { createWorkplace } from "../support/gateway-process.ts";

const main = resolve(import.meta.dirname, "../../src/main.ts");

/** Has the process signal itself at the moment when it begins to load the gateway. */
function signalOnLoading(signal: NodeJS.Signals): string {
  const code = `
    import { registerHooks } from "node:module";
    registerHooks({
      load(url, context, next) {
        if (url.endsWith("/src/gateway.ts")) process.kill(process.pid, "${signal}");
        return next(url, context);
      },
    });`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

test.each([["SIGHUP"], ["SIGTERM"], ["SIGINT"]] as const)(
  "%s while the gateway starts does not cut it off: it starts, and does what the signal asks for",
  { timeout: 60_000 },
  async (signal) => {
    using place = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }] }
http: { host: 127.0.0.1, port: 0 }
dns: { on_failure: off }
`);
    const child = spawn(
      process.execPath,
      ["--import", signalOnLoading(signal), main, "serve", "--config", place.configFile],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const log = text(child.stderr);
    child.stderr.on("data", (chunk: Buffer) => {
      if (chunk.includes('"nothing to reload"')) child.kill("SIGTERM");
    });
    const [code] = (await once(child, "exit")) as [number | null];
    const said = await log;
    expect(said).toContain('"gateway started"');
    expect(said).toContain('"gateway stopping"');
    expect(said.includes('"nothing to reload"')).toBe(signal === "SIGHUP");
    expect(code).toBe(0);
  },
);
