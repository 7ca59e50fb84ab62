// What the far end said of a message, read back from where its copy lies.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { readAuthenticationResults } from "./mail-copy.ts";

const folder = mkdtempSync(join(tmpdir(), "sekisho-copy-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const mail = (id: string, ...results: readonly string[]): string =>
  [
    ...results.map((result) => `Authentication-Results: ${result}`),
    `Message-ID: <${id}@example.jp>`,
    "Subject: x",
    "",
    "From the body",
    "",
  ].join("\n");

test("of an mbox the right message is read, folds undone, the last host first", () => {
  const file = join(folder, "mbox");
  writeFileSync(
    file,
    `From a@b Wed\n${mail("1", "mx.test; dkim=fail")}\nFrom a@b Wed\n${mail("2", "mx.test;\n\tdkim=pass header.d=example.jp;\n\tspf=pass", "inner.test; none")}`,
  );
  expect(readAuthenticationResults(file, "<2@example.jp>")).toEqual([
    "mx.test; dkim=pass header.d=example.jp; spf=pass",
    "inner.test; none",
  ]);
  expect(readAuthenticationResults(file, "<1@example.jp>")).toEqual(["mx.test; dkim=fail"]);
});

test("a folder of messages and a copy that has not come yet", () => {
  writeFileSync(join(folder, "1.eml"), mail("3", "mx.test; dmarc=pass"));
  expect(readAuthenticationResults(folder, "<3@example.jp>")).toEqual(["mx.test; dmarc=pass"]);
  expect(readAuthenticationResults(folder, "<4@example.jp>")).toBeUndefined();
  expect(readAuthenticationResults(join(folder, "none"), "<3@example.jp>")).toBeUndefined();
});
