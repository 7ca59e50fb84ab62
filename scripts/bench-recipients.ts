// What a recipient costs where one message goes to several: campaigns of 1, 10 and 100 recipients a message take turns at one
// gateway in a process of its own. Linux only (proc(5)).
//   npm run bench:recipients -- [--octets 4096] [--people 3000] [--rounds 3] [--connections 20]
import { parseArgs } from "node:util";

import { cpuBetween, figuresOf, signatureMicroseconds } from "./process-figures.ts";
import { median } from "./median.ts";
import { startUnderLoad } from "./profile/under-load.ts";
import { wholeNumber } from "./whole-number.ts";

const { values } = parseArgs({
  options: {
    octets: { type: "string", default: "4096" },
    people: { type: "string", default: "3000" }, // reached by each campaign
    rounds: { type: "string", default: "3" },
    connections: { type: "string", default: "20" },
  },
});
const people = wholeNumber("people", values.people, 100);
const rounds = wholeNumber("rounds", values.rounds);
const shapes = [1, 10, 100]; // 100: as many as `smtp.max_recipients` allows by itself
const warmUps = 2; // behind some 6000 messages the engine has compiled what runs for each
if (people % 100 !== 0) {
  console.error(
    `--people ${values.people}: give a multiple of 100, so that each message has as many`,
  );
  process.exit(2);
}

interface Measured {
  readonly deliveredASecond: number;
  /** CPU-ms a recipient, by name of thread. */
  readonly cpu: ReadonlyMap<string, number>;
  /** CPU-ms a recipient of this process: receiver and sender. */
  readonly ownCpu: number;
}

const rows = new Map(shapes.map((each) => [each, [] as Measured[]]));
await using load = await startUnderLoad({
  octets: wholeNumber("octets", values.octets),
  connections: wholeNumber("connections", values.connections),
  people: people * shapes.length * (warmUps + rounds),
});
const signatureBefore = signatureMicroseconds();
for (let round = -warmUps; round < rounds; round += 1)
  for (const each of shapes) {
    const measured = await measure(each);
    process.stderr.write(`${each} a message: ${measured.deliveredASecond.toFixed(0)} a second\n`);
    if (round >= 0) rows.get(each)?.push(measured);
  }
report();

async function measure(recipientsEach: number): Promise<Measured> {
  const before = figures();
  const begin = performance.now();
  const own = process.cpuUsage();
  await load.campaign(people / recipientsEach, recipientsEach);
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(own);
  const cpu = [...cpuBetween(before, figures())].map(
    ([thread, milliseconds]) => [thread, milliseconds / people] as const,
  );
  return {
    deliveredASecond: people / seconds,
    cpu: new Map(cpu),
    ownCpu: (user + system) / 1000 / people,
  };
}

function figures(): ReturnType<typeof figuresOf> {
  return figuresOf(load.gateway.child.pid ?? 0);
}

function report(): void {
  const threads = ["MainThread", "storage-writer", "judgeTask", "libuv-worker", "V8Worker"];
  console.log(
    `${people} recipients a campaign, messages of ${values.octets} octets, ${values.connections} connections, medians of ` +
      `${rounds} rounds; a signature took ${signatureBefore} us before and ${signatureMicroseconds()} behind\n`,
  );
  console.log(
    `| recipients a message | delivered a second | CPU-ms a recipient | ${threads.join(" | ")} | receiver and sender |`,
  );
  console.log(`| --- | --- | --- |${" --- |".repeat(threads.length + 1)}`);
  for (const [each, all] of rows) {
    const rate = median(all.map(({ deliveredASecond }) => deliveredASecond));
    const sum = median(all.map(({ cpu }) => [...cpu.values()].reduce((a, b) => a + b, 0)));
    const own = median(all.map(({ ownCpu }) => ownCpu));
    const of = threads.map((thread) => median(all.map(({ cpu }) => cpu.get(thread) ?? 0)));
    console.log(
      `| ${[each, rate.toFixed(0), sum.toFixed(2), ...[...of, own].map((ms) => ms.toFixed(2))].join(" | ")} |`,
    );
  }
}
