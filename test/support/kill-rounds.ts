// Kills a gateway at random under load, again and again, and tells what became of every message it had acknowledged.
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { createTransport } from "nodemailer";

import { newsletter } from "../../src/demo/messages.ts";
import { startReceiver, type Receiver } from "../../src/demo/receiver.ts";
import { selfSignedCertificate } from "../../src/smtp/certificate.ts";
import {
  createWorkplace,
  runProgram,
  startGatewayProcess,
  type GatewayProcess,
  type Workplace,
} from "./gateway-process.ts";

export interface KillPlan {
  readonly rounds: number;
  readonly seed: number;
  /** Another copy of main.ts than the one here. */
  readonly main?: string;
  /** Called after each round, with a balance: who was acknowledged and is in no state at all is lost. */
  readonly progress?: (balance: RoundBalance) => void;
}

export interface RoundBalance {
  readonly round: number;
  readonly acknowledged: number;
  readonly states: Readonly<Record<string, number>>;
  readonly missing: readonly string[];
}

export interface KillBalance {
  readonly acknowledged: number;
  /** Acknowledged, and neither did the receiver get them nor do they wait for a person (threats.md row 49). */
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

const here = resolve(import.meta.dirname, "../../src/main.ts");
const clients = 6;
const sendsPerRound = 60;

export async function killRounds(plan: KillPlan): Promise<KillBalance> {
  const { rounds, seed, progress, main = here } = plan;
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
  await consentFor(main, workplace, rounds * (sendsPerRound + clients));
  const acknowledged = new Set<string>();
  const random = seeded(seed);
  let number = 0;
  const next = (): string => {
    number += 1;
    return `u${number}@example.com`;
  };
  for (let round = 1; round <= rounds; round += 1) {
    const killAfter = 5 + Math.floor(random() * (sendsPerRound - 10));
    const gateway = await startGatewayProcess(workplace.configFile, {}, main);
    await oneRound(gateway, killAfter, next, acknowledged);
    if (progress === undefined) continue;
    const { states, recipients } = await queueNow(main, workplace);
    const missing = [...acknowledged].filter((to) => !recipients.has(to));
    progress({ round, acknowledged: acknowledged.size, states, missing });
  }

  const gateway = await startGatewayProcess(workplace.configFile, {}, main);
  const { states, recipients } = await untilSettled(main, workplace, receiver);
  const lastExit = await gateway.stop("SIGTERM");
  const copies = new Map<string, number>();
  for (const mail of receiver.mails) copies.set(mail.to, (copies.get(mail.to) ?? 0) + 1);
  const verify = await runProgram(main, workplace.configFile, "audit", "verify");
  return {
    acknowledged: acknowledged.size,
    missing: [...acknowledged].filter((to) => !copies.has(to) && recipients.get(to) !== "paused"),
    doubled: [...copies.values()].filter((count) => count > 1).length,
    uncertain: await countUncertain(main, workplace),
    states,
    received: copies.size,
    audit: verify.json()[0]?.["kind"],
    lastExit,
  };
}

/** Clients send until the gateway is killed, after `killAfter` messages were begun. */
async function oneRound(
  gateway: GatewayProcess,
  killAfter: number,
  next: () => string,
  acknowledged: Set<string>,
): Promise<void> {
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

async function consentFor(main: string, workplace: Workplace, people: number): Promise<void> {
  const rows = Array.from(
    { length: people },
    (_, index) =>
      `u${index + 1}@example.com,sample,news,consent,2026-01-05T00:00:00+09:00,web-form,https://www.example.jp/signup`,
  );
  const file = join(workplace.folder, "consents.csv");
  writeFileSync(file, `email,sender,topic,basis,granted_at,method,source\n${rows.join("\n")}\n`);
  const result = await runProgram(main, workplace.configFile, "consent", "import", file);
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
  main: string,
  workplace: Workplace,
  receiver: Receiver,
): Promise<Queued> {
  const deadline = performance.now() + 90_000;
  for (;;) {
    const queued = await queueNow(main, workplace);
    const isSettled = Object.keys(queued.states).every((state) =>
      ["delivered", "paused"].includes(state),
    );
    if (isSettled || performance.now() > deadline) return queued;
    await receiver.changed();
  }
}

interface Queued {
  readonly states: Readonly<Record<string, number>>;
  /** State of each recipient. */
  readonly recipients: ReadonlyMap<string, string>;
}

/** Every recipient of the queue, whatever became of it, and how many are in which state. */
async function queueNow(main: string, { configFile }: Workplace): Promise<Queued> {
  const list = await runProgram(main, configFile, "queue", "list", "--all", "--limit", "100000");
  const states: Record<string, number> = {};
  const recipients = new Map<string, string>();
  for (const entry of list.json()) {
    states[String(entry["state"])] = (states[String(entry["state"])] ?? 0) + 1;
    recipients.set(String(entry["recipient"]), String(entry["state"]));
  }
  return { states, recipients };
}

/** Attempts whose end nobody knows: the process died between lease and settlement. */
async function countUncertain(main: string, { configFile }: Workplace): Promise<number> {
  const events = await runProgram(main, configFile, "log", "search", "--limit", "1000000");
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
