// A machine with systemd, in a container, on which the unit is installed as docs/operations.md says.
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";

import { checkout, documented } from "./documented.ts";
import { putConfiguration, type Place, type PlaceSettings } from "./place.ts";
import { publishedPorts, type Engine } from "./podman.ts";

const heading = "Starting: systemd";
const bootMaxMs = 60_000;
const inside = { submission: 587, implicit: 465, http: 8080 };

/** `base` has systemd. */
export async function service(settings: PlaceSettings): Promise<Place> {
  const { engine, folder } = settings;
  const id = `sekisho-machine-${randomBytes(4).toString("hex")}`;
  const image = `localhost/${id}`;
  const etc = join(folder, "etc");
  mkdirSync(etc, { mode: 0o755 });
  const enable = documented(heading).filter((step) => step.startsWith("systemctl"));
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    await engine.run("rm", "--force", "--volumes", id);
    await engine.run("rmi", "--force", image);
  });
  await build(settings, image);
  const ports = Object.values(inside).map((port) => `--publish=127.0.0.1::${port}`);
  const options = [...engine.runArguments, ...ports, `--volume=${etc}:/etc/sekisho`];
  const machine = ["run", "--detach", "--name", id, "--privileged", "--systemd=always"];
  await engine.must(...machine, ...options, image, "/sbin/init");
  const open = stack.move();
  const inMachine = (...args: readonly string[]): Promise<string> =>
    engine.must("exec", id, ...args);
  return {
    name: "systemd unit",
    inside,
    outside: () => publishedPorts(engine, id, inside),
    configure: (yaml) => {
      putConfiguration(etc, yaml);
    },
    start: async () => {
      await booted(engine, id);
      for (const step of enable) await inMachine(...step.split(" "));
    },
    reload: async () => {
      await inMachine("systemctl", "reload", "sekisho");
    },
    stop: async () => {
      await inMachine("systemctl", "stop", "sekisho");
      const shown = await inMachine("systemctl", "show", "--property=ExecMainStatus", "sekisho");
      return Number(shown.split("=")[1]);
    },
    crash: async () => {
      await inMachine("systemctl", "kill", "--signal=KILL", "sekisho");
    },
    command: (...args) => engine.run("exec", id, "sekisho", ...args),
    restore: (...args) => engine.run("exec", id, "sekisho", "restore", ...args),
    isHealthy: () => Promise.resolve(true),
    log: () => inMachine("journalctl", "--unit=sekisho", "--output=cat", "--no-pager"),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** All documented steps but those for the service manager, which does not run yet. */
async function build(settings: PlaceSettings, image: string): Promise<void> {
  const steps = documented(heading).filter((step) => !step.startsWith("systemctl"));
  const file = join(settings.folder, "Dockerfile");
  const lines = [
    `FROM ${settings.base}`,
    "COPY . /opt/sekisho",
    `RUN ${steps.join(" && ")}`,
    "RUN install -d -o sekisho -m 0700 /backup",
  ];
  writeFileSync(file, lines.join("\n"));
  const what = ["--tag", image, "--file", file, ...settings.buildArguments];
  await settings.engine.must("build", ...what, checkout);
}

async function booted(engine: Engine, id: string): Promise<void> {
  const until = performance.now() + bootMaxMs;
  for (;;) {
    const { stdout } = await engine.run("exec", id, "systemctl", "is-system-running");
    if (["running", "degraded"].includes(stdout.trim())) return;
    if (performance.now() > until) throw new Error(`the machine does not start: ${stdout}`);
    await after(200);
  }
}
