// Does what the Dockerfile says without a container engine: its steps in a fresh folder, then its command as a user without rights.
// run-in-engine.ts does it with one.
//   node scripts/run-image.ts
// Folders of the image lie under a temporary one; user `node` is `nobody` where this runs as root. Ends with 0 where the
// gateway of the image became healthy, took mail, and stopped on the image's stop signal in time.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import { tmpdir } from "node:os";
import { dirname, join, matchesGlob, relative, resolve } from "node:path";

import { dial } from "../test/support/raw-client.ts";

const nobody = 65_534;
const healthyMaxMs = 60_000;
const stopMaxMs = 30_000; // what engines are asked to wait; their own default is 10 s
const source = resolve(import.meta.dirname, "..");
const isRoot = process.getuid?.() === 0;

interface Image {
  readonly folder: string;
  workdir: string;
  user: { readonly uid?: number; readonly gid?: number };
  readonly env: Record<string, string>;
  entrypoint: readonly string[];
  command: readonly string[];
  health: readonly string[];
  stopSignal: NodeJS.Signals;
}

const folder = mkdtempSync(join(tmpdir(), "sekisho-image-"));
chmodSync(folder, 0o755);
try {
  await run(build(folder));
  console.log("the image's steps and command work");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function build(under: string): Image {
  const image: Image = {
    folder: under,
    workdir: under,
    user: {},
    env: { PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`, HOME: under },
    entrypoint: [],
    command: [],
    health: [],
    stopSignal: "SIGTERM",
  };
  mkdirSync(join(under, "usr/local/bin"), { recursive: true }); // as in the image that FROM names
  const text = readFileSync(join(source, "Dockerfile"), "utf8").replaceAll(/\\\n\s*/g, "");
  for (const line of text.split("\n").filter((each) => /^[A-Z]/.test(each))) {
    console.log(line);
    const space = line.indexOf(" ");
    step(image, line.slice(0, space), line.slice(space + 1));
  }
  return image;
}

function step(image: Image, word: string, rest: string): void {
  const at = (path: string): string =>
    path.startsWith("/") ? join(image.folder, path) : join(image.workdir, path);
  switch (word) {
    case "FROM":
      if (!rest.startsWith(`node:${process.versions.node.split(".")[0] ?? ""}-`))
        throw new Error(`the image is ${rest}, this is Node ${process.versions.node}`);
      return;
    case "ENV":
      for (const pair of rest.split(" ")) {
        const [name = "", value = ""] = pair.split("=");
        image.env[name] = value.startsWith("/") ? at(value) : value;
      }
      return;
    case "WORKDIR":
      image.workdir = at(rest);
      mkdirSync(image.workdir, { recursive: true });
      return;
    case "COPY": {
      const paths = rest.split(" ");
      const target = at(paths.at(-1) ?? "");
      for (const path of paths.slice(0, -1)) copy(path, target, paths.length > 2);
      return;
    }
    case "RUN":
      shell(image, rest);
      return;
    case "USER":
      if (isRoot) image.user = { uid: nobody, gid: nobody };
      return;
    case "STOPSIGNAL":
      image.stopSignal = rest as NodeJS.Signals;
      return;
    case "ENTRYPOINT":
      image.entrypoint = (JSON.parse(rest) as string[]).map((each) =>
        each.startsWith("/") ? at(each) : each,
      );
      return;
    case "CMD":
      image.command = JSON.parse(rest) as string[];
      return;
    case "HEALTHCHECK":
      image.health = JSON.parse(rest.slice(rest.indexOf("CMD ") + 4)) as string[];
      return;
    case "VOLUME":
    case "EXPOSE":
      return;
    default:
      throw new Error(`do not know how to do ${word}`);
  }
}

/** As the engine does: a folder's content, or a file into a folder; what .dockerignore names is left out. */
function copy(path: string, target: string, intoFolder: boolean): void {
  const ignored = readFileSync(join(source, ".dockerignore"), "utf8").trim().split("\n");
  const isLeftOut = (file: string): boolean =>
    ignored.some((pattern) => matchesGlob(relative(source, file), pattern));
  if (isLeftOut(join(source, path))) throw new Error(`.dockerignore leaves out ${path}`);
  cpSync(join(source, path), intoFolder ? join(target, path) : target, {
    recursive: true,
    filter: (file) => !isLeftOut(file),
  });
}

function shell(image: Image, line: string): void {
  const owner = isRoot ? `-o ${nobody} -g ${nobody}` : "";
  const here = line
    .replace("-o node -g node", owner)
    .replaceAll(/(?<=\s)\/(?=etc|srv|usr|var)/g, `${image.folder}/`);
  const done = spawnSync("sh", ["-c", here], {
    cwd: image.workdir,
    // This machine's way to the registry, and a cache of its own: the image's step empties it.
    env: {
      ...process.env,
      ...image.env,
      HOME: process.env["HOME"] ?? "",
      npm_config_cache: join(image.folder, ".npm"),
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (done.status !== 0) throw new Error(`failed: ${line}`);
}

async function run(image: Image): Promise<void> {
  // The image listens for the engine to publish it; here it must not be seen from outside, and 8080 may be taken.
  const here = {
    SEKISHO_SMTP_LISTENERS: "[{ host: 127.0.0.1, port: 2587 }]",
    SEKISHO_HTTP_HOST: "127.0.0.1",
    SEKISHO_HTTP_PORT: "18080",
  };
  const env = { ...image.env, ...here };
  const [program = "", ...args] = [...image.entrypoint, ...image.command];
  const child = spawn(program, args, { cwd: image.workdir, env, stdio: "inherit", ...image.user });
  const exit = once(child, "exit") as Promise<[number | null]>;
  try {
    await healthy(image, env);
    const client = await dial(2587);
    if (!(await client.command("EHLO tool.example")).includes("STARTTLS"))
      throw new Error("no STARTTLS is offered at port 2587");
    const secure = await client.startTls();
    if (!(await secure.command("EHLO tool.example")).includes("AUTH PLAIN"))
      throw new Error("no AUTH is offered at port 2587");
    secure.end();
    if (!existsSync(join(image.env["SEKISHO_DATA_DIR"] ?? "", "sekisho.db")))
      throw new Error("the database is not in the image's volume");
  } finally {
    child.kill(image.stopSignal);
  }
  const late = setTimeout(() => {
    child.kill("SIGKILL");
  }, stopMaxMs);
  const [code] = await exit;
  clearTimeout(late);
  if (code !== 0) throw new Error(`ended with ${String(code)}`);
}

/** The image's own health check, until it says yes. */
async function healthy(image: Image, env: Readonly<Record<string, string>>): Promise<void> {
  const [program = "", ...args] = image.health.map((word) => word.replace(":8080/", ":18080/"));
  const until = performance.now() + healthyMaxMs;
  for (;;) {
    const check = spawn(program, args, { cwd: image.workdir, env, stdio: "ignore", ...image.user });
    const [code] = (await once(check, "exit")) as [number | null];
    if (code === 0) return;
    if (performance.now() > until) throw new Error("the health check never said yes");
    await after(500);
  }
}
