// Podman as the journeys in an engine use it: with what this machine lets it do, on 127.0.0.1, and with nothing left behind.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";

/** Of the listeners of one gateway. */
export interface Ports {
  readonly submission: number;
  readonly implicit: number;
  readonly http: number;
}

export interface Done {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const commandMaxMs = 600_000; // the slowest is the image's `npm ci`
const outputMaxBytes = 67_108_864;
const saidMaxCharacters = 4000; // of a failure: the end tells why

/** Resolves when the program has ended; this process goes on meanwhile, since its receiver may be what is waited for. */
export function run(program: string, args: readonly string[]): Promise<Done> {
  const options = { timeout: commandMaxMs, maxBuffer: outputMaxBytes };
  return new Promise((resolve) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      // Without an exit code it was not found, or was ended by a signal.
      const why = child.exitCode === null ? (error?.message ?? "") : "";
      resolve({ code: child.exitCode, stdout, stderr: stderr + why });
    });
    child.stdin?.end();
  });
}

/** As {@link run}; rejects with what it wrote unless it ended with 0. */
export async function must(program: string, args: readonly string[]): Promise<string> {
  const done = await run(program, args);
  if (done.code !== 0) {
    const said = (done.stdout + done.stderr).slice(-saidMaxCharacters);
    throw new Error(`${[program, ...args].join(" ")} ended with ${String(done.code)}:\n${said}`);
  }
  return done.stdout;
}

export interface Engine {
  readonly run: (...args: readonly string[]) => Promise<Done>;
  /** Rejects with what it wrote unless it ended with 0. */
  readonly must: (...args: readonly string[]) => Promise<string>;
  /** Further arguments of `run` for a container that mail goes through: it reaches 127.0.0.1 of this machine at {@link hostAddress}. */
  readonly runArguments: readonly string[];
}

/** Where a container finds the machine's 127.0.0.1; slirp4netns(1). */
export const hostAddress = "10.0.2.2";

// Networking in user space: no bridge, no firewall rule. Limits below those of most machines, which not everybody may raise.
const runArguments = [
  "--network=slirp4netns:allow_host_loopback=true",
  "--ulimit=nofile=16384:16384",
  "--ulimit=nproc=4096:4096",
];

/** Podman with the first of the usual runtimes that runs `image`; undefined where none does. */
export async function findEngine(image: string): Promise<Engine | undefined> {
  for (const runtime of [[], ["--runtime=runc"], ["--runtime=crun"]]) {
    const engine: Engine = {
      run: (...args) => run("podman", [...runtime, ...args]),
      must: (...args) => must("podman", [...runtime, ...args]),
      runArguments,
    };
    const { code } = await engine.run("run", "--rm", ...runArguments, image, "true");
    if (code === 0) return engine;
  }
  return undefined;
}

/** The ports of 127.0.0.1 at which those of a container are published. */
export async function publishedPorts(engine: Engine, id: string, inside: Ports): Promise<Ports> {
  return {
    submission: await publishedPort(engine, id, inside.submission),
    implicit: await publishedPort(engine, id, inside.implicit),
    http: await publishedPort(engine, id, inside.http),
  };
}

export async function publishedPort(engine: Engine, id: string, port: number): Promise<number> {
  return Number((await engine.must("port", id, String(port))).trim().split(":").at(-1));
}

/** Arguments of `build` by which npm reaches its registry as on this machine; nothing of them stays in the image. */
export async function npmArguments(folder: string): Promise<readonly string[]> {
  const settings: string[] = [];
  for (const name of ["registry", "https-proxy", "proxy", "noproxy"]) {
    const value = await npmSetting(name);
    if (value !== undefined) settings.push(`${name}=${value}`);
  }
  const own = (await npmSetting("cafile")) ?? process.env["NODE_EXTRA_CA_CERTS"];
  const authorities = join(folder, "authorities.pem");
  writeFileSync(
    authorities,
    [...rootCertificates, own === undefined ? "" : readFileSync(own, "utf8")].join("\n"),
  );
  const npmrc = join(folder, "npmrc");
  writeFileSync(npmrc, [...settings, "cafile=/root/authorities.pem", ""].join("\n"));
  return [
    "--network=host",
    `--volume=${npmrc}:/root/.npmrc:ro`,
    `--volume=${authorities}:/root/authorities.pem:ro`,
  ];
}

async function npmSetting(name: string): Promise<string | undefined> {
  const value = (await must("npm", ["config", "get", name])).trim();
  return ["", "null", "undefined"].includes(value) ? undefined : value;
}
