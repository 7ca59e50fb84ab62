// `--max-semi-space-size` is for the main thread: each worker thread has the limit that it was given itself.
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

const module = join(resolve(import.meta.dirname, "../.."), "src/config/young-generation.ts");

/** Megabytes that the young generation of a thread comes to, which keeps much of what it makes and is allowed 3 MB. */
function grown(first: string): number {
  const thread = `
    import { parentPort } from "node:worker_threads";
    import { getHeapSpaceStatistics } from "node:v8";
    let kept = [], most = 0;
    for (let round = 0; round < 300; round += 1) {
      for (let count = 0; count < 2000; count += 1) kept.push({ round, count });
      if (round % 20 === 0) kept = [];
      const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
      most = Math.max(most, space.space_size);
    }
    parentPort.postMessage(most);`;
  const program = `
    import { Worker } from "node:worker_threads";
    import { leaveThreadsTheirLimits } from ${JSON.stringify(module)};
    ${first}
    const settings = { eval: true, resourceLimits: { maxYoungGenerationSizeMb: 3 } };
    new Worker(${JSON.stringify(thread)}, settings).once("message", (octets) => console.log(octets));`;
  const args = ["--max-semi-space-size=8", "--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" })) / 1024 / 1024;
}

test("a thread's young generation stays within its limit", () => {
  expect(grown("leaveThreadsTheirLimits();")).toBeLessThan(6); // V8 counts by pages, and some beside
  expect(grown("")).toBeGreaterThan(6); // what V8 makes of it otherwise; should that change, the call may go
});
