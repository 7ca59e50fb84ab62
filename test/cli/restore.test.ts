// What a restore leaves to its operator: what was recorded after the backup stands in the copy that it moved aside.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { afterEach, expect, test, vi } from "vitest";

import { runHere } from "../support/command-here.ts";
import { createWorkplace, giveConsent, type CommandResult } from "../support/gateway-process.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a restore brings over the stops, suppressions, erasures and freezes since the backup, and nothing that permits", async () => {
  using place = createWorkplace("");
  const run = (line: string): Promise<CommandResult> =>
    runHere(place.configFile, ...line.split(" "));
  const folder = join(place.folder, "backup");
  const grant = (email: string): Promise<CommandResult> =>
    run(
      `consent add --email ${email} --sender sample --topic news --basis consent --method web-form --source https://www.example.jp/`,
    );
  for (const name of ["taro", "gone", "before", "back", "pause"])
    expect((await grant(`${name}@example.com`)).code).toBe(0);
  await run("consent erase before@example.com --yes");
  await run("suppress add --email lifted@example.com --kind manual --scope all");
  await run("freeze sender:sample --reason before");
  expect((await run(`backup ${folder}`)).code).toBe(0);

  await run("consent withdraw --email taro@example.com --sender sample --topic news");
  await run("suppress add --email jiro@example.com --kind complaint --scope sender:sample");
  await run(
    "suppress add --domain example.net --kind manual --scope all --expires 2099-01-01T00:00:00Z",
  );
  await run("suppress remove --email lifted@example.com --scope all --reason mistake");
  await run("unfreeze sender:sample");
  expect((await run("freeze stream:newsletter --reason list")).code).toBe(0);
  expect((await run("queue pause --destination example.org --reason full")).code).toBe(0);
  await run("consent erase gone@example.com --yes");
  await run("consent erase back@example.com --yes");
  await grant("back@example.com");
  await grant("new@example.com");

  const restored = await run(`restore ${folder} --yes`);
  expect(restored.code, restored.stderr).toBe(0);
  const carriedOver = { suppressions: 2, erasures: 2, freezes: 2 };
  expect(restored.json()[0]).toMatchObject({ carriedOver });
  expect(restored.stderr).toContain("2 suppressions, 2 erasures");
  expect(restored.stderr).not.toContain("bring them in");
  const standing = async (email: string): Promise<unknown> =>
    (await run(`consent show ${email}`)).json()[0]?.["standings"];
  expect(await standing("taro@example.com")).toMatchObject([{ standing: "withdrawn" }]);
  for (const name of ["gone", "before", "back"])
    expect(await standing(`${name}@example.com`)).toMatchObject([{ standing: "withdrawn" }]);
  expect(await standing("new@example.com")).toEqual([]);
  expect(await standing("pause@example.com")).toMatchObject([{ standing: "granted" }]);
  expect((await run("freeze list")).json()).toMatchObject([
    { scope: "sender:sample", reason: "before" },
    { scope: "stream:newsletter", reason: "list" },
  ]);
  expect((await run("queue pauses")).stdout).toContain("example.org");
  expect((await run("consent export")).stdout).not.toMatch(/gone@|back@|before@/);
  for (const address of ["jiro@example.com", "anybody@example.net", "lifted@example.com"])
    expect((await run(`suppress lookup ${address}`)).json()).toMatchObject([{ suppressed: true }]);
  expect((await run("audit verify")).json()).toMatchObject([{ kind: "intact" }]);
  expect(JSON.stringify((await run("log search --type Operation --limit 1000")).json())).toContain(
    '"erasures":2',
  );

  // The second time there is nothing new in the data that the first one made.
  const again = await run(`restore ${folder} --yes`);
  expect(again.json()[0]).toMatchObject({ carriedOver: { suppressions: 2, erasures: 2 } });
  expect(await standing("taro@example.com")).toMatchObject([{ standing: "withdrawn" }]);
}, 60_000);

test("where the data that are there cannot be read, a restore does nothing until it is told to go without", async () => {
  using place = createWorkplace("");
  const run = (...args: readonly string[]): Promise<CommandResult> =>
    runHere(place.configFile, ...args);
  const folder = join(place.folder, "backup");
  await giveConsent(place.configFile);
  expect((await run("backup", folder)).code).toBe(0);
  const file = join(place.folder, "data/sekisho.db");
  for (const ending of ["-wal", "-shm"]) rmSync(file + ending, { force: true });
  writeFileSync(file, Buffer.alloc(100_000, "damaged"));
  const refused = await run("restore", folder, "--yes");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--without-stops")]);
  expect(readFileSync(file).subarray(0, 7).toString()).toBe("damaged");
  expect(
    readdirSync(join(place.folder, "data")).filter((name) => name.includes("restored")),
  ).toEqual([]);
  const restored = await run("restore", folder, "--yes", "--without-stops");
  expect(restored.code, restored.stderr).toBe(0);
  expect(restored.stderr).toContain("bring them in before the gateway starts");
  expect((await run("consent", "show", "taro@example.com")).stdout).toContain('"granted"');
}, 60_000);

test("left behind, stops since the backup come over from the copy moved aside; a head kept since then is told as what a restore does", async () => {
  using place = createWorkplace("");
  const run = (...args: readonly string[]): Promise<CommandResult> =>
    runHere(place.configFile, ...args);
  const at = (name: string): string => join(place.folder, name);
  await giveConsent(place.configFile);
  await run("backup", at("backup"));
  await run(..."consent withdraw --email taro@example.com --sender sample --topic news".split(" "));
  await run(..."suppress add --email jiro@example.com --kind manual --scope all".split(" "));
  writeFileSync(at("head.json"), (await run("audit", "verify")).stdout);

  const restored = await run("restore", at("backup"), "--yes", "--without-stops");
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
