// Prints what a message costs, CPU by thread and by room of the house: a gateway in a process of its own under load, V8's
// profiler in each of its threads. Linux only (proc(5)).
//   node scripts/profile-stages.ts [--octets 4096] [--messages 4000] [--warm 3000] [--connections 20]
import { once } from "node:events";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";

import {
  createWorkplace,
  sekisho,
  startGatewayProcess,
  type GatewayProcess,
} from "../test/support/gateway-process.ts";
import { campaignMail } from "./mails/campaign.ts";
import { send } from "./profile/load.ts";
import { readStages, threadTimes } from "./profile/stages.ts";

const { values } = parseArgs({
  options: {
    octets: { type: "string", default: "4096" },
    messages: { type: "string", default: "4000" },
    warm: { type: "string", default: "3000" },
    connections: { type: "string", default: "20" },
  },
});
const [octets, messages, warm, connections] = [
  values.octets,
  values.messages,
  values.warm,
  values.connections,
].map(Number) as [number, number, number, number];

const others: Readonly<Record<string, string | undefined>> = {
  "libuv-worker": "signatures (libuv)",
  V8Worker: "engine: compiler and collector",
};

const profiles = mkdtempSync(join(tmpdir(), "sekisho-profile-"));
const receiver = new Worker(new URL("./profile/receiver.ts", import.meta.url));
const [receiverPort] = (await once(receiver, "message")) as [number];
using workplace = createWorkplace(`
smtp:
  listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }]
  max_connections_per_address: 1000
http: { host: 127.0.0.1, port: 0 }
delivery:
  routes: [{ domain: "*", via: "smtp://127.0.0.1:${receiverPort}" }]
  max_messages_per_connection: 100000
`);
await consentOf(warm + messages);
const gateway = await startGatewayProcess(workplace.configFile, {
  NODE_OPTIONS: `--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${profiles}`,
});
await run(0, warm);
const before = times(gateway);
const from = Number(process.hrtime.bigint() / 1000n);
await run(warm, messages);
const to = Number(process.hrtime.bigint() / 1000n);
const after = times(gateway);
await gateway.stop("SIGTERM");
report();
await receiver.terminate();

async function consentOf(people: number): Promise<void> {
  const file = join(workplace.folder, "consents.csv");
  const rows = Array.from(
    { length: people },
    (_, n) =>
      `u${n}@example.com,sample,news,consent,2026-01-05T00:00:00+09:00,web-form,https://www.example.jp/`,
  );
  writeFileSync(file, ["email,sender,topic,basis,granted_at,method,source", ...rows].join("\n"));
  const result = await sekisho(workplace.configFile, "consent", "import", file);
  if (result.code !== 0) throw new Error(result.stderr);
}

/** Sends them and waits until the receiver has them all. */
async function run(first: number, count: number): Promise<void> {
  const mail = (n: number): { recipient: string; content: Buffer } => {
    const recipient = `u${first + n}@example.com`;
    return { recipient, content: campaignMail(octets, first + n, recipient) };
  };
  await send({ port: gateway.smtpPorts[0] ?? 0, connections, messages: count, mail });
  let taken = 0;
  for (let polls = 0; taken < first + count && polls < 600; polls += 1) {
    receiver.postMessage("count");
    [taken] = (await once(receiver, "message")) as [number];
    await sleep(100);
  }
  if (taken !== first + count)
    throw new Error(`${first + count} were taken, ${taken} were delivered`);
}

function times({ child }: GatewayProcess): ReturnType<typeof threadTimes> {
  const pid = child.pid ?? 0;
  return threadTimes(pid, readdirSync(`/proc/${pid}/task`));
}

function report(): void {
  const spent = new Map<string, number>();
  for (const [thread, { name, milliseconds }] of after) {
    if (name.startsWith("v8:Prof")) continue; // the profiler itself
    const used = milliseconds - (before.get(thread)?.milliseconds ?? 0);
    spent.set(name, (spent.get(name) ?? 0) + used);
  }
  const total = [...spent.values()].reduce((sum, used) => sum + used, 0);
  const each = (milliseconds: number): string => (milliseconds / messages).toFixed(3);
  console.log(
    `${messages} messages of ${campaignMail(octets, 0, "u0@example.com").length} octets behind ${warm} to warm up, ` +
      `${connections} connections, ${availableParallelism()} cores, load average ${loadavg()[0]?.toFixed(1) ?? ""}\n`,
  );
  console.log("| CPU-ms a message | thread | of it |\n| --- | --- | --- |");
  console.log(`| ${each(total)} | all | |`);
  const stages = readdirSync(profiles)
    .map((file) => readStages(join(profiles, file), from, to))
    .filter((stage) => stage !== undefined);
  const profiled = { main: "MainThread", "storage writer": "storage-writer", judging: "judgeTask" };
  for (const { thread, shares } of stages) {
    const used = spent.get(profiled[thread]) ?? 0;
    console.log(`| ${each(used)} | ${thread} | |`);
    for (const [room, share] of shares)
      if (share >= 0.01) console.log(`| | ${room} | ${each(used * share)} |`);
    spent.delete(profiled[thread]);
  }
  for (const [name, used] of [...spent].toSorted(([, left], [, right]) => right - left))
    if (used > 0) console.log(`| ${each(used)} | ${others[name] ?? name} | |`);
}
