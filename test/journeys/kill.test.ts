// Kills the gateway at random under load: whatever was acknowledged is delivered once it is back, copies only in flight.

import { createTransport } from "nodemailer";
import { afterEach, expect, test } from "vitest";

import { startReceiver, type Receiver } from "../../src/demo/receiver.ts";
import { newsletter } from "../../src/demo/messages.ts";
import { selfSignedCertificate } from "../../src/smtp/certificate.ts";
import {
  createWorkplace,
  sekisho,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "../support/gateway-process.ts";

const rounds = 4;
const clients = 6;
const sendsPerRound = 60;

const open: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
});

test(
  "row 46: acknowledged mail survives kill -9 at random, and is doubled only where it was in flight",
  { timeout: 180_000 },
  async () => {
    const receiver = await startReceiver(
      await selfSignedCertificate(
        `${process.env["TMPDIR"] ?? "/tmp"}/sekisho-kill-receiver`,
        "receiver.example.com",
      ),
    );
    open.push(receiver);
    const workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }], deduplicate: false }
http: { host: 127.0.0.1, port: 0 }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${receiver.port}" }], retry: { schedule: ["1s"], max_age: "1h" } }
`);
    open.push(workplace);
    await consentFor(workplace, "example.com", 400);
    const acknowledged = new Map<string, string>();
    const random = seeded(20_261_125);
    let number = 0;
    for (let round = 0; round < rounds; round += 1) {
      const gateway = await startGatewayProcess(workplace.configFile);
      const killAfter = 5 + Math.floor(random() * (sendsPerRound - 10));
      let sent = 0;
      let killed: Promise<unknown> | undefined;
      await Promise.all(
        Array.from({ length: clients }, async () => {
          const transport = client(gateway);
          while (sent < sendsPerRound && killed === undefined) {
            sent += 1;
            number += 1;
            const to = `u${number}@example.com`;
            const id = await deliver(transport, to);
            if (id !== undefined) acknowledged.set(to, id);
            if (acknowledged.size > 0 && sent >= killAfter) killed ??= gateway.stop("SIGKILL");
          }
          transport.close();
        }),
      );
      await (killed ?? gateway.stop("SIGKILL"));
    }
    expect(acknowledged.size).toBeGreaterThan(rounds * 3);

    const gateway = await startGatewayProcess(workplace.configFile);
    const states = await untilSettled(workplace, receiver);
    expect(await gateway.stop("SIGTERM")).toBe(0);

    const copies = new Map<string, number>();
    for (const mail of receiver.mails) copies.set(mail.to, (copies.get(mail.to) ?? 0) + 1);
    const missing = [...acknowledged.keys()].filter((to) => !copies.has(to));
    expect(missing).toEqual([]);
    const uncertain = await countUncertain(workplace);
    const doubled = [...copies.values()].filter((count) => count > 1).length;
    expect(doubled).toBeLessThanOrEqual(uncertain);
    // Balance: what the queue calls delivered, the receiver has; nothing waits, nothing failed.
    expect(states).toEqual({ delivered: copies.size });
    const verify = await sekisho(workplace.configFile, "audit", "verify");
    expect(verify.json()[0], verify.stdout).toMatchObject({ kind: "intact" });
  },
);

async function consentFor(workplace: Workplace, domain: string, people: number): Promise<void> {
  const { writeFileSync } = await import("node:fs");
  const rows = Array.from(
    { length: people },
    (_, index) =>
      `u${index + 1}@${domain},sample,news,consent,2026-01-05T00:00:00+09:00,web-form,https://www.example.jp/signup`,
  );
  const file = `${workplace.folder}/consents.csv`;
  writeFileSync(file, `email,sender,topic,basis,granted_at,method,source\n${rows.join("\n")}\n`);
  const result = await sekisho(workplace.configFile, "consent", "import", file);
  expect(result.code, result.stderr).toBe(0);
}

function client(gateway: GatewayProcess): ReturnType<typeof createTransport> {
  return createTransport({ host: "127.0.0.1", port: gateway.smtpPorts[0] ?? 0, ignoreTLS: true });
}

/** The message id of the 250, or undefined where there was none. */
async function deliver(
  transport: ReturnType<typeof createTransport>,
  to: string,
): Promise<string | undefined> {
  try {
    const info = (await transport.sendMail({
      envelope: { from: "news@example.jp", to },
      raw: newsletter({ to, subject: "サンプル通信" }),
    })) as { readonly response: string };
    return /id=(\S+)/.exec(info.response)?.[1];
  } catch {
    return undefined; // Killed in the middle: not acknowledged.
  }
}

async function untilSettled(
  workplace: Workplace,
  receiver: Receiver,
): Promise<Record<string, number>> {
  const deadline = performance.now() + 90_000;
  for (;;) {
    const list = await sekisho(workplace.configFile, "queue", "list", "--all", "--limit", "10000");
    const states: Record<string, number> = {};
    for (const entry of list.json())
      states[String(entry["state"])] = (states[String(entry["state"])] ?? 0) + 1;
    if (Object.keys(states).every((state) => state === "delivered") || performance.now() > deadline)
      return states;
    await receiver.changed();
  }
}

/** Attempts whose end nobody knows: the process died between lease and settlement. */
async function countUncertain(workplace: Workplace): Promise<number> {
  const events = await sekisho(workplace.configFile, "log", "search", "--limit", "100000");
  return events
    .json()
    .filter(
      (event) => (event["detail"] as Record<string, unknown> | undefined)?.["uncertain"] === true,
    ).length;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
