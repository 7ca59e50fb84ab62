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
  rmSync,
  statSync,
  writeFileSync,
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
  /** First 8 hexadecimal digits of a hash of the master key: tells two keys apart, in the log and beside what is sealed. */
  readonly fingerprint: string;
  /** Where the master key came from: a file's path, or the name of what gave it. */
  readonly source: string;
}

/** What is sealed with a master key already. */
export interface SealedData {
  readonly path: string;
  readonly fingerprint: () => string | undefined;
}

const keyBytes = 32;
const commandMaxMs = 30_000; // a secret store over the network answers within seconds
const commandOutputMax = 4096;

/**
 * Takes the key from SEKISHO_MASTER_KEY, else from what `command` prints, else from `file`; makes the file (mode 0600)
 * where neither is there, nor anything that is `sealed` already. Throws ConfigError where the key is malformed, missing, or
 * readable by others.
 */
export function loadSecrets(
  file: string,
  options: {
    readonly sealed?: SealedData | undefined;
    /** Program and arguments; run without a shell. */
    readonly command?: readonly string[];
    readonly environment?: Readonly<Record<string, string | undefined>>;
  },
): Secrets {
  const environment = options.environment ?? process.env;
  const given = environment["SEKISHO_MASTER_KEY"];
  if (given !== undefined) return derive(given, "SEKISHO_MASTER_KEY");
  const [program, ...args] = options.command ?? [];
  if (program !== undefined) return derive(printed(program, args), "master_key.command");
  if (!existsSync(file)) {
    if (options.sealed !== undefined) throw missingKey(file, options.sealed);
    createKeyFile(file);
  }
  const found = statSync(file);
  if (found.isDirectory()) {
    throw new ConfigError(file, [
      {
        path: "master_key.file",
        problem: "is a folder",
        remedy: "Name the file that holds the master key, or is to hold it.",
      },
    ]);
  }
  const mode = found.mode & 0o077;
  if (process.platform !== "win32" && mode !== 0) {
    throw new ConfigError(file, [
      {
        path: "master_key.file",
        found: `mode ${(found.mode & 0o777).toString(8)}`,
        problem: "is readable by others",
        remedy: `Run: chmod 600 ${file}`,
      },
    ]);
  }
  return derive(readFileSync(file, "utf8"), file);
}

/**
 * Reads the key where one is there already and no program has to be asked for it: makes and runs nothing. Throws as
 * {@link loadSecrets} does.
 */
export function checkSecrets(
  file: string,
  command: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): void {
  const isGiven = environment["SEKISHO_MASTER_KEY"] !== undefined;
  if (isGiven || (command.length === 0 && existsSync(file))) loadSecrets(file, { environment });
}

/** A new key would open nothing, and answer for nobody who is on record: none is made beside data that are there. */
function missingKey(file: string, { path, fingerprint }: SealedData): ConfigError {
  const expected = fingerprint();
  const which = expected === undefined ? "" : ` with fingerprint ${expected}`;
  return new ConfigError(file, [
    {
      path: "master_key.file",
      problem: `does not exist, and ${path} is sealed with it`,
      remedy: `Put the key${which} back from where it is kept apart from the data, or give it by SEKISHO_MASTER_KEY or master_key.command; no other opens what is there.`,
    },
  ]);
}

/** `expected` is absent where `database` does not tell, but what is sealed in it does not open. */
export function otherMasterKey(
  secrets: Secrets,
  database: string,
  expected: string | undefined,
): ConfigError {
  const which = expected === undefined ? "that it is sealed with" : `with fingerprint ${expected}`;
  return new ConfigError(secrets.source, [
    {
      path: "master_key",
      found: `fingerprint ${secrets.fingerprint}`,
      problem:
        expected === undefined
          ? `opens nothing of what is sealed in ${database}: that is the work of another master key`
          : `is not the master key of ${database}, which has fingerprint ${expected}`,
      remedy: `Put the key ${which} back from where it is kept apart from the data. Nothing was changed.`,
    },
  ]);
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
    writeFileSync(handle, `${randomBytes(keyBytes).toString("base64")}\n`);
    fsyncSync(handle);
  } catch (error) {
    rmSync(file, { force: true }); // a part of a key, on a full disk, would stop every later start
    throw error;
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
        remedy:
          "Put the key back from where it is kept apart from the data; where nothing is sealed yet, make one with: openssl rand -base64 32",
      },
    ]);
  }
  return key;
}

function derive(text: string, source: string): Secrets {
  const master = decode(text, source);
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
    source,
  };
}
