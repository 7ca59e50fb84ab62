// Measures the ledger at scale: look-ups as RCPT asks them, idle and beside an import; the import; the file's size.
// node scripts/bench-ledger.ts [--people 10000000] [--rows 1000000]; the data set is built once and kept in the temporary folder.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";

import { loadConfig } from "../src/config/load.ts";
import type { Indexer } from "../src/consent/address-index.ts";
import type { Basis } from "../src/consent/event.ts";
import type { Ledger, NewConsent } from "../src/consent/ledger.ts";
import { parseAddress, type Address } from "../src/mail/address.ts";
import { openOffice, type Office } from "../src/office.ts";

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "10000000" },
    rows: { type: "string", default: "1000000" },
  },
});
const people = Number(values.people);
const rows = Number(values.rows);
const folder = join(tmpdir(), `sekisho-bench-ledger-${people}`);
const configFile = join(folder, "gateway.yaml");
const complete = join(folder, "complete");

const lookUps = 50_000;
const batchRows = 8000;
const domains = 997; // recipients' domains
const evidence = {
  method: "web-form",
  source: "https://www.example.jp/form",
  wording: "お知らせメールを受け取ります",
};

if (!existsSync(complete)) await build();
await using office = await openOffice(loadConfig(configFile));
report("people", people);
report("file_megabytes", Math.round(fileBytes() / 1e6));
await measureLookUps(office, "warm-up", () => false);
await measureLookUps(office, "idle", () => false);
await measureImport(office);
report("file_megabytes_after_import", Math.round(fileBytes() / 1e6));

function report(name: string, value: number | string): void {
  process.stdout.write(`${name} ${value}\n`);
}

async function build(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(configFile, gatewayYaml());
  await using made = await openOffice(loadConfig(configFile));
  const start = performance.now();
  const buckets = numbersByKey(made.indexer);
  const pending = new Set<Promise<unknown>>();
  for (const [place, numbers] of buckets.entries()) {
    const consents = [...numbers].flatMap((number) => eventsOf(made.indexer, number));
    for (let first = 0; first < consents.length; first += batchRows) {
      const task = made.storage.ledger.recordConsents(consents.slice(first, first + batchRows));
      pending.add(task);
      void task.finally(() => {
        pending.delete(task);
      });
      while (pending.size >= 3) await Promise.race(pending);
    }
    if (place % 64 === 63)
      process.stderr.write(`built ${Math.round(((place + 1) / buckets.length) * 100)} %\n`);
  }
  await Promise.all(pending);
  writeFileSync(complete, "");
  report("build_rows_per_second", Math.round((people * 2) / ((performance.now() - start) / 1000)));
}

/** Two bytes of the index decide; a bucket is then sorted by the ledger itself. */
function numbersByKey(indexer: Indexer): readonly number[][] {
  const buckets: number[][] = Array.from({ length: 1024 }, () => []);
  for (let number = 0; number < people; number += 1) {
    const key = Number.parseInt(indexer.address(person(number)).slice(0, 4), 16) >> 6;
    buckets[key]?.push(number);
  }
  return buckets;
}

function person(number: number): Address {
  const parsed = parseAddress(`user${number}@mail${number % domains}.example.jp`);
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  return parsed.value;
}

/** A consent and, for some, what came after it. */
function eventsOf(indexer: Indexer, number: number): readonly NewConsent[] {
  const address = person(number);
  const subject = indexer.address(address);
  const common = { subject, sender: "sample", topic: "news", evidence, actor: "import:bench" };
  const at = new Date(1.6e12 + number * 1000);
  const later = new Date(at.getTime() + 30 * 86_400_000);
  const grant = (basis: Basis, when: Date): NewConsent => ({
    address,
    event: { ...common, kind: "granted", basis, byPerson: false, at: when },
  });
  const second: NewConsent =
    number % 20 === 0
      ? { address, event: { ...common, kind: "withdrawn", at: later } }
      : grant("relationship", later);
  return [grant("consent", at), second];
}

/** One look-up after the other, of people all over the data set, a fifth of them strangers. */
async function measureLookUps(
  { storage, indexer }: Pick<Office, "storage" | "indexer">,
  name: string,
  goesOn: () => boolean,
): Promise<void> {
  const times: number[] = [];
  let number = 12_345;
  for (let n = 0; n < lookUps || goesOn(); n += 1) {
    number = (number * 48_271) % 2_147_483_647;
    const address = person(n % 5 === 0 ? people * 3 + number : number % people);
    const start = performance.now();
    await ask(storage.ledger, indexer, address);
    times.push(performance.now() - start);
    // Beside an import: a thousand a second, as a busy gateway asks, and not as fast as one thread can.
    if (goesOn()) await wait(1);
  }
  if (name === "warm-up") return;
  const sorted = Float64Array.from(times).toSorted();
  const at = (share: number): string =>
    ((sorted[Math.floor(sorted.length * share)] ?? 0) * 1000).toFixed(0);
  report(`look_up_${name}_p50_microseconds`, at(0.5));
  report(`look_up_${name}_p99_microseconds`, at(0.99));
  report(`look_up_${name}_worst_microseconds`, at(0.999_999));
}

async function ask(ledger: Ledger, indexer: Indexer, address: Address): Promise<void> {
  await ledger.lookUp({
    subject: indexer.address(address),
    domain: indexer.domain(address.domain),
    sender: "sample",
    stream: "newsletter",
    topic: "news",
    now: new Date(),
  });
}

async function measureImport(made: Office): Promise<void> {
  const file = join(folder, "import.csv");
  await writeTable(file);
  const start = performance.now();
  const main = join(import.meta.dirname, "../src/main.ts");
  const child = spawn(process.execPath, [main, "consent", "import", file, "--config", configFile], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let running = true;
  let peakKilobytes = 0;
  const watch = setInterval(() => {
    peakKilobytes = Math.max(peakKilobytes, peakOf(child.pid));
  }, 200);
  const ended = once(child, "exit").then(() => {
    running = false;
    return performance.now();
  });
  let answer = "";
  child.stdout.on("data", (chunk: Buffer) => {
    answer += chunk.toString();
  });
  await measureLookUps(made, "during_import", () => running);
  const seconds = ((await ended) - start) / 1000;
  clearInterval(watch);
  const { recorded } = JSON.parse(answer) as { readonly recorded: number };
  report("import_rows", recorded);
  report("import_rows_per_second", Math.round(recorded / seconds));
  report("import_peak_megabytes", Math.round(peakKilobytes / 1000));
  rmSync(file);
}

/** Linux keeps a process's peak of resident memory. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
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

function fileBytes(): number {
  const data = join(folder, "data");
  return readdirSync(data)
    .map((name) => statSync(join(data, name)).size)
    .reduce((sum, size) => sum + size, 0);
}

function gatewayYaml(): string {
  return `
version: 1
hostname: gw.example.jp
senders:
  - id: sample
    legal:
      names: ["株式会社サンプル商事"]
      addresses: ["〒999-9999 東京都架空区見本町1-2-3"]
      contacts: ["03-0000-0000", "support@example.jp"]
      opt_out_hosts: [u.example.jp]
    domains: [example.jp]
streams:
  - { id: newsletter, sender: sample, class: marketing, topic: news, rules: [jp], on_violation: refuse }
`;
}
