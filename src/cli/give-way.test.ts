import { execFileSync } from "node:child_process";
import { getPriority } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

interface Thread {
  readonly name: string;
  readonly priority: number;
}

/** In a process of its own, as a priority cannot be raised again. `begin` has `setPriority` and `threads` at hand. */
function threadsAfter(begin: string): readonly Thread[] {
  const program = `
    import { readdirSync, readFileSync } from "node:fs";
    import { stat } from "node:fs/promises";
    import { getPriority, setPriority } from "node:os";
    import { once } from "node:events";
    import { Worker } from "node:worker_threads";
    import { giveWay, letHelpersGiveWay } from ${JSON.stringify(join(import.meta.dirname, "give-way.ts"))};
    const threads = () =>
      process.platform === "linux" ? readdirSync("/proc/self/task").map(Number) : [0];
    const nameOf = (thread) =>
      thread === 0 ? "all" : readFileSync("/proc/self/task/" + thread + "/comm", "latin1").trim();
    const before = new Worker("setInterval(() => {}, 1000)", { eval: true });
    await once(before, "online");
    await stat(process.execPath); // begins libuv's pool
    ${begin}
    const after = new Worker("setInterval(() => {}, 1000)", { eval: true });
    await once(after, "online");
    const seen = threads().map((thread) => ({ name: nameOf(thread), priority: getPriority(thread) }));
    process.stdout.write(JSON.stringify(seen));
    process.exit();`;
  const args = ["--input-type=module", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Thread[];
}
const prioritiesOf = (threads: readonly Thread[]): Set<number> =>
  new Set(threads.map(({ priority }) => priority));

test("every thread of the process gives way, those from before and those from later", () => {
  expect(prioritiesOf(threadsAfter("giveWay();"))).toEqual(new Set([Math.max(5, getPriority())]));
});

test("a process that gives way more already is left alone", () => {
  const begin = "for (const thread of threads()) setPriority(thread, 19); giveWay();";
  expect(prioritiesOf(threadsAfter(begin))).toEqual(new Set([19]));
});

test.runIf(process.platform === "linux")("helpers alone give way to the other threads", () => {
  const threads = threadsAfter("letHelpersGiveWay();");
  const named = (name: string): readonly Thread[] => threads.filter((one) => one.name === name);
  expect(named("libuv-worker")).toHaveLength(4);
  expect(prioritiesOf(named("libuv-worker"))).toEqual(new Set([Math.max(15, getPriority())]));
  expect(named("V8Worker").length).toBeGreaterThan(0);
  expect(prioritiesOf(named("V8Worker"))).toEqual(new Set([Math.max(5, getPriority())]));
  const others = threads.filter(({ name }) => name !== "libuv-worker" && name !== "V8Worker");
  expect(prioritiesOf(others)).toEqual(new Set([getPriority()]));
});
