// A process killed at any moment under load has stored all that it acknowledged (threats.md rows 45 and 46).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { expect, test } from "vitest";

import { openStorage } from "../../src/storage/open.ts";
import { noon, settingsFor, temporaryFolder } from "../support/storage-facts.ts";

const child = join(import.meta.dirname, "../support/storage-child.ts");

test("row 46: kill -9 between acknowledgements loses nothing and leaves the chain whole", async () => {
  using folder = temporaryFolder();
  const acknowledged: string[] = [];
  for (const killAt of [1, 7, 60, 200]) {
    const running = spawn(process.execPath, [child, folder.path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let seen = 0;
    for await (const line of createInterface({ input: running.stdout })) {
      acknowledged.push(line);
      seen += 1;
      if (seen === killAt) running.kill("SIGKILL");
    }
    if (running.exitCode === null && running.signalCode === null) await once(running, "exit");
    expect(seen).toBeGreaterThanOrEqual(killAt);
  }
  await using storage = await openStorage(settingsFor(folder.path));
  for (const id of acknowledged) expect(await storage.queue.content(id)).toHaveLength(100);
  const counts = await storage.queue.counts();
  expect(counts.states.waiting).toBeGreaterThanOrEqual(acknowledged.length);
  expect(await storage.audit.verify()).toMatchObject({ kind: "intact" });
  expect(await storage.audit.counts()).toEqual({ Reception: counts.states.waiting });
  const limit = counts.states.waiting + 1;
  const leases = await storage.queue.lease({
    owner: "a",
    now: noon(1),
    leaseUntil: noon(2),
    limit,
  });
  expect(leases).toHaveLength(counts.states.waiting);
});
