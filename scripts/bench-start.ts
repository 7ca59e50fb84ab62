// How long a gateway takes from its command to its first listener, and what that costs; another copy of Sekisho in turn.
//   npm run bench:start -- [--times 8] [--beside <folder of another checkout, installed>]
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { createWorkplace, startGatewayProcess } from "../test/support/gateway-process.ts";
import { figuresOf } from "./process-figures.ts";
import { median } from "./median.ts";
import { wholeNumber } from "./whole-number.ts";

const { values } = parseArgs({
  options: { times: { type: "string", default: "8" }, beside: { type: "string" } },
});
const times = wholeNumber("times", values.times);
const copies = [
  resolve(import.meta.dirname, ".."),
  ...(values.beside === undefined ? [] : [values.beside]),
];

interface Start {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly peakMegabytes: number;
  readonly cpuMsByThread: Readonly<Record<string, number>>;
}

const starts = new Map(copies.map((copy) => [copy, [] as Start[]]));
using workplace = createWorkplace(`
smtp: { listeners: [{ host: 127.0.0.1, port: 0, tls: optional, auth: none, allow: ["127.0.0.0/8"], stream: newsletter }] }
http: { host: 127.0.0.1, port: 0 }
dns: { on_failure: off }
`);
// Each copy's first makes keys and compiles code: it does not count.
for (let round = 0; round <= times; round += 1)
  for (const copy of copies) {
    const start = await startOnce(join(copy, "src/main.ts"));
    if (round === 0) continue;
    starts.get(copy)?.push(start);
    process.stderr.write(`${copy}: ${start.readyMs} ms\n`);
  }
for (const [copy, all] of starts) {
  const names = new Set(all.flatMap(({ cpuMsByThread }) => Object.keys(cpuMsByThread)));
  const byThread = [...names]
    .map(
      (name) => [name, median(all.map(({ cpuMsByThread }) => cpuMsByThread[name] ?? 0))] as const,
    )
    .filter(([, milliseconds]) => milliseconds >= 10);
  const figures = {
    copy,
    starts: all.length,
    readyMs: median(all.map(({ readyMs }) => readyMs)),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
    cpuMsByThread: Object.fromEntries(byThread),
    peakMegabytes: median(all.map(({ peakMegabytes }) => peakMegabytes)),
  };
  console.log(JSON.stringify(figures, undefined, 2));
}

async function startOnce(program: string): Promise<Start> {
  const begin = performance.now();
  const gateway = await startGatewayProcess(workplace.configFile, {}, program);
  const readyMs = Math.round(performance.now() - begin);
  const used = figuresOf(gateway.child.pid ?? 0);
  await gateway.stop("SIGTERM");
  const cpu = [...(used?.cpu ?? [])].map(([name, us]) => [name, us / 1000] as const);
  return {
    readyMs,
    cpuMs: cpu.reduce((sum, [, milliseconds]) => sum + milliseconds, 0),
    peakMegabytes: Math.round((used?.peakKilobytes ?? NaN) / 1024),
    cpuMsByThread: Object.fromEntries(cpu),
  };
}
