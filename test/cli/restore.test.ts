// What a restore leaves to its operator: what was recorded after the backup stands in the copy that it moved aside.
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { afterEach, expect, test, vi } from "vitest";

import { runHere } from "../support/command-here.ts";
import { createWorkplace, giveConsent, type CommandResult } from "../support/gateway-process.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("stops since the backup come over from the copy moved aside; a head kept since then is told as what a restore does", async () => {
  using place = createWorkplace("");
  const run = (...args: readonly string[]): Promise<CommandResult> =>
    runHere(place.configFile, ...args);
  const at = (name: string): string => join(place.folder, name);
  await giveConsent(place.configFile);
  await run("backup", at("backup"));
  await run(..."consent withdraw --email taro@example.com --sender sample --topic news".split(" "));
  await run(..."suppress add --email jiro@example.com --kind manual --scope all".split(" "));
  writeFileSync(at("head.json"), (await run("audit", "verify")).stdout);

  const restored = await run("restore", at("backup"), "--yes");
  const aside = basename(String(restored.json()[0]?.["aside"]));
  const variable = `sqlite:${aside}`;
  expect(restored.stderr).toContain("erasures");
  expect(restored.stderr).toContain(`SEKISHO_STORAGE_URL=${variable} sekisho consent export`);

  vi.stubEnv("SEKISHO_STORAGE_URL", variable);
  writeFileSync(at("consents.csv"), (await run("consent", "export")).stdout);
  writeFileSync(at("suppressions.csv"), (await run("suppress", "export")).stdout);
  vi.unstubAllEnvs();
  expect((await run("consent", "show", "taro@example.com")).stdout).toContain('"granted"');
  expect((await run("consent", "import", at("consents.csv"))).code).toBe(0);
  expect((await run("suppress", "import", at("suppressions.csv"))).code).toBe(0);
  expect((await run("consent", "show", "taro@example.com")).json()).toMatchObject([
    { standings: [{ standing: "withdrawn" }] },
  ]);
  expect((await run("suppress", "lookup", "jiro@example.com")).json()).toMatchObject([
    { suppressed: true },
  ]);
  const verified = await run("audit", "verify", "--heads", at("head.json"));
  expect(verified.code).toBe(1);
  expect(verified.stderr).toContain("A restore of an older backup does this, too");
}, 60_000);

test("a backup that fails names the folder: the disk that is full is not always that of the data", async () => {
  using place = createWorkplace("");
  const folder = join(place.configFile, "backup"); // below a file nothing can be made
  const { code, stderr } = await runHere(place.configFile, "backup", folder);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^not backed up to .+\/backup: .+ is no folder/),
  ]);
});
