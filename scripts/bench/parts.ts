// What the parts of a gateway cost by themselves, each done by a library, beside all of Sekisho, in turn: CPU milliseconds a message.
//   npm run bench:parts -- [--rounds 3]          Needs what scripts/bench/README.md names.
import { execFileSync, fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { median } from "../median.ts";
import { wholeNumber } from "../whole-number.ts";

/** What a part is asked for; `port`: of the receiver. */
export interface Order {
  readonly count: number;
  readonly port: number;
  readonly connections: number;
}

/** What a part says: where it listens, or its processor time so far. */
export type Did = { readonly port: number } | { readonly cpuMilliseconds: number };

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
const rounds = wholeNumber("rounds", values.rounds);

const home = import.meta.dirname;
const folder = process.env["BENCH_WORK"] ?? "/var/tmp/sekisho-bench";
const data = join(folder, "data");
const connections = 20;
const warmUp = 5000;
const receiverPort = 2527; // beside those of bench.py
const sizes = [
  { name: "4 KB", file: join(data, "msg4k.eml"), scenario: "plain4k", count: 5000 },
  { name: "50 KB", file: join(data, "msg50k.eml"), scenario: "plain50k", count: 2000 },
] as const;
const rows = [
  ["take", "taken by smtp-server and written to a file, one `fdatasync` for many"],
  ["sign", "signed: one RSA-2048 signature"],
  ["send", "sent by nodemailer over twenty connections with STARTTLS that stay open"],
  ["store", "one row in SQLite, fifty a transaction"],
] as const;
type Part = (typeof rows)[number][0];

const setting = execFileSync(process.execPath, [join(home, "../bench-signature.ts"), "--setting"], {
  encoding: "utf8",
});
const environment = {
  ...process.env,
  BENCH_WORK: folder,
  ...(setting === "" ? {} : { OPENSSL_ia32cap: setting }),
};
const scratch = mkdtempSync(join(tmpdir(), "sekisho-parts-"));
const results = join(scratch, "results.jsonl");
bench("setup", "sekisho");
const measured = new Map<string, number[]>();
try {
  for (let round = 1; round <= rounds; round += 1)
    for (const size of sizes) {
      for (const [part] of rows) note(`${part} ${size.name}`, await measure(part, size));
      note(`whole ${size.name}`, whole(size.scenario));
    }
  report();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function note(name: string, milliseconds: number): void {
  process.stderr.write(`${name}: ${milliseconds.toFixed(3)} CPU-ms\n`);
  measured.set(name, [...(measured.get(name) ?? []), milliseconds]);
}

function bench(...args: readonly string[]): void {
  execFileSync(join(home, "bench.py"), args, {
    env: { ...environment, BENCH_RESULTS: results },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** All of the gateway, as `npm run bench` measures it. */
function whole(scenario: string): number {
  bench("run", "sekisho", "-n", "1", "--warm", "8000", "-s", scenario);
  const last = readFileSync(results, "utf8").trim().split("\n").at(-1) ?? "";
  return (JSON.parse(last) as { readonly cpu_s_per_1000: number }).cpu_s_per_1000;
}

/** Behind some thousands that are not counted, as for the gateway: V8 compiles what runs often. */
async function measure(
  part: Part,
  { file, count }: { readonly file: string; readonly count: number },
): Promise<number> {
  const input = {
    take: join(scratch, "taken"),
    sign: join(data, "dkim.pem"),
    send: file,
    store: join(scratch, "rows.db"),
  }[part];
  const child = fork(new URL("./part.ts", import.meta.url), [part, input], { env: environment });
  const receiver = part === "send" ? startReceiver() : undefined;
  try {
    const port = part === "take" ? ((await said(child)) as { readonly port: number }).port : 0;
    if (receiver !== undefined) await sleep(500);
    const used: number[] = [];
    for (const [times, first] of [
      [warmUp, 1],
      [count, warmUp + 1],
    ] as const) {
      if (part === "take") generate(port, file, times, first);
      child.send({ count: times, port: receiverPort, connections } satisfies Order);
      used.push(((await said(child)) as { readonly cpuMilliseconds: number }).cpuMilliseconds);
    }
    const [warm = 0, all = 0] = used;
    return (all - warm) / count;
  } finally {
    const exit = once(child, "exit");
    child.disconnect();
    await exit;
    receiver?.kill();
  }
}

async function said(child: ChildProcess): Promise<Did> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`a part ended with ${String(code)}`);
  });
  const [did] = (await Promise.race([once(child, "message"), ended])) as [Did];
  return did;
}

function generate(port: number, file: string, count: number, first: number): void {
  const options = [
    "-a",
    `127.0.0.1:${port}`,
    "-c",
    connections,
    "-n",
    count,
    "-i",
    first,
    "-f",
    file,
  ];
  execFileSync(join(home, "src/gen"), [...options, "-t", "60"].map(String));
}

function startReceiver(): ChildProcess {
  const pair = ["-C", join(data, "sink.crt"), "-K", join(data, "sink.key"), "-T"];
  const ports = ["-l", `127.0.0.1:${receiverPort}`, "-c", String(receiverPort + 1)];
  return spawn(join(home, "src/sink"), [...ports, ...pair], { stdio: "ignore" });
}

function report(): void {
  const of = (name: string): number => median(measured.get(name) ?? []);
  const line = (text: string, figure: (size: string) => number): void => {
    console.log(`| ${text} | ${sizes.map(({ name }) => figure(name).toFixed(2)).join(" | ")} |`);
  };
  console.log(`CPU-ms a message, medians of ${rounds}\n`);
  console.log(`| | ${sizes.map(({ name }) => name).join(" | ")} |\n|---|---|---|`);
  for (const [part, text] of rows) line(text, (size) => of(`${part} ${size}`));
  const together = (size: string): number =>
    rows.reduce((sum, [part]) => sum + of(`${part} ${size}`), 0);
  line("together", together);
  line("Sekisho", (size) => of(`whole ${size}`));
  line("Sekisho to the parts together", (size) => of(`whole ${size}`) / together(size));
}
