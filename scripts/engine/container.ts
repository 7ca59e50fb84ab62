// The image, built from the Dockerfile and run as docs/operations.md says.
import { randomBytes } from "node:crypto";
import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";

import { dial } from "../../test/support/raw-client.ts";
import { checkout, documentedCommand } from "./documented.ts";
import { putConfiguration, type Place, type PlaceSettings } from "./place.ts";
import { publishedPort, publishedPorts, type Engine } from "./podman.ts";

const heading = "Starting: container";
const imageUser = 1000; // whom the image runs as
const startMaxMs = 60_000;
const inside = { submission: 2587, implicit: 2465, http: 8080 };

export async function container(settings: PlaceSettings): Promise<Place> {
  const { engine, folder } = settings;
  const id = `sekisho-journey-${randomBytes(4).toString("hex")}`;
  const image = `localhost/${id}`;
  const [etc, backup] = [join(folder, "etc"), join(folder, "backup")];
  for (const each of [etc, backup]) mkdirSync(each, { mode: 0o755 });
  chownSync(backup, imageUser, imageUser);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    await engine.run("rm", "--force", "--volumes", id);
    await engine.run("volume", "rm", "--force", `${id}-data`, `${id}-keys`);
    await engine.run("rmi", "--force", image);
  });
  const [, ...words] = documentedCommand(heading, "docker build");
  const build = words.slice(0, -1).map((word) => (word === "sekisho" ? image : word));
  const here = ["--format=docker", `--from=${settings.base}`, ...settings.buildArguments];
  await engine.must(...build, ...here, checkout);
  await expectSampleToAnswer(engine, image, `${id}-sample`);
  const open = stack.move();
  let isMade = false;
  const make = async (): Promise<void> => {
    await engine.must("run", ...runOptions(id, { etc, backup }), ...engine.runArguments, image);
    isMade = true;
  };
  const inspect = async (what: string): Promise<number> =>
    Number(await engine.must("inspect", "--format", `{{.State.${what}}}`, id));
  return {
    name: "container",
    inside,
    outside: () => publishedPorts(engine, id, inside),
    configure: (yaml) => {
      putConfiguration(etc, yaml);
    },
    start: async () => {
      if (isMade) await engine.must("start", id);
      else await make();
    },
    reload: async () => {
      await engine.must("kill", "--signal", "HUP", id);
    },
    stop: async () => {
      await engine.must("stop", id);
      return inspect("ExitCode");
    },
    crash: async () => {
      process.kill(await inspect("Pid"), "SIGKILL");
    },
    command: (...args) => engine.run("exec", id, "sekisho", ...args),
    restore: (...args) => {
      const run = ["run", "--rm", "--volumes-from", id, ...engine.runArguments];
      return engine.run(...run, image, "restore", ...args);
    },
    isHealthy: async () => (await engine.run("healthcheck", "run", id)).code === 0,
    log: async () => {
      const { stdout, stderr } = await engine.run("logs", id);
      return stdout + stderr;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** With nothing mounted the image runs its own sample, at which clients outside must arrive. */
async function expectSampleToAnswer(engine: Engine, image: string, id: string): Promise<void> {
  const noDns = "--env=SEKISHO_DNS_SERVERS=[127.0.0.1:1]";
  const options = ["--detach", "--rm", "--name", id, `--publish=127.0.0.1::${inside.submission}`];
  try {
    await engine.must("run", ...options, noDns, ...engine.runArguments, image);
    const port = await publishedPort(engine, id, inside.submission);
    const until = performance.now() + startMaxMs;
    for (;;) {
      const client = await dial(port).catch(() => undefined);
      client?.end();
      if (client !== undefined) return;
      if (performance.now() > until)
        throw new Error("the image's own configuration cannot be reached");
      await after(500);
    }
  } finally {
    await engine.run("rm", "--force", "--volumes", id);
  }
}

/** The options of the documented `docker run`, with names, folders and ports of this journey. */
function runOptions(
  id: string,
  { etc, backup }: { readonly etc: string; readonly backup: string },
): readonly string[] {
  const [, , ...words] = documentedCommand(heading, "docker run");
  const options = words.slice(0, -1);
  const replace = (word: string, by: string): void => {
    const at = options.indexOf(word);
    if (at === -1) throw new Error(`the documented docker run has no ${word}`);
    options[at] = by;
  };
  replace("sekisho", id);
  replace("./sekisho:/etc/sekisho:ro", `${etc}:/etc/sekisho:ro`);
  replace("./backup:/backup", `${backup}:/backup`);
  replace("sekisho-data:/var/lib/sekisho/data", `${id}-data:/var/lib/sekisho/data`);
  replace("sekisho-keys:/var/lib/sekisho/keys", `${id}-keys:/var/lib/sekisho/keys`);
  replace(`587:${inside.submission}`, `127.0.0.1::${inside.submission}`);
  replace(`465:${inside.implicit}`, `127.0.0.1::${inside.implicit}`);
  replace(`127.0.0.1:8080:${inside.http}`, `127.0.0.1::${inside.http}`);
  return options;
}
