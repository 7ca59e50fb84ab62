// Private keys on the disk: sealed, for their owner alone, each bound to its own domain and selector.
import { randomBytes } from "node:crypto";
import {
  chmod,
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { generateKey } from "../../src/dkim/generate.ts";
import { SelectorTaken } from "../../src/dkim/key.ts";
import { createSigner } from "../../src/dkim/sign.ts";
import { openStorage, type Storage } from "../../src/storage/open.ts";
import { domainOf } from "../support/signing-office.ts";

const clock = (): Date => new Date("2026-11-25T00:00:00Z");
const act = { actor: "test", at: clock() };
const a = domainOf("tenant-a.example");
const b = domainOf("tenant-b.example");
const secrets = {
  index: randomBytes(32),
  seal: randomBytes(32),
  content: randomBytes(32),
  dkim: randomBytes(32),
  fingerprint: "0123abcd",
};
const message = Buffer.from("From: x@tenant-a.example\r\n\r\nbody\r\n");

let folder: string;
let files: Record<"a" | "b", string>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sekisho-keys-"));
  await using storage = await open();
  for (const domain of [a, b]) {
    const privateKey = await generateKey({ algorithm: "rsa", bits: 2048 });
    await storage.keys.add({ domain, selector: "s1", privateKey }, act);
    await storage.keys.setState(domain, "s1", "active", act);
  }
  files = { a: join(folder, "keys", a, "s1.key"), b: join(folder, "keys", b, "s1.key") };
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function open(change: Partial<typeof secrets> = {}): Promise<Storage> {
  return openStorage({
    url: "sqlite:sekisho.db",
    dataDir: join(folder, "data"),
    keysDir: join(folder, "keys"),
    secrets: { ...secrets, ...change },
    role: "office",
    clock,
  });
}

async function signs(storage: Storage): Promise<string> {
  const signer = createSigner({ keys: storage.keys, clock, requirePublished: true });
  const signing = await signer.sign(message, a);
  return signing.kind === "signed" ? "signed" : signing.detail;
}

test("row 85: a key is sealed on the disk and signs once unsealed", async () => {
  const sealed = await readFile(files.a);
  expect(sealed.includes("PRIVATE")).toBe(false);
  await using storage = await open();
  expect(await signs(storage)).toBe("signed");
});

test.skipIf(process.platform === "win32")(
  "row 85: keys that others can read keep the store shut",
  async () => {
    for (const path of [files.a, join(folder, "keys", a), join(folder, "keys")]) {
      await chmod(path, 0o744);
      await expect(open()).rejects.toThrow(/can be read by others/);
      await chmod(path, 0o700);
    }
  },
);

test("row 85: another master key opens nothing, and the message waits", async () => {
  await using storage = await open({ dkim: randomBytes(32) });
  expect(await signs(storage)).toMatch(/does not open/);
});

test("row 85: a key whose file is gone is told with its remedy, and the message waits", async () => {
  await rm(files.a);
  await using storage = await open();
  expect(await signs(storage)).toBe(
    `the key file ${files.a} is missing: put it back from a backup, or make a new key (sekisho keys create --domain ${a})`,
  );
});

test("a key's file that was left without a record holds its selector for a minute, and is then replaced", async () => {
  const left = join(folder, "keys", a, "s2.key");
  await writeFile(left, "cut off", { mode: 0o600 });
  await using storage = await open();
  const privateKey = await generateKey({ algorithm: "rsa", bits: 2048 });
  const adding = (): Promise<unknown> =>
    storage.keys.add({ domain: a, selector: "s2", privateKey }, act);
  await expect(adding()).rejects.toThrow(SelectorTaken);
  const minutesAgo = new Date(Date.now() - 120_000);
  await utimes(left, minutesAgo, minutesAgo);
  await adding();
  expect((await storage.keys.privateKey(a, "s2")).equals(privateKey)).toBe(true);
});

describe("row 86: with files moved between", () => {
  test("tenants, neither signs for the other", async () => {
    await copyFile(files.b, files.a);
    await using storage = await open();
    expect(await signs(storage)).toMatch(/does not open/);
  });

  test("selectors of one tenant, the old key does not come back", async () => {
    await using storage = await open();
    const privateKey = await generateKey({ algorithm: "rsa", bits: 2048 });
    await storage.keys.add({ domain: a, selector: "s2", privateKey }, act);
    await rename(join(folder, "keys", a, "s2.key"), files.a);
    expect(await signs(storage)).toMatch(/does not open/);
  });
});
