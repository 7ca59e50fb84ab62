// The master key and what is derived from it: one secret to keep, one for each purpose to use.
import { spawnSync } from "node:child_process";
import { createHash, hkdfSync, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

import { ConfigError } from "./config-error.ts";

/** 32 octets each, derived by HKDF-SHA-256 with a label: none tells anything of another. */
export interface Secrets {
  /** Keyed hash of addresses. */
  readonly index: Buffer;
  /** Seals each person's record. */
  readonly seal: Buffer;
  /** Seals message content and envelopes. */
  readonly content: Buffer;
  /** Seals DKIM private keys. */
  readonly dkim: Buffer;
  /** Opt-out tokens. */
  readonly token: Buffer;
  /** Return-path addresses. */
  readonly returnPath: Buffer;
  /** First 8 hexadecimal digits of a hash of the master key: tells two keys apart in the log. */
  readonly fingerprint: string;
}

const keyBytes = 32;
const commandMaxMs = 30_000; // a secret store over the network answers within seconds
const commandOutputMax = 4096;

/**
 * Takes the key from SEKISHO_MASTER_KEY, else from what `command` prints, else from `file`; makes the file (mode 0600) where `create` and neither is
 * there. Throws ConfigError where the key is malformed, missing, or readable by others.
 */
export function loadSecrets(
  file: string,
  options: {
    readonly create: boolean;
    /** Program and arguments; run without a shell. */
    readonly command?: readonly string[];
    readonly environment?: Readonly<Record<string, string | undefined>>;
  },
): Secrets {
  const environment = options.environment ?? process.env;
  const given = environment["SEKISHO_MASTER_KEY"];
  if (given !== undefined) return derive(decode(given, "SEKISHO_MASTER_KEY"));
  const [program, ...args] = options.command ?? [];
  if (program !== undefined) return derive(decode(printed(program, args), "master_key.command"));
  if (!existsSync(file)) {
    if (!options.create) {
      throw new ConfigError(file, [
        {
          path: "master_key.file",
          problem: "does not exist",
          remedy: "Start the gateway once, run sekisho init, or restore the key from its backup.",
        },
      ]);
    }
    createKeyFile(file);
  }
  const mode = statSync(file).mode & 0o077;
  if (process.platform !== "win32" && mode !== 0) {
    throw new ConfigError(file, [
      {
        path: "master_key.file",
        found: `mode ${(statSync(file).mode & 0o777).toString(8)}`,
        problem: "is readable by others",
        remedy: `Run: chmod 600 ${file}`,
      },
    ]);
  }
  return derive(decode(readFileSync(file, "utf8"), file));
}

/** Throws ConfigError where the program cannot be run, fails, or takes too long; what it printed is never shown. */
function printed(program: string, args: readonly string[]): string {
  const run = spawnSync(program, args, {
    encoding: "utf8",
    timeout: commandMaxMs,
    maxBuffer: commandOutputMax,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (run.status === 0) return run.stdout;
  throw new ConfigError(program, [
    {
      path: "master_key.command",
      found: run.error?.message ?? `exit code ${run.status ?? run.signal ?? "unknown"}`,
      problem: "did not print the master key",
      remedy:
        "Run it by hand as the gateway's user; it must print 32 octets in base64 and end with 0.",
    },
  ]);
}

function createKeyFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (process.platform !== "win32") chmodSync(dirname(file), 0o700);
  const handle = openSync(file, "wx", 0o600);
  try {
    writeSync(handle, `${randomBytes(keyBytes).toString("base64")}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function decode(text: string, where: string): Buffer {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== keyBytes || text.trim().length !== 44) {
    throw new ConfigError(where, [
      {
        path: "master_key",
        problem: "is not 32 octets in base64",
        remedy: "Make one with: openssl rand -base64 32",
      },
    ]);
  }
  return key;
}

function derive(master: Buffer): Secrets {
  const sub = (label: string): Buffer =>
    Buffer.from(hkdfSync("sha256", master, "sekisho", label, keyBytes));
  return {
    index: sub("address index"),
    seal: sub("subject seal"),
    content: sub("message content"),
    dkim: sub("dkim keys"),
    token: sub("opt-out tokens"),
    returnPath: sub("return paths"),
    fingerprint: createHash("sha256")
      .update("fingerprint")
      .update(master)
      .digest("hex")
      .slice(0, 8),
  };
}
