// threats.md row 55: the disk takes no more; what was acknowledged is there, reads go on, the rest is told to come back.
import { spawn } from "node:child_process";
import { join } from "node:path";

import { expect, test } from "vitest";

import { openStorage } from "../../src/storage/open.ts";
import { settingsFor, temporaryFolder } from "../support/storage-facts.ts";

const child = join(import.meta.dirname, "../support/storage-child.ts");

async function output(command: string, args: readonly string[]): Promise<readonly string[]> {
  const running = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  for await (const chunk of running.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8").trim().split("\n");
}

test.skipIf(process.platform === "win32")(
  "row 55: a write failure is StorageUnavailable full, and nothing acknowledged is lost",
  async () => {
    using folder = temporaryFolder();
    // 6 MB a file, the signal of the limit ignored so that write(2) fails with EFBIG as a full disk does with ENOSPC.
    const script = `trap '' XFSZ; ulimit -f 6144; exec "$0" "$@"`;
    const lines = await output("bash", [
      "-c",
      script,
      process.execPath,
      child,
      folder.path,
      "60000",
    ]);
    const ids = lines.filter((line) => !line.startsWith("failed"));
    const failures = lines.filter((line) => line.startsWith("failed"));
    expect(ids.length).toBeGreaterThan(10);
    expect(new Set(failures)).toEqual(new Set(["failed full healthy=false readable=true"]));

    await using storage = await openStorage(settingsFor(folder.path));
    for (const id of ids) expect(await storage.queue.content(id)).toHaveLength(60_000);
    expect((await storage.audit.verify()).kind).toBe("intact");
  },
);
