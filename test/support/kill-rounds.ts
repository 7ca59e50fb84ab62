// Kills a gateway at random under load, again and again, and tells what became of every message it had acknowledged.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createTransport } from "nodemailer";

import { newsletter } from "../../src/demo/messages.ts";
import { startReceiver, type Receiver } from "../../src/demo/receiver.ts";
import { selfSignedCertificate } from "../../src/smtp/certificate.ts";
import {
  createWorkplace,
  sekisho,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "./gateway-process.ts";

export interface KillPlan {
  readonly rounds: number;
  readonly seed: number;
  /** Called after each round. */
  readonly progress?: (round: number, acknowledged: number) => void;
}

export interface KillBalance {
  readonly acknowledged: number;
  /** Acknowledged, and the receiver never got them. */
  readonly missing: readonly string[];
  /** Got more than once. */
  readonly doubled: number;
  /** Attempts whose end nobody knew after a kill: no more may be doubled. */
  readonly uncertain: number;
  /** Recipients by state at the end. */
  readonly states: Readonly<Record<string, number>>;
  /** Different recipients that the receiver got mail for. */
  readonly received: number;
  /** What `audit verify` says: `intact`. */
  readonly audit: unknown;
  /** Exit code of the last, orderly end. */
  readonly lastExit: number | null;
}

const clients = 6;
const sendsPerRound = 60;

export async function killRounds({ rounds, seed, progress }: KillPlan): Promise<KillBalance> {
  await using stack = new AsyncDisposableStack();
  const farEnd = stack.use(createWorkplace(""));
  const receiver = stack.use(
    await startReceiver(
      await selfSignedCertificate(join(farEnd.folder, "tls"), "receiver.example.com"),
    ),
  );
  const workplace = stack.use(
    createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }], deduplicate: false }
http: { host: 127.0.0.1, port: 0 }
delivery: { routes: [{ domain: "*", via: "smtp://127.0.0.1:${receiver.port}" }], retry: { schedule: ["1s"], max_age: "1h" } }
`),
  );
  await consentFor(workplace, rounds * (sendsPerRound + clients));
  const acknowledged = new Set<string>();
  const random = seeded(seed);
  let number = 0;
  const next = (): string => {
    number += 1;
    return `u${number}@example.com`;
  };
  for (let round = 1; round <= rounds; round += 1) {
    await oneRound(workplace, 5 + Math.floor(random() * (sendsPerRound - 10)), next, acknowledged);
    progress?.(round, acknowledged.size);
  }

  const gateway = await startGatewayProcess(workplace.configFile);
  const states = await untilSettled(workplace, receiver);
  const lastExit = await gateway.stop("SIGTERM");
  const copies = new Map<string, number>();
  for (const mail of receiver.mails) copies.set(mail.to, (copies.get(mail.to) ?? 0) + 1);
  const verify = await sekisho(workplace.configFile, "audit", "verify");
  return {
    acknowledged: acknowledged.size,
    missing: [...acknowledged].filter((to) => !copies.has(to)),
    doubled: [...copies.values()].filter((count) => count > 1).length,
    uncertain: await countUncertain(workplace),
    states,
    received: copies.size,
    audit: verify.json()[0]?.["kind"],
    lastExit,
  };
}

/** Clients send until the gateway is killed, after `killAfter` messages were begun. */
async function oneRound(
  workplace: Workplace,
  killAfter: number,
  next: () => string,
  acknowledged: Set<string>,
): Promise<void> {
  const gateway = await startGatewayProcess(workplace.configFile);
  let sent = 0;
  let killed: Promise<unknown> | undefined;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const transport = client(gateway);
      while (sent < sendsPerRound && killed === undefined) {
        sent += 1;
        const to = next();
        if (await deliver(transport, to)) acknowledged.add(to);
        if (sent >= killAfter) killed ??= gateway.stop("SIGKILL");
      }
      transport.close();
    }),
  );
  await (killed ?? gateway.stop("SIGKILL"));
}

async function consentFor(workplace: Workplace, people: number): Promise<void> {
  const rows = Array.from(
    { length: people },
    (_, index) =>
      `u${index + 1}@example.com,sample,news,consent,2026-01-05T00:00:00+09:00,web-form,https://www.example.jp/signup`,
  );
  const file = join(workplace.folder, "consents.csv");
  writeFileSync(file, `email,sender,topic,basis,granted_at,method,source\n${rows.join("\n")}\n`);
  const result = await sekisho(workplace.configFile, "consent", "import", file);
  if (result.code !== 0) throw new Error(result.stderr);
}

function client(gateway: GatewayProcess): ReturnType<typeof createTransport> {
  return createTransport({ host: "127.0.0.1", port: gateway.smtpPorts[0] ?? 0, ignoreTLS: true });
}

/** Whether there was a 250. */
async function deliver(
  transport: ReturnType<typeof createTransport>,
  to: string,
): Promise<boolean> {
  try {
    const info = (await transport.sendMail({
      envelope: { from: "news@example.jp", to },
      raw: newsletter({ to, subject: "サンプル通信" }),
    })) as { readonly response: string };
    return info.response.startsWith("250 ");
  } catch {
    return false; // Killed in the middle: not acknowledged.
  }
}

async function untilSettled(
  workplace: Workplace,
  receiver: Receiver,
): Promise<Record<string, number>> {
  const deadline = performance.now() + 90_000;
  for (;;) {
    const list = await sekisho(workplace.configFile, "queue", "list", "--all", "--limit", "100000");
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
  const events = await sekisho(workplace.configFile, "log", "search", "--limit", "1000000");
  return events
    .json()
    .filter(
      (event) => (event["detail"] as Record<string, unknown> | undefined)?.["uncertain"] === true,
    ).length;
}

/** Park and Miller's generator: the same numbers for the same seed, on every machine. */
export function seeded(seed: number): () => number {
  let state = seed % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
