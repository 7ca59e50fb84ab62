// The short form of `npm run torture -- fuzz`: the same inputs each time. A failure prints seed, path and the smallest input.
import { expect, test } from "vitest";

import { mimeTarget, styleTarget } from "./content-targets.ts";
import { dnsTarget } from "./dns-target.ts";
import { httpTarget } from "./http-target.ts";
import { mergedTarget } from "./merged-target.ts";
import { recordTarget, replyTarget, returnedTarget, tokenTarget } from "./outside-targets.ts";
import { configTarget, csvTarget } from "./file-targets.ts";
import { commandTarget, listenerTarget, splitterTarget } from "./smtp-targets.ts";
import { fuzzTargets, type FuzzTarget } from "./targets.ts";

const seed = 20_261_125;
const inputs = 150; // a second or two for each target
const patience = { timeout: 120_000 };
const tried = new Set<FuzzTarget>();

/** Resolves to the number of inputs. */
async function survives(target: FuzzTarget): Promise<number> {
  tried.add(target);
  const runs = Math.ceil(inputs * target.weight);
  await target.run({ seed, runs });
  return runs;
}

test(
  "row 1: the DATA splitter sees one end, whatever comes in whatever packets",
  patience,
  async () => {
    expect(await survives(splitterTarget)).toBeGreaterThan(0);
  },
);
test("row 8: the readers of MAIL and RCPT survive hostile lines", patience, async () => {
  expect(await survives(commandTarget)).toBeGreaterThan(0);
});
test("row 5: a listener gives each hostile line one reply", patience, async () => {
  expect(await survives(listenerTarget)).toBeGreaterThan(0);
});
test("row 23: the MIME walker survives hostile messages", patience, async () => {
  expect(await survives(mimeTarget)).toBeGreaterThan(0);
});
test(
  "row 29: the style engine survives hostile pages, and sees them as if each were the first",
  patience,
  async () => {
    expect(await survives(styleTarget)).toBeGreaterThan(0);
  },
);
test("nobody is refused a newsletter for what is merged into it", patience, async () => {
  expect(await survives(mergedTarget)).toBeGreaterThan(0);
});
test("the configuration loader names what is wrong in whatever file", patience, async () => {
  expect(await survives(configTarget)).toBeGreaterThan(0);
});
test("row 80: the reader of tables survives hostile files", patience, async () => {
  expect(await survives(csvTarget)).toBeGreaterThan(0);
});
test("row 25: the reader of returned mail survives hostile reports", patience, async () => {
  expect(await survives(returnedTarget)).toBeGreaterThan(0);
});
test("row 44: receivers' replies are the same in whatever packets", patience, async () => {
  expect(await survives(replyTarget)).toBeGreaterThan(0);
});
test("row 42: records of other zones end in a reading or a no", patience, async () => {
  expect(await survives(recordTarget)).toBeGreaterThan(0);
});
test(
  "row 42: whatever octets a name server answers with, a question ends in a value",
  patience,
  async () => {
    expect(await survives(dnsTarget)).toBeGreaterThan(0);
  },
);
test("row 88: no token or return path of ours survives a change", patience, async () => {
  expect(await survives(tokenTarget)).toBeGreaterThan(0);
});
test("row 81: the HTTP API answers whatever is asked, and never fails", patience, async () => {
  expect(await survives(httpTarget)).toBeGreaterThan(0);
});

test("nothing that is fuzzed is left out here", () => {
  expect([...tried]).toEqual(expect.arrayContaining([...fuzzTargets]));
});
