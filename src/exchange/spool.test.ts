// What an import keeps aside comes back whole, in the order of keys, and is readable to nobody else meanwhile.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { createSpool } from "./spool.ts";

const key = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** A key of 32 hexadecimal digits and a text, as a row; and back. */
const row = (line: string): Buffer =>
  Buffer.concat([Buffer.from(line.slice(0, 32), "hex"), Buffer.from(line.slice(32))]);
const text = (octets: Uint8Array): string => {
  const buffer = Buffer.from(octets);
  return buffer.toString("hex", 0, 16) + buffer.toString("utf8", 16);
};

async function collect(rows: AsyncGenerator<readonly Uint8Array[]>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const some of rows) for (const one of some) all.push(text(one));
  return all;
}

/** Contents of the files that this process holds open without a name. */
function namelessFiles(): readonly Buffer[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    const path = `/proc/self/fd/${fd}`;
    const isOurs = existsSync(path) && /sekisho-import-.*\(deleted\)$/.test(readlinkSync(path));
    return isOurs ? [readFileSync(path)] : [];
  });
}

describe("spool", () => {
  test("gives lines back in the order of keys, and lines of one key in the order of adding", async () => {
    await using spool = createSpool();
    const added: string[] = [];
    for (let n = 0; n < 40_000; n += 1) {
      // Every fourth line is of a person who was there before; texts of all widths, and some larger than a bucket.
      const words = n % 9000 === 1 ? "見".repeat(50_000) : `見本 ${"x".repeat(n % 400)}`;
      const line = `${key(String(n % 4 === 3 ? n - 3 : n))}${n}:${words}`;
      added.push(line);
      await spool.add(row(line));
    }
    const expected = added
      .map((line, place) => ({ line, place, key: line.slice(0, 32) }))
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.place - b.place))
      .map(({ line }) => line);
    const got = await collect(spool.rows());
    expect(got.length).toBe(expected.length);
    expect(got.findIndex((line, place) => line !== expected[place])).toBe(-1);
  });

  test.runIf(process.platform === "linux")(
    "what stands on disk has no name and tells nothing",
    async () => {
      await using spool = createSpool();
      const line = `${key("one")} taro@example.jp `;
      for (let n = 0; n < 2000; n += 1) await spool.add(row(line + "見本".repeat(10)));
      const files = namelessFiles();
      expect(files).toHaveLength(1);
      expect(files[0]?.length).toBeGreaterThan(100_000);
      expect(files.some((file) => file.includes("taro") || file.includes("見本"))).toBe(false);
    },
  );

  test("writes no file for a table that fits into memory", async () => {
    await using spool = createSpool();
    for (let n = 0; n < 1000; n += 1) expect(spool.add(row(`${key(String(n))}x`))).toBeUndefined();
    expect(await collect(spool.rows())).toHaveLength(1000);
  });
});
