// What a pool's threads may take from the others.
import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";

import { expect, test } from "vitest";

import { createTimedPool } from "./timed-pool.ts";

const worker = new URL("./judge-worker.ts", import.meta.url);

/** Of this process's threads: what the system calls it, and its priority. */
function threads(): readonly { readonly name: string; readonly priority: number }[] {
  return readdirSync("/proc/self/task").flatMap((thread) => {
    try {
      const name = readFileSync(`/proc/self/task/${thread}/comm`, "latin1").trim();
      return [{ name, priority: getPriority(Number(thread)) }];
    } catch {
      return []; // It has just ended.
    }
  });
}

test.runIf(process.platform === "linux")("they alone give way to the main thread", async () => {
  const before = new Set(threads().map(({ priority }) => priority));
  await using pool = createTimedPool({ worker, name: "judgeTask" }, { threads: 2 });
  await Promise.all([1, 2].map(() => pool.run(Buffer.from("no mail"), {})));
  const judging = threads().filter(({ name }) => name === "judgeTask");
  expect(judging.map(({ priority }) => priority)).toEqual(
    Array<number>(2).fill(Math.max(5, getPriority())),
  );
  const others = threads().filter(({ name }) => name !== "judgeTask");
  expect(new Set(others.map(({ priority }) => priority))).toEqual(before);
});
