// What a report of a fault begins with.
import { expect, test } from "vitest";

import manifest from "../../package.json" with { type: "json" };
import { runHere } from "../support/command-here.ts";

test("sekisho --version prints the release", async () => {
  const { code, stdout } = await runHere("no-file.yaml", "--version");
  expect([code, stdout.trim()]).toEqual([0, manifest.version]);
});
