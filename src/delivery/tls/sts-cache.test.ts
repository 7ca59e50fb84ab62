import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { createStsCache, type CachedPolicy } from "./sts-cache.ts";
import { parseStsPolicy } from "./sts-policy.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sekisho-sts-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function policy(id: string): CachedPolicy {
  const parsed = parseStsPolicy(
    "version: STSv1\r\nmode: enforce\r\nmx: mx.x.test\r\nmax_age: 86400\r\n",
  );
  if (parsed.kind === "bad") throw new Error(parsed.problem);
  return { policy: parsed.value, id, fetchedAt: new Date("2026-11-25T00:00:00Z") };
}

test("what was set is there for a process that starts at that moment, without a close of the first", async () => {
  const file = join(folder, "deeper", "policies");
  const first = createStsCache(file);
  await first.set("x.test", policy("1"));
  await first.set("x.test", policy("2"));
  await first.set("y.test", policy("3"));
  const second = createStsCache(file);
  expect(second.get("x.test")).toEqual(policy("2"));
  expect(second.get("y.test")).toEqual(policy("3"));
});

test("a line that a crash has cut costs that line and no other", async () => {
  const file = join(folder, "policies");
  await createStsCache(file).set("x.test", policy("1"));
  appendFileSync(file, '["y.test","2",17');
  const second = createStsCache(file);
  expect(second.get("x.test")).toEqual(policy("1"));
  await second.set("z.test", policy("3"));
  expect(createStsCache(file).get("z.test")).toEqual(policy("3"));
});

test("the journal is written anew before it holds far more than what counts", async () => {
  const file = join(folder, "policies");
  const cache = createStsCache(file);
  await cache.set("x.test", policy("1"));
  const line = readFileSync(file, "utf8");
  writeFileSync(file, line.repeat(40_000));
  const again = createStsCache(file);
  await again.set("y.test", policy("2"));
  expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(2);
});

test("a folder that cannot be written is told, and the policy is kept to all the same", async () => {
  const file = join(folder, "file", "policies");
  writeFileSync(join(folder, "file"), "");
  const warned: unknown[] = [];
  const cache = createStsCache(file, (error) => {
    warned.push(error);
  });
  await cache.set("x.test", policy("1"));
  expect(warned).toHaveLength(1);
  expect(cache.get("x.test")).toEqual(policy("1"));
});

test("an append that failed half-way costs nothing of what is set behind it", async () => {
  const file = join(folder, "policies");
  const warned: unknown[] = [];
  const cache = createStsCache(file, (error) => void warned.push(error));
  await cache.set("x.test", policy("1"));
  rmSync(file);
  mkdirSync(file); // what stands there now cannot be appended to
  await cache.set("y.test", policy("2"));
  rmSync(file, { recursive: true });
  writeFileSync(file, '["y.test","2",17'); // as a full disk leaves it
  await cache.set("z.test", policy("3"));
  expect(warned).toHaveLength(1);
  const next = createStsCache(file);
  for (const [domain, id] of ["x.test 1", "y.test 2", "z.test 3"].map((pair) => pair.split(" ")))
    expect(next.get(domain ?? "")?.id, domain).toBe(id);
});
