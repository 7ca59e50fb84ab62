// Holds come and go with what DNS says; a manual clock turns the schedule.
import { expect, test } from "vitest";

import type { DnsReport } from "../../src/dns/check.ts";
import { flaw, good, unanswered, type DnsFinding } from "../../src/dns/finding.ts";
import { repeat, type Timers } from "../../src/dns/repeat.ts";
import { createDnsWatch, type DnsWatch, type WatchChange } from "../../src/dns/watch.ts";

const hostname = "gw.example.jp";
const missing = flaw("spf-missing", "example.jp", "no SPF record", "v=spf1 -all");
const ptr = flaw("ptr-missing", "203.0.113.5", "no PTR record", hostname);
const advice = flaw("dmarc-none", "example.jp", "p=none", "p=reject");
const of = (sender: string, finding: DnsFinding): DnsFinding => ({ ...finding, sender });

interface Bench {
  readonly watch: DnsWatch;
  readonly changes: readonly WatchChange[];
  readonly errors: readonly unknown[];
  readonly see: (...findings: readonly DnsFinding[]) => Promise<unknown>;
  readonly fail: () => Promise<unknown>;
}

function open(onFailure: "hold" | "warn"): Bench {
  const changes: WatchChange[] = [];
  const errors: unknown[] = [];
  let next: () => Promise<DnsReport>;
  const watch = createDnsWatch({
    check: () => next(),
    senders: ["one", "two"],
    onFailure,
    onChange: (change) => void changes.push(change),
    onError: (cause) => void errors.push(cause),
  });
  return {
    watch,
    changes,
    errors,
    see: (...findings) => {
      next = () => Promise.resolve({ at: new Date(0), findings });
      return watch.look();
    },
    fail: () => {
      next = () => Promise.reject(new Error("the key store is away"));
      return watch.look();
    },
  };
}

test("what receivers refuse holds its sender alone, until it is mended", async () => {
  const { watch, see, changes } = open("hold");
  await see(of("one", missing), of("two", good("spf", "example.com", "v=spf1 -all")));
  expect(watch.holds("one")).toBe("spf-missing example.jp");
  expect(watch.holds("two")).toBeUndefined();
  await see(of("one", missing));
  await see(of("one", good("spf", "example.jp", "v=spf1 -all")));
  expect(watch.holds("one")).toBeUndefined();
  expect(changes).toEqual([
    { sender: "one", failing: ["spf-missing example.jp"], held: true },
    { sender: "one", failing: [], held: false },
  ]);
});

test("a fault of the gateway itself holds every sender; advice holds nobody", async () => {
  const { watch, see } = open("hold");
  await see(ptr, of("one", advice));
  expect([watch.holds("one"), watch.holds("two")]).toEqual([
    "ptr-missing 203.0.113.5",
    "ptr-missing 203.0.113.5",
  ]);
  await see(of("one", advice));
  expect([watch.holds("one"), watch.holds("two")]).toEqual([undefined, undefined]);
});

test("silence of the name servers neither holds nor releases", async () => {
  const { watch, see, fail, errors, changes } = open("hold");
  const silent = of("one", unanswered("spf", "example.jp", "SERVFAIL"));
  await see(silent);
  expect(watch.holds("one")).toBeUndefined();
  await see(of("one", missing));
  await see(silent);
  expect(watch.holds("one")).toBe("spf-missing example.jp");
  await fail();
  expect(watch.holds("one")).toBe("spf-missing example.jp");
  expect(errors).toHaveLength(1);
  await see(of("one", good("spf", "example.jp", "v=spf1 -all")));
  expect(watch.holds("one")).toBeUndefined();
  expect(changes).toHaveLength(2);
});

test("warn tells and counts, and lets mail go", async () => {
  const { watch, see, changes } = open("warn");
  await see(of("one", missing));
  expect(watch.holds("one")).toBeUndefined();
  expect(watch.failing().get("one")).toEqual(["spf-missing example.jp"]);
  expect(changes).toEqual([{ sender: "one", failing: ["spf-missing example.jp"], held: false }]);
});

test("looks at the same time are one look", async () => {
  let looks = 0;
  const watch = createDnsWatch({
    check: () => {
      looks += 1;
      return Promise.resolve({ at: new Date(0), findings: [] });
    },
    senders: [],
    onFailure: "hold",
    onChange: () => undefined,
    onError: () => undefined,
  });
  await Promise.all([watch.look(), watch.look(), watch.look()]);
  expect(looks).toBe(1);
  await watch.look();
  expect(looks).toBe(2);
});

test("the schedule asks for its pause after each turn, and ends", async () => {
  const waiting: { readonly work: () => void; readonly milliseconds: number }[] = [];
  const timers: Timers = {
    setTimeout: (work, milliseconds) => waiting.push({ work, milliseconds }),
    clearTimeout: (timer) => void waiting.splice(Number(timer) - 1, 1),
  };
  let turns = 0;
  let pause = 3_600_000;
  const turned = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const schedule = repeat(
    () => {
      turns += 1;
      return Promise.resolve();
    },
    () => pause,
    timers,
  );
  await turned();
  expect([turns, waiting[0]?.milliseconds]).toEqual([1, 3_600_000]);
  pause = 300_000;
  waiting.shift()?.work();
  await turned();
  expect([turns, waiting[0]?.milliseconds]).toEqual([2, 300_000]);
  schedule[Symbol.dispose]();
  expect(waiting).toEqual([]);
});
