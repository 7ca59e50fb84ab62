// Whoever said stop is listed once, however the word came in: for the tool that sends.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { AuditDraft } from "../../src/audit/event.ts";
import { loadConfig } from "../../src/config/load.ts";
import { openOffice } from "../../src/office.ts";
import { runHere } from "../support/command-here.ts";
import { createWorkplace, type CommandResult, type Workplace } from "../support/gateway-process.ts";
import { noon } from "../support/storage-facts.ts";

let workplace: Workplace;
beforeAll(() => {
  workplace = createWorkplace("");
});
afterAll(() => {
  workplace[Symbol.dispose]();
});

const run = (...args: readonly string[]): Promise<CommandResult> =>
  runHere(workplace.configFile, ...args);

async function imported(noun: string, lines: readonly string[]): Promise<void> {
  const file = join(workplace.folder, `${noun}.csv`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  expect((await run(noun, "import", file)).code).toBe(0);
}

async function record(event: AuditDraft): Promise<void> {
  await using office = await openOffice(loadConfig(workplace.configFile));
  await office.storage.audit.append([event]);
}

test("by hand, by telephone, by a table of consents or of suppressions", async () => {
  await imported("consent", [
    "email,sender,topic,basis,granted_at,method,source,expires_at",
    "goes-on@example.net,sample,news,consent,2026-01-05T09:00:00Z,web-form,https://www.example.jp/,",
    "stopped@example.net,sample,news,withdrawn,2026-01-06T09:00:00Z,,,",
    "all@example.net,sample,*,withdrawn,2026-01-06T09:00:00Z,,,",
    "later@example.net,sample,news,paused,2026-01-06T09:00:00Z,,,2199-01-01T00:00:00Z",
    "erased@example.net,sample,news,withdrawn,2026-01-06T09:00:00Z,,,",
    "over@example.net,sample,news,expired,2026-01-06T09:00:00Z,,,",
  ]);
  await imported("suppress", [
    "email,kind,scope",
    "table@example.net,unsubscribe,sender:sample",
    "unknown-why@example.net,,all",
  ]);
  const add = ["suppress", "add", "--kind"];
  await run(...add, "manual", "--email", "phone@example.net", "--scope", "all");
  await run(...add, "complaint", "--email", "loop@example.net", "--scope", "stream:newsletter");
  await run(...add, "hard-bounce", "--email", "dead@example.net", "--scope", "all");
  await run(...add, "manual", "--domain", "competitor.example", "--scope", "all");
  const person = ["--email", "byhand@example.net", "--sender", "sample", "--topic", "news"];
  await run("consent", "withdraw", ...person);
  await run("consent", "erase", "erased@example.net", "--yes");

  const list = async (...more: readonly string[]): Promise<readonly string[]> => {
    const csv = await run("log", "opt-outs", "--since", "2026-01-01", "--json", ...more);
    return csv
      .json()
      .map(({ email, sender, topic, how }) =>
        [email, sender, topic, String(how).replace(/(import|cli):\w+/, "$1")].join("|"),
      )
      .toSorted();
  };
  const ofAll = ["*@competitor.example|||manual, cli", "phone@example.net|||manual, cli"];
  const ofSample = [
    "all@example.net|sample||import",
    "byhand@example.net|sample|news|cli",
    "later@example.net|sample|news|import, paused until 2199-01-01T00:00:00.000Z",
    "loop@example.net|sample|news|complaint, cli",
    "stopped@example.net|sample|news|import",
    "table@example.net|sample||unsubscribe, import",
  ];
  const everything = [...ofAll, ...ofSample].toSorted();
  expect(await list()).toEqual(everything);
  expect(await list("--sender", "sample")).toEqual(everything);
  await record({ type: "Reception", at: noon(), messageId: "m0", sender: "another" });
  expect(await list("--sender", "another")).toEqual(ofAll); // which has left the configuration
});

test("a sender that never was is told, not answered with a list of nobody", async () => {
  const typo = await run("log", "opt-outs", "--since", "2026-01-01", "--sender", "smple");
  expect([typo.code, typo.stdout]).toEqual([2, ""]);
  expect(typo.stderr).toContain("--sender smple is not in the configuration; allowed: sample");
});

test("who received what of a stream that has left the configuration is told as before", async () => {
  const of = { stream: "former", sender: "sample" };
  await record({ type: "Delivery", at: noon(), messageId: "m1", ...of });
  const window = ["--since", "2020-01-01", "--until", "2199-01-01"];
  const former = await run("log", "received", "--stream", "former", ...window);
  expect(former.json()).toMatchObject([{ messageId: "m1", stream: "former", sender: "sample" }]);
  const typo = await run("log", "received", "--stream", "fomer", ...window);
  expect([typo.code, typo.stdout]).toEqual([2, ""]);
  expect(typo.stderr).toContain("--stream fomer is not in the configuration; allowed: newsletter");
});

test("a masked address, as lists show it, is none to record", async () => {
  const person = ["--sender", "sample", "--topic", "news"];
  for (const command of [
    ["suppress", "add"],
    ["consent", "withdraw", ...person],
    ["consent", "add", ...person],
  ]) {
    const { code, stderr } = await run(...command, "--email", "t***@example.net");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/is masked, .*: write all of it/)]);
  }
  const file = join(workplace.folder, "masked.csv");
  writeFileSync(file, "email\nt***@example.net\n");
  expect((await run("suppress", "import", file)).code).toBe(1);
});
