// A missing or wrong master key is noticed before it answers for anybody: to it, suppressed people are strangers.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadSecrets } from "../../src/config/secrets.ts";
import { openStorage } from "../../src/storage/open.ts";
import { runHere } from "../support/command-here.ts";
import { createWorkplace, type Workplace, type CommandResult } from "../support/gateway-process.ts";
import { settingsFor, temporaryFolder } from "../support/storage-facts.ts";

const suppressed = "v@example.com";

let place: Workplace;
let file: string;
let database: string;
beforeEach(() => {
  place = createWorkplace("");
  file = join(place.folder, "keys/master.key");
  database = join(place.folder, "data/sekisho.db");
});
afterEach(() => {
  place[Symbol.dispose]();
});

function run(...args: readonly string[]): Promise<CommandResult> {
  return runHere(place.configFile, ...args);
}

function suppress(email: string): Promise<CommandResult> {
  return run(..."suppress add --kind manual --scope all --email".split(" "), email);
}

/** The fingerprint on record. */
function recorded(): string | undefined {
  const db = new Database(database, { readonly: true });
  try {
    const select = "SELECT value FROM counters WHERE name = 'master-key'";
    return db.prepare<[], number>(select).pluck().get()?.toString(16).padStart(8, "0");
  } finally {
    db.close();
  }
}

function record(fingerprint: string): void {
  const db = new Database(database);
  db.prepare("UPDATE counters SET value = ? WHERE name = 'master-key'").run(
    Number.parseInt(fingerprint, 16),
  );
  db.close();
}

/** As a version left it that kept no fingerprint. */
function forget(): void {
  const db = new Database(database);
  db.exec("DELETE FROM counters WHERE name = 'master-key'");
  db.close();
}

function writeOtherKey(): void {
  writeFileSync(file, randomBytes(32).toString("base64"), { mode: 0o600 });
}

describe("row 85: beside a database", () => {
  beforeEach(async () => {
    expect((await suppress(suppressed)).code).toBe(0);
  });

  test.each([`suppress lookup ${suppressed}`, "queue list", "serve", "audit verify"])(
    "no key is made where the file is missing: %s",
    async (words) => {
      const expected = recorded();
      expect(expected).toMatch(/^[0-9a-f]{8}$/);
      rmSync(file);
      const refused = await run(...words.split(" "));
      expect([refused.code, refused.stdout]).toEqual([2, ""]);
      for (const word of [file, database, expected, "SEKISHO_MASTER_KEY"])
        expect(refused.stderr).toContain(word);
      expect(existsSync(file)).toBe(false);
    },
  );

  test("another key is refused by every command and the gateway, with both fingerprints", async () => {
    const expected = recorded();
    const away = `${file}.away`;
    renameSync(file, away);
    writeOtherKey();
    for (const args of [["suppress", "list"], ["queue", "list"], ["serve"], ["backup", "copy"]]) {
      const refused = await run(...args);
      expect([refused.code, refused.stdout]).toEqual([2, ""]);
      expect(refused.stderr).toContain(`${file}:`);
      expect(refused.stderr).toContain(`has fingerprint ${String(expected)}`);
      expect(refused.stderr).toMatch(/found fingerprint [0-9a-f]{8}\b/);
    }
    renameSync(away, file);
    expect((await run("suppress", "lookup", suppressed)).stdout).toContain('"manual"');
  });

  test("another key in the environment is refused too", async () => {
    process.env["SEKISHO_MASTER_KEY"] = randomBytes(32).toString("base64");
    try {
      const refused = await suppress("w@example.com");
      expect([refused.code, refused.stdout]).toEqual([2, ""]);
      expect(refused.stderr).toContain("SEKISHO_MASTER_KEY:");
    } finally {
      delete process.env["SEKISHO_MASTER_KEY"];
    }
  });

  test("of an earlier version, only the key that opens what is sealed there goes on record", async () => {
    const expected = recorded();
    const right = readFileSync(file);
    forget();
    writeOtherKey();
    const refused = await suppress("w@example.com");
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("opens nothing of what is sealed");
    expect(recorded()).toBeUndefined();

    writeFileSync(file, right, { mode: 0o600 });
    expect((await suppress("w@example.com")).code).toBe(0);
    expect(recorded()).toBe(expected);
  });

  test("of an earlier version, what a wrong key has sealed meanwhile does not prove it", async () => {
    const expected = recorded();
    const right = readFileSync(file);
    writeOtherKey();
    record(loadSecrets(file, { environment: {} }).fingerprint); // that version did not compare
    expect((await suppress("w@example.com")).code).toBe(0);
    forget();
    expect((await suppress("x@example.com")).code).toBe(2);
    writeFileSync(file, right, { mode: 0o600 });
    expect((await suppress("x@example.com")).code).toBe(0);
    expect(recorded()).toBe(expected);
  });
});

test("row 85: an earlier version's data without anything sealed take the key that is there", async () => {
  expect((await run("queue", "list")).code).toBe(0);
  forget();
  expect((await run("queue", "list")).code).toBe(0);
  expect(recorded()).toMatch(/^[0-9a-f]{8}$/);
});

test("row 85: a store opens by the key it was made with alone, whoever opens it", async () => {
  using folder = temporaryFolder();
  const settings = settingsFor(folder.path);
  await using gateway = await openStorage(settings);
  const other = { ...settings.secrets, fingerprint: "00000001" };
  await expect(openStorage({ ...settings, role: "office", secrets: other })).rejects.toMatchObject({
    name: "OtherMasterKey",
    expected: settings.secrets.fingerprint,
  });
  expect(await gateway.health()).toEqual({ ok: true });
});
