// A stand-in for the image in the Dockerfile's FROM, from Debian's archive and the Node at hand: where no registry is reached.
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { must, run } from "./podman.ts";

// Beyond Debian's smallest set: a service manager, for the journey of the unit.
const packages = ["systemd", "systemd-sysv"];
const userId = "1000"; // of `node`, as in the image that this stands in for

/** Name of the image; made where the engine does not have it yet, and kept for the next time. Rejects where it cannot be made. */
export async function standIn(release: string): Promise<string> {
  const name = `localhost/sekisho-stand-in:${process.versions.node}-${release}`;
  if ((await run("podman", ["image", "exists", name])).code === 0) return name;
  const npm = await npmFolder();
  const work = mkdtempSync(join(tmpdir(), "sekisho-base-"));
  const root = join(work, "root");
  try {
    await must("debootstrap", [
      "--variant=minbase",
      `--include=${packages.join(",")}`,
      release,
      root,
      ...(await mirror(release)),
    ]);
    for (const part of ["var/cache/apt/archives", "var/lib/apt/lists"])
      rmSync(join(root, part), { recursive: true, force: true });
    await must("chroot", [root, "useradd", "-u", userId, "-U", "-m", "node"]);
    const local = join(root, "usr/local");
    cpSync(process.execPath, join(local, "bin/node"), { dereference: true });
    cpSync(npm, join(local, "lib/node_modules/npm"), { recursive: true });
    symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(local, "bin/npm"));
    const archive = join(work, "root.tar");
    await must("tar", ["-C", root, "-cf", archive, "."]);
    await must("podman", ["import", archive, name]);
  } finally {
    // Should debootstrap have ended before it unmounted what it mounts there: nothing of that.
    await must("rm", ["--recursive", "--force", "--one-file-system", work]);
  }
  return name;
}

/** This machine's own mirror of that release, where it has one; else debootstrap's. */
async function mirror(release: string): Promise<readonly string[]> {
  const format = "$(REPO_URI) $(ORIGIN) $(CODENAME) $(COMPONENT)";
  const { stdout } = await run("apt-get", ["indextargets", "--format", format]);
  const [found] = stdout
    .split("\n")
    .map((line) => line.split(" "))
    .filter((words) => words.slice(1).join(" ") === `Debian ${release} main`);
  return found === undefined ? [] : [found[0] ?? ""];
}

async function npmFolder(): Promise<string> {
  const program = realpathSync((await must("sh", ["-c", "command -v npm"])).trim());
  if (!program.endsWith("/npm/bin/npm-cli.js"))
    throw new Error(`npm is not where it is installed: ${program}`);
  return dirname(dirname(program));
}
