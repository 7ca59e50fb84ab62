// Where compiled code is kept: whoever could put a file there could run code of his own as the gateway.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

test("beside the packages, and not in the folder for temporary files that all users share", () => {
  const shared = mkdtempSync(join(tmpdir(), "sekisho-test-"));
  try {
    const { NODE_COMPILE_CACHE: _, ...env } = process.env;
    const args = [join(root, "src/main.ts"), "check-config", "--config", "config/gateway.yaml"];
    execFileSync(process.execPath, args, {
      cwd: root,
      env: { ...env, TMPDIR: shared },
      stdio: "pipe",
    });
    expect(readdirSync(shared)).toEqual([]);
    expect(existsSync(join(root, "node_modules/.cache/sekisho"))).toBe(true);
  } finally {
    rmSync(shared, { recursive: true });
  }
});
