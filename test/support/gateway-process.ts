// A gateway in a process of its own, as `npm start` runs it, and commands beside it: for journeys that kill and restart.
// gateway-here.ts has one inside the test's own process, on the same workplace.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import manifest from "../../package.json" with { type: "json" };
import type { UnixUser } from "./nobody.ts";

const root = resolve(import.meta.dirname, "../..");
const main = join(root, "src/main.ts");
const startDeadlineMs = 30_000;
/** Those of `npm start`: docs/operations.md says what they are for. */
export const engineFlags: readonly string[] = manifest.scripts.start
  .split(" ")
  .filter((word) => /^--(?!config$)/.test(word));

export interface Workplace extends Disposable {
  readonly folder: string;
  readonly configFile: string;
}

export interface WorkplaceOptions {
  /** Further keys of the one stream (newsletter), as in `placeholder: true` … */
  readonly ofStream?: readonly string[];
  /** … or other streams in its place, each as YAML: `{ id: receipts, sender: sample, … }`. */
  readonly streams?: readonly string[];
  /** Whether a key signs only once its record is seen in DNS. */
  readonly requirePublished?: boolean;
}

/** A configuration of one sender (example.jp) and one stream (newsletter); `more` is YAML. */
export function workplaceYaml(more: string, options: WorkplaceOptions = {}): string {
  const { ofStream = [], requirePublished = false } = options;
  const streams = options.streams ?? [
    `{ id: newsletter, sender: sample, class: marketing, topic: news, rules: [jp], on_violation: refuse${ofStream.map((key) => `, ${key}`).join("")} }`,
  ];
  return `
version: 1
hostname: gw.example.jp
senders:
  - id: sample
    legal:
      names: ["株式会社サンプル商事"]
      addresses: ["〒999-9999 東京都架空区見本町1-2-3"]
      contacts: ["03-0000-0000", "support@example.jp"]
      opt_out_hosts: [u.example.jp]
    domains: [example.jp]
streams:
${streams.map((stream) => `  - ${stream}`).join("\n")}
dkim: { require_published: ${requirePublished} }
${more}`;
}

/** A temporary folder with that configuration. */
export function createWorkplace(more: string, options: WorkplaceOptions = {}): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "sekisho-test-"));
  const configFile = join(folder, "gateway.yaml");
  writeFileSync(configFile, workplaceYaml(more, options));
  return {
    folder,
    configFile,
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface GatewayProcess {
  readonly child: ChildProcess;
  readonly smtpPorts: readonly number[];
  readonly httpPort: number;
  /** Lines of the log so far. */
  readonly log: readonly string[];
  /** Ends it by that signal and resolves to the exit code; null where the signal ended it. */
  readonly stop: (signal: NodeJS.Signals) => Promise<number | null>;
}

/**
 * Starts `serve` and resolves once it listens. Rejects with the log where it ends before. `env`: beside this process's;
 * `program`: another copy of main.ts; `user`: in place of this process's.
 */
export async function startGatewayProcess(
  configFile: string,
  env: Readonly<Record<string, string>> = {},
  program = main,
  user: UnixUser = {},
): Promise<GatewayProcess> {
  const child = spawn(
    process.execPath,
    [...engineFlags, program, "serve", "--config", configFile],
    {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...env },
      ...user,
    },
  );
  const log: string[] = [];
  const exited = once(child, "exit") as Promise<[number | null]>;
  const ports = await new Promise<{ readonly smtp: readonly number[]; readonly http: number }>(
    (done, fail) => {
      const timer = setTimeout(() => {
        child.kill("SIGKILL"); // Nobody gets hold of it to end it.
        fail(new Error(`the gateway did not start in time:\n${log.join("\n")}`));
      }, startDeadlineMs);
      createInterface({ input: child.stderr }).on("line", (line) => {
        log.push(line);
        if (!line.includes('"gateway started"')) return;
        clearTimeout(timer);
        const { smtpPorts, httpPort } = JSON.parse(line) as {
          smtpPorts: number[];
          httpPort: number;
        };
        done({ smtp: smtpPorts, http: httpPort });
      });
      void exited.then(([code]) => {
        clearTimeout(timer);
        fail(new Error(`the gateway ended with ${String(code)}:\n${log.join("\n")}`));
      });
    },
  );
  return {
    child,
    smtpPorts: ports.smtp,
    httpPort: ports.http,
    log,
    stop: async (signal) => {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

/** Errors of a log, but for how late a machine with other work made the gateway (threats.md row 69). */
export function errorsIn(log: readonly string[]): readonly string[] {
  return log.filter(
    (line) =>
      /"level":"(?:error|fatal)"/.test(line) && !line.includes("the event loop was held up"),
  );
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON, one value a line. */
  readonly json: () => readonly Record<string, unknown>[];
}

/** Runs `sekisho …` to its end. */
export function sekisho(configFile: string, ...args: readonly string[]): Promise<CommandResult> {
  return runProgram(main, configFile, ...args);
}

/** As {@link sekisho}, by another copy of main.ts. */
export async function runProgram(
  program: string,
  configFile: string,
  ...args: readonly string[]
): Promise<CommandResult> {
  const child = spawn(process.execPath, [program, ...args, "--config", configFile], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => void out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => void err.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  const stdout = Buffer.concat(out).toString();
  return {
    code: code ?? -1,
    stdout,
    stderr: Buffer.concat(err).toString(),
    json: () =>
      stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

/** One consent of taro@example.com to the newsletter of {@link createWorkplace}. */
export async function giveConsent(configFile: string): Promise<void> {
  const about = "--sender sample --topic news --basis consent --method web-form";
  const result = await sekisho(
    configFile,
    ...`consent add --email taro@example.com ${about} --source https://www.example.jp/`.split(" "),
  );
  if (result.code !== 0) throw new Error(result.stderr);
}
