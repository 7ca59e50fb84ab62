// A gateway in a process of its own, with a receiver behind it and people who agreed: what measures it sends campaigns through it.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import {
  createWorkplace,
  sekisho,
  startGatewayProcess,
  type GatewayProcess,
} from "../../test/support/gateway-process.ts";
import { campaignMail } from "../mails/campaign.ts";
import { send } from "./load.ts";

export interface UnderLoad extends AsyncDisposable {
  readonly gateway: GatewayProcess;
  /**
   * Sends `messages` of a campaign to `recipientsEach` people each, none of whom got one before, and resolves once the
   * receiver has them all. Throws where one is refused, lost or doubled.
   */
  readonly campaign: (messages: number, recipientsEach: number) => Promise<void>;
}

export interface LoadShape {
  readonly octets: number;
  readonly connections: number;
  /** With consent on record: as many as all campaigns together reach. */
  readonly people: number;
  readonly environment?: Readonly<Record<string, string>>;
}

const pollMs = 100;
const pollsMax = 600;

export async function startUnderLoad(shape: LoadShape): Promise<UnderLoad> {
  await using stack = new AsyncDisposableStack();
  const receiver = new Worker(new URL("./receiver.ts", import.meta.url));
  stack.defer(async () => void (await receiver.terminate()));
  const [receiverPort] = (await once(receiver, "message")) as [number];
  const workplace = stack.use(
    createWorkplace(`
smtp:
  listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }]
  max_connections_per_address: 1000
http: { host: 127.0.0.1, port: 0 }
delivery:
  routes: [{ domain: "*", via: "smtp://127.0.0.1:${receiverPort}" }]
  max_messages_per_connection: 100000
`),
  );
  await consentOf(shape.people, workplace.folder, workplace.configFile);
  const gateway = await startGatewayProcess(workplace.configFile, { ...shape.environment });
  stack.defer(async () => void (await gateway.stop("SIGTERM")));
  let sent = 0;
  let reached = 0;
  const parts = stack.move();
  return {
    gateway,
    campaign: async (messages, recipientsEach) => {
      const [firstMessage, firstPerson] = [sent, reached];
      sent += messages;
      reached += messages * recipientsEach;
      await send({
        port: gateway.smtpPorts[0] ?? 0,
        connections: Math.min(shape.connections, messages),
        messages,
        mail: (n) => {
          const first = firstPerson + n * recipientsEach;
          const recipients = Array.from({ length: recipientsEach }, (_, at) => person(first + at));
          const [to = ""] = recipients;
          return { recipients, content: campaignMail(shape.octets, firstMessage + n, to) };
        },
      });
      await untilTaken(receiver, reached);
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

const person = (n: number): string => `u${n}@example.com`;

async function consentOf(people: number, folder: string, configFile: string): Promise<void> {
  const file = join(folder, "consents.csv");
  const rows = Array.from(
    { length: people },
    (_, n) =>
      `${person(n)},sample,news,consent,2026-01-05T00:00:00+09:00,web-form,https://www.example.jp/`,
  );
  writeFileSync(file, ["email,sender,topic,basis,granted_at,method,source", ...rows].join("\n"));
  const result = await sekisho(configFile, "consent", "import", file);
  if (result.code !== 0) throw new Error(result.stderr);
}

async function untilTaken(receiver: Worker, expected: number): Promise<void> {
  let taken = 0;
  for (let polls = 0; taken < expected && polls < pollsMax; polls += 1) {
    receiver.postMessage("count");
    [taken] = (await once(receiver, "message")) as [number];
    if (taken < expected) await sleep(pollMs);
  }
  if (taken !== expected) throw new Error(`${expected} were taken, ${taken} were delivered`);
}
