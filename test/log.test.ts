// Lines that the destination does not take are counted, and told once it takes lines again.
import { spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { afterAll, expect, test } from "vitest";

import { createLog, openLines } from "../src/log.ts";

const folder = mkdtempSync(join(tmpdir(), "sekisho-log-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function parse(text: string): readonly Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("lines come in their order, one an event, with nothing secret in them", async () => {
  const path = join(folder, "file.log");
  const file = openSync(path, "w");
  const lines = openLines(file);
  const log = createLog({ level: "info", lines });
  for (let n = 0; n < 1000; n += 1) log.info({ n, password: "x" }, "event");
  log.debug("not this");
  await expect.poll(() => parse(readFileSync(path, "utf8")).length).toBe(1000);
  const read = parse(readFileSync(path, "utf8"));
  expect(read.map(({ n }) => n)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  expect(read[0]).toMatchObject({ level: "info", msg: "event", password: "[redacted]" });
  closeSync(file);
});

test.skipIf(process.platform !== "linux")(
  "a full disk ends nothing and holds up nobody",
  async () => {
    const file = openSync("/dev/full", "w");
    const lines = openLines(file);
    for (let n = 0; n < 3; n += 1) {
      lines.write("one\n");
      await setImmediate();
    }
    expect(lines.end).not.toThrow();
    closeSync(file);
  },
);

test.skipIf(process.platform === "win32")(
  "a reader that stalls costs lines, not memory, and reads first how many once it goes on",
  async () => {
    const path = join(folder, "pipe");
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const lines = openLines(pipe);
    const line = (n: number): string => `${JSON.stringify({ n, text: "x".repeat(1000) })}\n`;
    const written = 3000;
    for (let n = 0; n < written; n += 1) lines.write(line(n));
    let text = "";
    const buffer = Buffer.alloc(65_536);
    const drain = (): void => {
      try {
        for (;;) text += buffer.toString("utf8", 0, readSync(pipe, buffer));
      } catch {
        // nothing there for now
      }
    };
    await expect
      .poll(
        () => {
          drain();
          lines.write(line(written));
          return text.includes(`"n":${written}`) && text.endsWith("\n");
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    const read = parse(text);
    const notice = read.findIndex(({ lost }) => lost !== undefined);
    expect(read[notice]).toMatchObject({ level: "error", because: "it takes lines too slowly" });
    const kept = read.filter(({ n }) => typeof n === "number" && n < written).length;
    expect(kept + Number(read[notice]?.["lost"])).toBeGreaterThanOrEqual(written);
    expect(kept).toBeLessThan(2000);
    closeSync(pipe);
  },
);
