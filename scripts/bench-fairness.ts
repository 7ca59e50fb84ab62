// Does one dead and one tarpitting destination among 50 delay the mail to the other 48? Drains a full queue twice, once with
// all well and once with the two ill, and compares when the mail to the 48 arrived:
//   node scripts/bench-fairness.ts [--messages 100000] [--destinations 50] [--seed 5] [--again]
// A line of progress (standard error) for each twentieth part tells the depth of the queue and the processor time of each
// message at that depth; each run ends in a balance, and all in a verdict (standard output, JSON lines; exit code 1 where
// it is no). 100 000 take some six minutes on two quiet cores; a run that lasts a quarter of an hour is ended. `--again`
// adds a second run with all well: on a machine that others use too it shows what a run can be trusted.
//
// Real: storage (SQLite on disk, each commit durable), DKIM signatures, sockets, TLS. Ours to say: DNS and the consents.
import { once } from "node:events";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";

import { loadReplyClassifier } from "../src/cli/reply-classifier.ts";
import { defaultTimeouts } from "../src/delivery/settings.ts";
import { startDelivery, type DeliveryParts } from "../src/delivery/worker.ts";
import type { QueueStore } from "../src/queue/store.ts";
import { openSigningOffice } from "../test/support/signing-office.ts";
import { indexer, openSqliteStore } from "../test/support/storage-facts.ts";
import { deadAddress, tarpitAddress, wellAddress, type Ledger } from "./fairness/addresses.ts";
import { fill } from "./fairness/fill.ts";
import { wholeNumber } from "./whole-number.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "100000" },
    destinations: { type: "string", default: "50" },
    seed: { type: "string", default: "5" },
    again: { type: "boolean", default: false },
  },
});
const messages = wholeNumber("messages", values.messages);
const seed = wholeNumber("seed", values.seed, 0);
const destinations = wholeNumber("destinations", values.destinations, 3);
const runMaxMs = 900_000;
const ratioMax = 1.25; // the others' times beside the ill two, against all well; alone on a machine, runs differ by a tenth

const office = await openSigningOffice(["rsa"]);
const well = await run("all well", false);
const ill = await run("one dead, one tarpit", true);
const again = values.again ? await run("all well, again", false) : well;
const ratioOf = (which: "p50" | "p95" | "last"): number =>
  round(ill[which] / ((well[which] + again[which]) / 2));
const ratios = { p50: ratioOf("p50"), p95: ratioOf("p95"), last: ratioOf("last") };
const cpu = round((2 * ill.cpuMs) / (well.cpuMs + again.cpuMs));
const ok =
  [well, ill, again].every(({ balanced }) => balanced) &&
  Object.values(ratios).every((ratio) => ratio <= ratioMax);
console.log(JSON.stringify({ ratios, cpu, allowed: ratioMax, ok }));
process.exitCode = ok ? 0 : 1;

interface Result {
  /** Seconds from the start until the mail to the 48 was there: half, 95 of a hundred, all of it. */
  readonly p50: number;
  readonly p95: number;
  readonly last: number;
  /** Processor time of the process, its receiver's thread included, for each message. */
  readonly cpuMs: number;
  /** Of the delivering thread alone: no run on a quiet machine is quicker than that. */
  readonly ownMs: number;
  readonly balanced: boolean;
}

async function run(name: string, areIll: boolean): Promise<Result> {
  await using stack = new AsyncDisposableStack();
  const receiver = new Worker(new URL("./fairness/receiver.ts", import.meta.url));
  stack.defer(async () => void (await receiver.terminate()));
  const [port] = (await once(receiver, "message")) as [number];
  const opened = stack.use(await openSqliteStore());
  const { queue } = opened.storage;
  const random = seeded(seed);
  const order = Array.from(
    { length: messages },
    () => `d${Math.floor(random() * destinations)}.test`,
  );
  const filling = performance.now();
  await fill(queue, order, progressOf(`${name}: queueing`, messages));
  const fillSeconds = round((performance.now() - filling) / 1000);

  const isOfThe48 = (domain: string): boolean => domain !== "d0.test" && domain !== "d1.test";
  const expected = order.filter(isOfThe48).length;
  const expectedInAll = areIll ? expected : messages;
  const progress = progressOf(`${name}: delivering`, expectedInAll);
  const times: number[] = [];
  let delivered = 0;
  const done = Promise.withResolvers<void>();
  const begun = performance.now();
  const usage = process.cpuUsage();
  const ownUsage = process.threadCpuUsage();
  const delivery = startDelivery({
    ...(await partsOf(port, queue, areIll)),
    random,
    settled: (settlement, { destination }) => {
      if (settlement.kind !== "delivered") return;
      delivered += 1;
      if (isOfThe48(destination)) times.push((performance.now() - begun) / 1000);
      progress(delivered);
      if (delivered === expectedInAll) done.resolve();
    },
  });
  const timer = setTimeout(done.resolve, runMaxMs);
  await done.promise;
  clearTimeout(timer);
  const { user, system } = process.cpuUsage(usage);
  const own = process.threadCpuUsage(ownUsage);
  await delivery.close(1);
  const balance = await balanceOf(queue, receiver);
  const at = (share: number): number =>
    round(times[Math.ceil(expected * share) - 1] ?? Number.POSITIVE_INFINITY);
  const result = {
    p50: at(0.5),
    p95: at(0.95),
    last: at(1),
    cpuMs: round((user + system) / 1000 / delivered),
    ownMs: round((own.user + own.system) / 1000 / delivered),
    balanced: balance.balanced && delivered === expectedInAll,
  };
  console.log(JSON.stringify({ run: name, fillSeconds, expected, ...result, balance }));
  return result;
}

async function partsOf(port: number, queue: QueueStore, areIll: boolean): Promise<DeliveryParts> {
  const addressOf = (host: string): string => {
    if (areIll && host === "mx.d0.test") return deadAddress;
    return areIll && host === "mx.d1.test" ? tarpitAddress : wellAddress;
  };
  return {
    settings: {
      hostname: "gw.example.jp",
      routes: [{ domain: "*", via: { kind: "mx" } }],
      tls: "encrypt",
      retryScheduleSeconds: [300],
      maxAgeSeconds: 345_600,
      allowPrivate: ["127.0.0.0/8"],
      mxPort: port,
      maxConnections: 100,
      maxConnectionsPerDestination: 10,
      maxMessagesPerConnection: 100,
      reportLanguage: "ja",
      timeouts: { ...defaultTimeouts, greeting: 20_000 },
    },
    queue,
    ledger: {
      lookUp: () =>
        Promise.resolve({
          standing: { kind: "granted", basis: "consent", since: new Date(0) },
          suppressions: [],
        }),
    },
    indexer,
    stream: () => ({
      id: "newsletter",
      sender: {
        id: "sample",
        legal: { names: [], addresses: [], contacts: [], optOutHosts: [] },
        domains: [],
        strictOptIn: false,
      },
      class: "marketing",
      topic: "news",
      rules: [],
      onViolation: "refuse",
      observe: [],
      disabled: [],
      listUnsubscribe: "keep",
    }),
    signer: office.signer,
    resolver: {
      mx: (domain) =>
        Promise.resolve({
          kind: "records",
          records: [{ preference: 1, exchange: `mx.${domain}` }],
        }),
      a: (host) => Promise.resolve({ kind: "records", records: [addressOf(host)] }),
      aaaa: () => Promise.resolve({ kind: "nodata" }),
      host: () => Promise.resolve({ kind: "nodata" }),
      txt: () => Promise.resolve({ kind: "nodata" }),
    },
    classifier: loadReplyClassifier(),
    owner: "bench",
    clock: () => new Date(),
    log: { debug: quiet, info: quiet, warn: quiet, error: console.error },
  };
}

/** accepted = delivered + failed + waiting, and delivered is what the receiving server has in its own ledger. */
async function balanceOf(
  queue: QueueStore,
  receiver: Worker,
): Promise<Ledger & { readonly balanced: boolean }> {
  const { delivered, failed, waiting, leased } = (await queue.counts()).states;
  receiver.postMessage("count");
  const [ledger] = (await once(receiver, "message")) as [Ledger];
  const accounted = delivered + failed + waiting + leased;
  const balance = { accepted: messages, delivered, failed, waiting, leased, ...ledger };
  const balanced =
    accounted === messages &&
    ledger.taken === delivered &&
    ledger.recipients === delivered &&
    ledger.inClearText === 0;
  return { ...balance, balanced };
}

/** A line for each twentieth part: how many, how many are left, and what each cost the processor since the last line. */
function progressOf(what: string, total: number): (count: number) => void {
  const step = Math.max(1, Math.floor(total / 20));
  const begun = performance.now();
  let last = 0;
  let usage = process.cpuUsage();
  return (count) => {
    if (count - last < step && count < total) return;
    const { user, system } = process.cpuUsage(usage);
    const each = round((user + system) / 1000 / (count - last));
    const seconds = round((performance.now() - begun) / 1000);
    console.error(`${what}: ${count}, ${total - count} left, ${seconds} s, ${each} CPU ms each`);
    last = count;
    usage = process.cpuUsage();
  };
}

/** mulberry32: in [0, 1), the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function round(number: number): number {
  return Number(number.toFixed(2));
}

function quiet(): void {
  // A bench has nobody who reads its log.
}
