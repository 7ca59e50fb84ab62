import { tmpdir } from "node:os";
import { join } from "node:path";

import { defineConfig } from "vitest/config";

// Types are stripped and code is compiled once, not in each process and thread.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache");

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // Tests run through Node's own type stripping, as the gateway does: what Node would refuse must fail here too.
    experimental: { viteModuleRunner: false },
    pool: "forks",
    maxWorkers: "100%",
    // One process runs many files, as one gateway serves for months: what a module remembers must change no result, and
    // nothing is loaded and warmed up 280 times. `--sequence.shuffle.files` runs them in another order.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // CI machines are noisy: one more try there, and vitest names what needed it. Nobody retries at the desk.
    retry: process.env["CI"] === undefined ? 0 : 1,
  },
});
