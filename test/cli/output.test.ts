// Where data go that commands print.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { resolve } from "node:path";

import { expect, test } from "vitest";

const main = resolve(import.meta.dirname, "../../src/main.ts");

test.skipIf(!existsSync("/dev/full"))(
  "a command whose output finds no room says so, and fails",
  () => {
    const full = openSync("/dev/full", "w");
    try {
      const { status, stderr } = spawnSync(process.execPath, [main, "--version"], {
        stdio: ["ignore", full, "pipe"],
        encoding: "utf8",
      });
      expect(stderr).toMatch(/^failed: standard output takes no more \(ENOSPC: [^\n]+\n$/);
      expect(status).toBe(1);
    } finally {
      closeSync(full);
    }
  },
  30_000,
);
