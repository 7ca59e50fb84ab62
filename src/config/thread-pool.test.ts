import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

/** Threads of the pool of a process that sized it first and then kept it busy; `set`: UV_THREADPOOL_SIZE in its environment. */
function threadsOf(set: string | undefined): number {
  const program = `
    import { readdirSync, readFileSync } from "node:fs";
    import { stat } from "node:fs/promises";
    import { sizeThreadPool } from ${JSON.stringify(join(import.meta.dirname, "thread-pool.ts"))};
    sizeThreadPool();
    await Promise.all(Array.from({ length: 16 }, () => stat(process.execPath)));
    const nameOf = (thread) => readFileSync("/proc/self/task/" + thread + "/comm", "latin1").trim();
    const pool = readdirSync("/proc/self/task").filter((thread) => nameOf(thread) === "libuv-worker");
    process.stdout.write(String(pool.length));`;
  const { UV_THREADPOOL_SIZE: _own, ...environment } = process.env;
  return Number(
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      env: { ...environment, ...(set === undefined ? {} : { UV_THREADPOOL_SIZE: set }) },
    }),
  );
}

test.runIf(process.platform === "linux")(
  "the pool has as many threads as cores, from two to four",
  () => {
    expect(threadsOf(undefined)).toBe(Math.min(4, Math.max(2, availableParallelism())));
  },
);

test.runIf(process.platform === "linux")("whoever runs it may say how many there are", () => {
  expect(threadsOf("3")).toBe(3);
});
