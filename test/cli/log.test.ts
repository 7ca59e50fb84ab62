// sekisho log, as an operator asks it: days are days in Japan, nothing is left out, and a reader may stop listening.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import type { AuditDraft } from "../../src/audit/event.ts";
import { loadConfig } from "../../src/config/load.ts";
import { openOffice } from "../../src/office.ts";
import { runHere } from "../support/command-here.ts";
import { createWorkplace, type CommandResult, type Workplace } from "../support/gateway-process.ts";

const main = resolve(import.meta.dirname, "../../src/main.ts");
let place: Workplace;
beforeAll(async () => {
  place = createWorkplace("");
  // In Japan: the last minute of the 27th, twenty to six on the 28th, the last minute of the 28th, the first of the 29th.
  await append(["27T14:59:00Z", "27T20:40:00Z", "28T14:59:00Z", "28T15:00:00Z"].map(note));
});
afterAll(() => {
  place[Symbol.dispose]();
});

const log = (...args: readonly string[]): Promise<CommandResult> =>
  runHere(place.configFile, "log", ...args);

function note(time: string): AuditDraft {
  const at = new Date(`2026-10-${time}`);
  return { type: "Operation", at, actor: "test", detail: { change: "note" } };
}

async function append(events: readonly AuditDraft[]): Promise<void> {
  await using office = await openOffice(loadConfig(place.configFile));
  await office.storage.audit.append(events);
}

const timesOf = (found: CommandResult): unknown => found.json().map((event) => event["at"]);

test.each([
  [
    ["--since", "2026-10-28"],
    ["27T20:40", "28T14:59", "28T15:00"],
  ],
  [
    ["--since", "2026-10-28T00:00:00+09:00"],
    ["27T20:40", "28T14:59", "28T15:00"],
  ],
  [
    ["--until", "2026-10-28"],
    ["27T14:59", "27T20:40", "28T14:59"],
  ],
  [
    ["--since", "2026-10-28", "--until", "2026-10-28"],
    ["27T20:40", "28T14:59"],
  ],
])("%j means days in Japan, whatever the machine's time zone", async (window, found) => {
  for (const verb of ["search", "tail"])
    expect(timesOf(await log(verb, "--type", "Operation", ...window))).toEqual(
      found.map((time) => `2026-10-${time}:00.000Z`),
    );
});

test.each(["2026-10-28junk", "2026-02-30", "yesterday"])("--since %s is no time", async (text) => {
  for (const verb of ["search", "opt-outs", "tls-report"]) {
    const refused = await log(verb, "--since", text);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain(`--since ${text} `);
  }
});

test("tail --follow prints all that comes, however much comes at once, and ends with its reader", async () => {
  const child = spawn(
    process.execPath,
    [main, "log", "tail", "--follow", "--limit", "1", "--config", place.configFile],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const errors: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors.push(text);
  });
  onTestFinished(() => {
    child.kill();
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  let seen = 0;
  lines.on("line", () => {
    seen += 1;
  });
  await expect.poll(() => seen, { timeout: 30_000 }).toBe(1);
  await append(Array.from({ length: 1100 }, () => note("30T00:00:00Z")));
  await expect.poll(() => seen, { timeout: 30_000 }).toBe(1101);
  child.stdout.destroy();
  await append([note("30T01:00:00Z")]);
  expect(await ended).toEqual([0, null]);
  expect(errors.join("")).toBe("");
});

test.each(["", "[]", '{"heads":[]}', '{"heads":[null]}', '{"heads":[{"chain":"main"}]}', "{}\n{}"])(
  "audit verify does not take %j for heads that were kept",
  async (text) => {
    const file = join(place.folder, "head.json");
    writeFileSync(file, text);
    const done = await runHere(place.configFile, "audit", "verify", "--heads", file);
    expect([done.code, done.stdout]).toEqual([2, ""]);
    expect(done.stderr).toContain(`${file} holds no heads; give the output of one: sekisho audit`);
  },
);

test("files that are not there are told by their names", async () => {
  for (const command of [
    ["audit", "verify", "--heads", "none"],
    ["consent", "retention", "--hold", "none"],
    ["keys", "import", "none", "--domain", "example.jp", "--selector", "s1"],
  ]) {
    const done = await runHere(place.configFile, ...command);
    expect([command, done.code]).toEqual([command, 1]);
    expect(done.stderr).toMatch(/^failed: none does not exist/);
  }
});

test("received between times the wrong way round does not say that nobody got anything", async () => {
  const window = ["--since", "2026-10-28", "--until", "2026-10-01"];
  const done = await log("received", "--stream", "newsletter", ...window);
  expect([done.code, done.stdout]).toEqual([2, ""]);
  expect(done.stderr).toContain("--until 2026-10-01 is not after --since 2026-10-28");
});
