// A thousand clients that vanish in the middle of something: sockets, files, memory and handles are afterwards what they were.
import { existsSync, readdirSync, readFileSync } from "node:fs";

import { afterEach, beforeEach, expect, test } from "vitest";

import {
  createWorkplace,
  errorsIn,
  giveConsent,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";
import { newsletter } from "../../src/demo/messages.ts";
import { seeded } from "../support/kill-rounds.ts";
import { dial } from "../support/raw-client.ts";

const seed = 16;
const drops = 1000;
const atOnce = 20;
const memoryMarginBytes = 48 * 1024 * 1024; // a heap that was collected last at another moment; 1000 bodies would be more
const canCount = existsSync("/proc/self/fd");

let workplace: Workplace;
let gateway: GatewayProcess;

// For each try its own: what the log of one said must not decide the next.
beforeEach(async () => {
  workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }, { host: 127.0.0.1, port: 0, tls: implicit, auth: required }], deduplicate: false }
http: { host: 127.0.0.1, port: 0 }
dns: { on_failure: off }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:1" }] }
`);
  await giveConsent(workplace.configFile);
  gateway = await startGatewayProcess(workplace.configFile);
});
afterEach(async () => {
  await gateway.stop("SIGKILL");
  workplace[Symbol.dispose]();
});

/** What a client says before it vanishes, and what it waits for: a reply, or nothing. */
const body = newsletter({ to: "taro@example.com", subject: "サンプル通信" }).toString("latin1");
const steps: readonly (readonly [string, "reply" | "nothing"])[] = [
  ["EHLO tool.example\r\n", "reply"],
  ["MAIL FROM:<news@example.jp>\r\n", "reply"],
  ["RCPT TO:<taro@example.com>\r\n", "reply"],
  ["DATA\r\n", "reply"],
  [body.slice(0, 700), "nothing"],
  [body.slice(700), "nothing"],
  ["\r\n.\r\n", "reply"],
  ["QUIT\r\n", "reply"],
];

async function vanish(random: () => number): Promise<void> {
  const [plain = 0, implicit = 0] = gateway.smtpPorts;
  const way = random() < 0.5 ? "end" : "reset";
  const kind = random();
  if (kind < 0.1) {
    // Within the handshake of implicit TLS.
    const client = await dial(implicit, { greeting: false });
    await client.write(Buffer.from("16030100f8010000f40303", "hex").subarray(0, random() * 12));
    client[way]();
    return;
  }
  const under = await dial(plain, { greeting: random() < 0.9 || kind < 0.3 });
  let client = under;
  if (kind < 0.3) {
    await client.command("EHLO tool.example");
    if (kind < 0.2) {
      await client.write("STARTTLS\r\n");
      client[way]();
      return;
    }
    client = await client.startTls();
  }
  const last = Math.floor(random() * (steps.length + 1));
  const waits = random() < 0.8;
  const cut = random();
  for (const [index, [text, then]] of steps.slice(0, last + 1).entries()) {
    // In the middle of the last one.
    if (index === last) await client.write(Buffer.from(text.slice(0, cut * text.length), "latin1"));
    else {
      await client.write(Buffer.from(text, "latin1"));
      if (waits && then === "reply") await client.reply().catch(() => "");
    }
  }
  under[way]();
}

interface Facts {
  /** By what they lead to: sockets, files, the event loop's own. */
  readonly handles: Readonly<Record<string, number>>;
  readonly memory: number;
}

function facts(): Facts {
  const process = `/proc/${String(gateway.child.pid)}`;
  const handles: Record<string, number> = {};
  for (const name of readdirSync(`${process}/fd`)) {
    const kind = kindOf(`${process}/fdinfo/${name}`);
    handles[kind] = (handles[kind] ?? 0) + 1;
  }
  const status = readFileSync(`${process}/status`, "utf8");
  return { handles, memory: Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024 };
}

function kindOf(info: string): string {
  const text = readFileSync(info, "utf8");
  return `flags ${/^flags:\s*(\d+)/m.exec(text)?.[1] ?? ""}`;
}

async function connections(): Promise<string> {
  const metrics = await fetch(`http://127.0.0.1:${gateway.httpPort}/metrics`);
  const text = await metrics.text();
  return /^sekisho_connections\{kind="smtp"\} (\d+)$/m.exec(text)?.[1] ?? "";
}

async function allVanish(random: () => number, count: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await vanish(random);
      }
    }),
  );
  await expect.poll(connections, { timeout: 20_000 }).toBe("0");
}

test.skipIf(!canCount)(
  "row 16: after a thousand drops at every phase, handles and memory are what they were",
  { timeout: 240_000 },
  async () => {
    const random = seeded(seed);
    await allVanish(random, drops); // The first thousand make what is made once: pools, caches, compiled code.
    const before = facts();
    await allVanish(random, drops);
    await expect.poll(() => facts().handles, { timeout: 20_000 }).toEqual(before.handles);
    expect(facts().memory - before.memory).toBeLessThan(memoryMarginBytes);

    const client = await dial(gateway.smtpPorts[0] ?? 0);
    for (const [text, then] of steps) {
      await client.write(Buffer.from(text, "latin1"));
      if (then === "reply") expect(await client.reply()).toMatch(/^[23]/);
    }
    client.end();
    expect(errorsIn(gateway.log)).toEqual([]);
  },
);
