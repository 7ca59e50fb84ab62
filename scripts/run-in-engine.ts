// The image in a container and the unit under systemd, as docs/operations.md sets them up, each with one gateway's whole life.
//   node scripts/run-in-engine.ts
// Wants podman, swaks and, for the unit, root and debootstrap (a machine to install on); without them it says so, loudly,
// and ends with 0. An image in the engine's store that has the name in the Dockerfile's FROM is begun from; else a stand-in.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { standIn } from "./engine/base-image.ts";
import { container } from "./engine/container.ts";
import { checkout } from "./engine/documented.ts";
import { journey } from "./engine/journey.ts";
import type { Place, PlaceSettings } from "./engine/place.ts";
import { findEngine, npmArguments, run } from "./engine/podman.ts";
import { service } from "./engine/service.ts";

const [, from = "", release = ""] =
  /^FROM (node:\d+-(\w+)\S*)$/m.exec(readFileSync(join(checkout, "Dockerfile"), "utf8")) ?? [];
const folder = mkdtempSync(join(tmpdir(), "sekisho-engine-"));
try {
  const lack = await whatLacks();
  if (lack === undefined) await journeys();
  else console.log(`JOURNEYS IN AN ENGINE SKIPPED: ${lack}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function whatLacks(): Promise<string | undefined> {
  for (const [program, flag] of [
    ["podman", "--version"],
    ["debootstrap", "--version"],
    ["swaks", "--version"],
  ] as const)
    if ((await run(program, [flag])).code !== 0) return `no ${program}`;
  return process.getuid?.() === 0 ? undefined : "not root";
}

async function journeys(): Promise<void> {
  const machine = await standIn(release);
  const engine = await findEngine(machine);
  if (engine === undefined) {
    console.log("JOURNEYS IN AN ENGINE SKIPPED: podman runs no container on this machine");
    return;
  }
  const hasReal = (await engine.run("image", "exists", from)).code === 0;
  console.log(`the image begins from ${hasReal ? from : `a stand-in for ${from}: ${machine}`}`);
  const buildArguments = await npmArguments(folder);
  const settings = (name: string, base: string): PlaceSettings => {
    const own = join(folder, name);
    mkdirSync(own);
    return { engine, base, folder: own, buildArguments };
  };
  await live(await container(settings("container", hasReal ? from : machine)));
  await live(await service(settings("service", machine)));
}

async function live(made: Place): Promise<void> {
  await using place = made;
  console.log(`${place.name}: ${await journey(place, folder)}`);
}
