// The master key: from the environment, a command, or a file, in this order.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { loadSecrets } from "./secrets.ts";

const folder = mkdtempSync(join(tmpdir(), "sekisho-secrets-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const one = Buffer.alloc(32, 1).toString("base64");
const two = Buffer.alloc(32, 2).toString("base64");
const prints = (text: string): readonly string[] => [
  process.execPath,
  "-e",
  `process.stdout.write(${JSON.stringify(text)})`,
];
const load = (options: Partial<Parameters<typeof loadSecrets>[1]>): string =>
  loadSecrets(join(folder, "master.key"), { environment: {}, ...options }).fingerprint;
const environment = (key: string): { readonly SEKISHO_MASTER_KEY: string } => ({
  SEKISHO_MASTER_KEY: key,
});

test("a command's key is that of the environment with the same text, and goes before a file's", () => {
  const byCommand = load({ command: prints(`${one}\n`) });
  expect(byCommand).toBe(load({ environment: environment(one) }));
  expect(load({ environment: environment(two), command: prints(one) })).not.toBe(byCommand);
  const byFile = load({});
  expect(statSync(join(folder, "master.key")).mode & 0o777).toBe(0o600);
  expect(load({ command: prints(one) })).toBe(byCommand);
  expect(byFile).not.toBe(byCommand);
});

test.each<[string, readonly string[], RegExp]>([
  ["prints something else", prints("no key"), /not 32 octets in base64/],
  [
    "fails",
    [process.execPath, "-e", "process.exit(3)"],
    /did not print the master key.*exit code 3/,
  ],
  ["does not exist", [join(folder, "nothing-here")], /did not print the master key.*ENOENT/],
])("a command that %s stops the start, and its output is not shown", (_what, command, text) => {
  expect(() => load({ command })).toThrow(text);
  expect(() => load({ command })).not.toThrow(/no key(?!s)/);
});

test("a folder in the place of the file is named as such, and nobody is told to close it to others", () => {
  const read = (): unknown => loadSecrets(folder, { environment: {} });
  expect(read).toThrow(`${folder}:\n  master_key.file: is a folder`);
  expect(read).not.toThrow("chmod");
});

test.skipIf(process.platform === "win32")("no part of a key stays behind on a full disk", () => {
  const file = join(folder, "full/master.key");
  const script = `import { loadSecrets } from ${JSON.stringify(join(import.meta.dirname, "secrets.ts"))};
    loadSecrets(${JSON.stringify(file)}, { environment: {} });`;
  // No octet may be written to any file: write(2) fails with EFBIG, as a full disk does with ENOSPC.
  const limited = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`;
  const args = ["-c", limited, process.execPath, "--input-type=module", "--eval", script];
  const run = spawnSync("bash", args, { encoding: "utf8" });
  expect([run.status, run.stderr]).toEqual([1, expect.stringContaining("EFBIG")]);
  expect(readdirSync(join(folder, "full"))).toEqual([]);
});

test.skipIf(process.platform === "win32")("row 85: a file that others may read is refused", () => {
  const file = join(folder, "open.key");
  writeFileSync(file, one);
  chmodSync(file, 0o640);
  expect(() => loadSecrets(file, { environment: {} })).toThrow(/chmod 600/);
});
