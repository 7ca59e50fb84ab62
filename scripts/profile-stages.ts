// Prints what a message costs, CPU by thread and by room of the house: a gateway in a process of its own under load, V8's
// profiler in each of its threads. Linux only (proc(5)).
//   node scripts/profile-stages.ts [--octets 4096] [--messages 4000] [--warm 3000] [--connections 20]
import { mkdtempSync, readdirSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { cpuBetween, figuresOf } from "./process-figures.ts";
import { campaignMail } from "./mails/campaign.ts";
import { readStages } from "./profile/stages.ts";
import { startUnderLoad } from "./profile/under-load.ts";
import { wholeNumber } from "./whole-number.ts";

const { values } = parseArgs({
  options: {
    octets: { type: "string", default: "4096" },
    messages: { type: "string", default: "4000" },
    warm: { type: "string", default: "3000" },
    connections: { type: "string", default: "20" },
  },
});
const octets = wholeNumber("octets", values.octets);
const messages = wholeNumber("messages", values.messages);
const warm = wholeNumber("warm", values.warm, 0);
const connections = wholeNumber("connections", values.connections);

const others: Readonly<Record<string, string | undefined>> = {
  "libuv-worker": "signatures (libuv)",
  V8Worker: "engine: compiler and collector",
};

const profiles = mkdtempSync(join(tmpdir(), "sekisho-profile-"));
await using load = await startUnderLoad({
  octets,
  connections,
  people: warm + messages,
  environment: {
    NODE_OPTIONS: `--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${profiles}`,
  },
});
const { gateway } = load;
await load.campaign(warm, 1);
const before = figuresOf(gateway.child.pid ?? 0);
const from = Number(process.hrtime.bigint() / 1000n);
await load.campaign(messages, 1);
const to = Number(process.hrtime.bigint() / 1000n);
const after = figuresOf(gateway.child.pid ?? 0);
await gateway.stop("SIGTERM");
report();

function report(): void {
  const spent = new Map(
    [...cpuBetween(before, after)].filter(([name]) => !name.startsWith("v8:Prof")), // the profiler itself
  );
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
