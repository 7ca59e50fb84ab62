import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { expect, test } from "vitest";

import { fewerConnections, openFilesMax } from "./open-files.ts";

test.skipIf(process.platform !== "linux")(
  "the limit that a process was started with is read",
  () => {
    const script = `import { openFilesMax } from ${JSON.stringify(join(import.meta.dirname, "open-files.ts"))};
    process.stdout.write(String(openFilesMax()));`;
    const args = ["-c", `ulimit -n 200; exec "$0" "$@"`, process.execPath];
    const run = spawnSync("sh", [...args, "--input-type=module", "--eval", script], {
      encoding: "utf8",
    });
    expect(run.stdout, run.stderr).toBe("200");
    expect(openFilesMax("/nowhere")).toBeUndefined();
  },
);

test.each([
  [undefined, undefined], // not told
  [16_384, undefined],
  [1200, undefined],
  [1199, 999],
  [1024, 824],
  [200, 50], // of 200 delivery may take 100
])("of %s open files %s connections are left where 1000 are wanted", (openFiles, left) => {
  expect(fewerConnections(openFiles, { wanted: 1000, outgoing: 100 })).toBe(left);
});
