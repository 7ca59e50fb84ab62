import { execFileSync } from "node:child_process";
import { getPriority } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

// In a process of its own, as a priority cannot be raised again.
function prioritiesAfter(begin: string): readonly number[] {
  const program = `
    import { readdirSync } from "node:fs";
    import { getPriority, setPriority } from "node:os";
    import { once } from "node:events";
    import { Worker } from "node:worker_threads";
    import { lowerPriority } from ${JSON.stringify(join(import.meta.dirname, "lower-priority.ts"))};
    const threads = () =>
      process.platform === "linux" ? readdirSync("/proc/self/task").map(Number) : [0];
    const before = new Worker("setInterval(() => {}, 1000)", { eval: true });
    await once(before, "online");
    ${begin}
    lowerPriority();
    const after = new Worker("setInterval(() => {}, 1000)", { eval: true });
    await once(after, "online");
    process.stdout.write(JSON.stringify(threads().map((thread) => getPriority(thread))));
    process.exit();`;
  const args = ["--input-type=module", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as number[];
}

test("every thread of the process yields, those from before and those from later", () => {
  const priorities = prioritiesAfter("");
  expect(priorities.length).toBeGreaterThan(0);
  expect(new Set(priorities)).toEqual(new Set([Math.max(5, getPriority())]));
});

test("a process that yields more already is left alone", () => {
  const begin = "for (const thread of threads()) setPriority(thread, 19);";
  expect(new Set(prioritiesAfter(begin))).toEqual(new Set([19]));
});
