// An import that was killed with SIGKILL is run again, and the ledger is as if nothing had happened.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { runHere } from "../support/command-here.ts";
import { createWorkplace } from "../support/gateway-process.ts";

const importer = resolve(import.meta.dirname, "../support/import-process.ts");
const rows = 12_000;

test("kill -9 in the middle of an import loses and doubles nothing once it is run again", async () => {
  using workplace = createWorkplace("");
  const path = join(workplace.folder, "list.csv");
  const lines = Array.from(
    { length: rows },
    (_, n) => `p${n}@example.jp,sample,news,consent,2026-01-05,web-form,https://example.jp/`,
  );
  writeFileSync(path, ["email,sender,topic,basis,granted_at,method,source", ...lines].join("\n"));

  const child = spawn(process.execPath, [importer, workplace.configFile, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  expect(first.toString()).toMatch(/^2000\n/);
  child.kill("SIGKILL");
  expect(await exited).toEqual([null, "SIGKILL"]);

  const [report] = (await runHere(workplace.configFile, "consent", "import", path)).json();
  expect(report).toMatchObject({ good: rows, stored: true });
  // The killed run stored some chunks and not all: else this test would show nothing.
  expect(report?.["recorded"]).toBeGreaterThan(0);
  expect(report?.["recorded"]).toBeLessThan(rows);

  const exported = await runHere(workplace.configFile, "consent", "export");
  const addresses = exported.stdout
    .trim()
    .split("\r\n")
    .slice(1)
    .map((row) => row.split(",")[0]);
  expect(addresses).toHaveLength(rows);
  expect(new Set(addresses).size).toBe(rows);
  expect((await runHere(workplace.configFile, "audit", "verify")).code).toBe(0);
});
