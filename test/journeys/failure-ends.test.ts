// A command that fails ends, whatever it leaves behind: a process without a listener would hold the data directory's lock.
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { parseConfig } from "../../src/config/load.ts";
import { openOffice } from "../../src/office.ts";
import { createWorkplace } from "../support/gateway-process.ts";

const main = resolve(import.meta.dirname, "../../src/main.ts");
const wait = "data:text/javascript,setInterval(() => {}, 1000)";

test.each([
  ["a failure", ["explain", "none.eml", "--stream", "newsletter"], 1],
  ["wrong usage", ["explain"], 2],
])("%s ends the process although something in it still waits", async (_what, args, expected) => {
  using place = createWorkplace("");
  const code = await new Promise<unknown>((done) => {
    execFile(
      process.execPath,
      ["--import", wait, main, ...args, "--config", place.configFile],
      { cwd: place.folder, timeout: 60_000 },
      (error) => {
        done(error?.code ?? error?.signal);
      },
    );
  });
  expect(code).toBe(expected);
});

test("what cannot be opened leaves the data directory to the next start", async () => {
  using place = createWorkplace("");
  const config = parseConfig("version: 1", place.configFile);
  const wrong = { ...config, dns: { ...config.dns, servers: ["ns.example.jp"] } };
  await expect(openOffice(wrong, { role: "gateway" })).rejects.toThrow(/ns\.example\.jp/);
  await using office = await openOffice(config, { role: "gateway" });
  expect(office.config.dataDir).toBe(join(place.folder, "data"));
});
