// Measures the ledger at scale: look-ups as RCPT asks them, opt-outs, an import beside both; the file's size.
// node scripts/bench-ledger.ts [--people 10000000] [--rows 1000000]; the data set is built once and kept in the temporary folder.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, readdirSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";

import { StorageUnavailable } from "../src/audit/unavailable.ts";
import { loadConfig } from "../src/config/load.ts";
import type { Ledger, NewConsent } from "../src/consent/ledger.ts";
import { openOffice, type Office } from "../src/office.ts";
import { ensureDataSet } from "./ledger/data-set.ts";
import { evidence, optOut, person } from "./ledger/people.ts";
import {
  diskOctets,
  figuresOf,
  latest,
  signatureMicroseconds,
  type ProcessFigures,
} from "./process-figures.ts";
import { wholeNumber } from "./whole-number.ts";

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "10000000" },
    rows: { type: "string", default: "1000000" },
  },
});
const people = wholeNumber("people", values.people);
const rows = wholeNumber("rows", values.rows);

const lookUps = 50_000; // one after the other
const runLength = 200; // of those in runs, ten times a second
const runEveryMilliseconds = 100;
const pacedSeconds = 6; // a thousand a second, as a busy gateway asks
const optOutEveryMilliseconds = 25;

let refused = 0; // opt-outs for which the lock was not to be had in time
let number = 12_345; // whom the next question is about

tellMachine();
const set = await ensureDataSet(join(tmpdir(), `sekisho-bench-ledger-${people}`), people, report);
// As the gateway's own process: it asks and writes, the import is another one beside it.
await using office = await openOffice(loadConfig(set.configFile), { role: "gateway" });
report("people", people);
report("file_megabytes", Math.round(fileBytes() / 1e6));
// As it lies there first: what the system has let go of its file meanwhile, each look-up has the disk read again.
await askInARow("as_found");
await readWholeFile();
await askInARow("idle");
await measure("idle", () => until(pacedSeconds));
await measure("beside_two_busy_loops", besideBusyLoops);
await measureImport();
report("file_megabytes_after_import", Math.round(fileBytes() / 1e6));

function report(name: string, value: number | string): void {
  process.stdout.write(`${name} ${value}\n`);
}

function tellTimes(name: string, times: readonly number[]): void {
  const sorted = Float64Array.from(times).toSorted();
  const at = (share: number): number =>
    Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 1000);
  report(`${name}_p50_microseconds`, at(0.5));
  report(`${name}_p99_microseconds`, at(0.99));
  report(`${name}_worst_microseconds`, at(0.999_999));
}

/** Of people all over the data set, a fifth of them strangers. */
function somebody(): number {
  number = (number * 48_271) % 2_147_483_647;
  return number % 5 === 0 ? people * 3 + number : number % people;
}

/** Milliseconds from the address to the answer, its two keyed indexes included. */
async function ask({ storage, indexer }: Office, who: number): Promise<number> {
  const address = person(who);
  const start = performance.now();
  await storage.ledger.lookUp({
    subject: indexer.address(address),
    domain: indexer.domain(address.domain),
    sender: "sample",
    stream: "newsletter",
    topic: "news",
    now: new Date(),
  });
  return performance.now() - start;
}

async function askInARow(name: string): Promise<void> {
  const before = diskOctets();
  const times: number[] = [];
  for (let n = 0; n < lookUps; n += 1) times.push(await ask(office, somebody()));
  tellTimes(`look_up_${name}`, times);
  report(`look_up_${name}_disk_octets_each`, Math.round((diskOctets() - before) / lookUps));
}

function until(seconds: number): () => boolean {
  const end = performance.now() + seconds * 1000;
  return () => performance.now() < end;
}

/** Look-ups one after the other and paced, and opt-outs, as long as `begin`'s answer says that it goes on. */
async function measure(
  name: string,
  begin: () => (() => boolean) & Partial<Disposable>,
): Promise<void> {
  const goesOn = begin();
  const before = diskOctets();
  const inRuns: number[] = [];
  const paced: number[] = [];
  const optedOut: number[] = [];
  await Promise.all([
    askInRuns(office, goesOn, inRuns),
    askAtPace(office, goesOn, paced),
    optOutAtPace(office, goesOn, optedOut),
  ]);
  goesOn[Symbol.dispose]?.();
  tellTimes(`look_up_in_runs_${name}`, inRuns);
  tellTimes(`look_up_paced_${name}`, paced);
  const asked = inRuns.length + paced.length + optedOut.length;
  report(`look_up_paced_${name}_disk_octets_each`, Math.round((diskOctets() - before) / asked));
  tellTimes(`opt_out_commit_${name}`, optedOut);
  report(`opt_out_refused_${name}`, refused);
  refused = 0;
}

/** One after the other, again and again, with room in between for what else is measured. */
async function askInRuns(made: Office, goesOn: () => boolean, times: number[]): Promise<void> {
  while (goesOn()) {
    for (let n = 0; n < runLength; n += 1) times.push(await ask(made, somebody()));
    await wait(runEveryMilliseconds);
  }
}

async function askAtPace(made: Office, goesOn: () => boolean, times: number[]): Promise<void> {
  while (goesOn()) {
    times.push(await ask(made, somebody()));
    await wait(1);
  }
}

/** How long another writer's commit takes; each must be in force at the next look-up. */
async function optOutAtPace(
  { storage, indexer }: Office,
  goesOn: () => boolean,
  times: number[],
): Promise<void> {
  while (goesOn()) {
    const consent = optOut(indexer, somebody() % people);
    const start = performance.now();
    if (!(await isRecorded(storage.ledger, consent))) continue;
    times.push(performance.now() - start);
    const { subject } = consent.event;
    const domain = indexer.domain(consent.address.domain);
    const about = { subject, domain, sender: "sample", stream: "newsletter", topic: "news" };
    const { standing } = await storage.ledger.lookUp({ ...about, now: new Date() });
    if (standing.kind !== "withdrawn") throw new Error("an opt-out was not in force at once");
    await wait(optOutEveryMilliseconds);
  }
}

/** False where the lock was not to be had in time: a client would get 451 and come back. */
async function isRecorded(ledger: Ledger, consent: NewConsent): Promise<boolean> {
  try {
    await ledger.recordConsents([consent]);
    return true;
  } catch (error) {
    if (!(error instanceof StorageUnavailable && error.kind === "busy")) throw error;
    refused += 1;
    return false;
  }
}

/** The control: what the same questions cost where two other processes compute and none touches the ledger. */
function besideBusyLoops(): (() => boolean) & Disposable {
  const loops = [0, 1].map(() => spawn(process.execPath, ["-e", "for (;;);"]));
  return Object.assign(until(pacedSeconds), {
    [Symbol.dispose]: () => {
      for (const loop of loops) loop.kill();
    },
  });
}

async function measureImport(): Promise<void> {
  const file = join(set.folder, "import.csv");
  await writeTable(file);
  const start = performance.now();
  const main = join(import.meta.dirname, "../src/main.ts");
  const child = spawn(
    process.execPath,
    [main, "consent", "import", file, "--config", set.configFile],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let figures: ProcessFigures | undefined;
  const watch = setInterval(() => {
    figures = latest(figures, figuresOf(child.pid ?? 0));
  }, 100);
  let answer = "";
  child.stdout.on("data", (chunk: Buffer) => {
    answer += chunk.toString();
  });
  const ended = once(child, "exit").then(() => performance.now());
  await measure("beside_import", () => () => isRunning(child));
  const seconds = ((await ended) - start) / 1000;
  clearInterval(watch);
  rmSync(file);
  const { recorded } = JSON.parse(answer) as { readonly recorded: number };
  report("import_rows", recorded);
  report("import_rows_per_second", Math.round(recorded / seconds));
  report("import_peak_megabytes", Math.round((figures?.peakKilobytes ?? 0) / 1000));
  for (const [thread, microseconds] of figures?.cpu ?? [])
    if (microseconds > recorded / 10)
      report(`import_cpu_microseconds_a_row_${thread}`, (microseconds / recorded).toFixed(1));
  tellMachine();
}

/** How quick the machine is just now, and how many want it. */
function tellMachine(): void {
  report("machine_rsa2048_signature_microseconds", signatureMicroseconds());
  report("machine_load_average", (loadavg()[0] ?? 0).toFixed(1));
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** People who are new, other ones in each run. */
async function writeTable(file: string): Promise<void> {
  const first = people * 10 + (Math.floor(Date.now() / 1000) % 1_000_000) * 10_000_000;
  const out = createWriteStream(file);
  out.write("email,sender,topic,basis,granted_at,method,source,wording,evidence,expires_at\n");
  for (let row = 0; row < rows; row += 1) {
    const at = new Date(1.7e12 + row * 1000).toISOString();
    const { text } = person(first + row);
    const line = `${text},sample,news,consent,${at},${evidence.method},${evidence.source},"${evidence.wording}",,\n`;
    if (!out.write(line)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

/** Into the system's memory, where a gateway's questions keep it as far as there is room. */
async function readWholeFile(): Promise<void> {
  const file = join(set.folder, "data", "sekisho.db");
  for await (const octets of createReadStream(file, { highWaterMark: 1 << 20 })) void octets;
}

function fileBytes(): number {
  const data = join(set.folder, "data");
  return readdirSync(data)
    .map((name) => statSync(join(data, name)).size)
    .reduce((sum, size) => sum + size, 0);
}
