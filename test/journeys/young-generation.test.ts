// `--max-semi-space-size` is for the main thread: each worker thread has the limit that it was given itself.
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

const module = join(resolve(import.meta.dirname, "../.."), "src/config/young-generation.ts");

/** How often a thread that is allowed 3 MB looks through its newest objects while 64 MB of garbage go by. */
function searches(first: string): number {
  const thread = `
    import { constants, PerformanceObserver } from "node:perf_hooks";
    import { setTimeout } from "node:timers/promises";
    import { parentPort } from "node:worker_threads";
    let count = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries())
        if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) count += 1;
    });
    // V8 gives more room as more outlives a search, up to the limit.
    let kept = [];
    for (let round = 0; round < 400_000; round += 1) kept.push({ round });
    kept = [];
    observer.observe({ entryTypes: ["gc"] });
    for (let round = 0; round < 64; round += 1)
      for (let piece = 0; piece < 1024; piece += 1) kept[0] = new Array(128).fill(round);
    await setTimeout(200); // They are told a little later.
    parentPort.postMessage(count);`;
  const program = `
    import { Worker } from "node:worker_threads";
    import { leaveThreadsTheirLimits } from ${JSON.stringify(module)};
    ${first}
    const settings = { eval: true, resourceLimits: { maxYoungGenerationSizeMb: 3 } };
    new Worker(${JSON.stringify(thread)}, settings).once("message", (count) => console.log(count));`;
  const args = ["--max-semi-space-size=8", "--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

test("a thread's young generation stays within its limit", () => {
  expect(searches("leaveThreadsTheirLimits();")).toBeGreaterThan(40); // one for each of its megabytes
  expect(searches("")).toBeLessThan(20); // what V8 makes of it otherwise; should that change, the call may go
});
