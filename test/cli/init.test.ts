// sekisho init as a newcomer meets it: what it says next works as it is written, and what failed can be tried again.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { runHere } from "../support/command-here.ts";
import type { CommandResult } from "../support/gateway-process.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sekisho-init-"));
  file = join(folder, "config/gateway.yaml");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function init(): Promise<CommandResult> {
  return runHere(
    file,
    ..."init --hostname gw.example.jp --domain example.jp --name サンプル".split(" "),
  );
}

test("names the commands that come next with the file that it wrote", async () => {
  const made = await init();
  expect(made.code, made.stderr).toBe(0);
  expect(made.json()).toMatchObject([{ domain: "example.jp", state: "pending" }]);
  const next = /then: sekisho (credential create .*); sekisho serve (.*)/.exec(made.stderr);
  expect(next?.[2]).toBe(`--config ${file}`);
  const words = (next?.[1] ?? "").split(" ");
  expect(words.splice(-2)).toEqual(["--config", file]);
  const credential = await runHere(file, ...words);
  expect(credential.json()[0]).toHaveProperty("password");
  expect((await init()).stderr).toContain("exists already");
});

test.skipIf(process.platform === "win32")("that failed is tried again", async () => {
  mkdirSync(join(folder, "keys"));
  const open = join(folder, "keys/other");
  writeFileSync(open, "");
  chmodSync(open, 0o644);
  const failed = await init();
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("chmod")]);
  expect(existsSync(file)).toBe(false);
  chmodSync(open, 0o600);
  const made = await init();
  expect(made.code, made.stderr).toBe(0);
});

test("tells the records that a try which could not write its file has made", async () => {
  writeFileSync(join(folder, "config"), "in the folder's place");
  expect((await init()).code).toBe(1);
  rmSync(join(folder, "config"));
  expect((await init()).json()).toMatchObject([{ domain: "example.jp" }]);
});
