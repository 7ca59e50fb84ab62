// Reads the configuration: file → environment laid over it → defaults → schema → cross-checks → Config.
import { dirname, resolve } from "node:path";

import { Value } from "typebox/value";
import { LineCounter, parseDocument, type YAMLParseError } from "yaml";

import type { Parsed } from "../mail/parsed.ts";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import type { Config } from "./config.ts";
import { applyEnvironment } from "./environment.ts";
import { gatewaySchema, type GatewayFile } from "./schema/gateway.ts";
import { schemaProblems } from "./schema-problems.ts";
import { settle } from "./settle.ts";
import { readTextFile, saveAsUtf8 } from "./text-file.ts";

const fileMaxBytes = 4_194_304; // a configuration is written by hand; more is a mistaken path

/** The file of whoever names none: what SEKISHO_CONFIG names, else that of the checkout. */
export function defaultConfigFile(): string {
  return process.env["SEKISHO_CONFIG"] ?? "config/gateway.yaml";
}

/** Throws {@link ConfigError} with every problem found, not only the first. */
export function loadConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const path = resolve(file);
  return parseConfig(readText(path), path, environment);
}

/** As {@link loadConfig}, from text: relative paths start at the folder of `path`. */
export function parseConfig(
  text: string,
  path: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    logLevel: "error",
  } as never);
  if (document.errors.length > 0) {
    throw new ConfigError(
      path,
      document.errors.map((error) => ({
        path: `line ${lines.linePos(error.pos[0]).line}`,
        ...describeYaml(error),
      })),
    );
  }
  const plain = toPlain(document, path);
  if (plain === null) {
    const problem = "is empty: there is no setting in it";
    const remedy = "Write at least version: 1; if it held more once, bring it back from a copy.";
    throw new ConfigError(path, [{ path: "", problem, remedy }]);
  }
  const { value: overlaid, problems } = applyEnvironment(plain, environment);
  const value = Value.Default(gatewaySchema, overlaid);
  const found = [...problems, ...schemaProblems(value)];
  if (found.length > 0) throw new ConfigError(path, found);
  const settled = settle(value as GatewayFile, dirname(path), path);
  if (settled.kind === "bad") throw new ConfigError(path, settled.problems);
  return settled.config;
}

function describeYaml(error: YAMLParseError): Pick<ConfigProblem, "problem" | "remedy"> {
  if (error.code === "MULTIPLE_DOCS")
    return {
      problem: "begins a second document (---)",
      remedy: "Keep all settings in one: take that line out.",
    };
  const problem = error.message.split("\n")[0] ?? "is no YAML";
  return { problem, remedy: "Mend the YAML there." };
}

/** An alias (`*name`) is only found to lead nowhere, or to be one too many, when it is followed. */
function toPlain(document: { readonly toJS: () => unknown }, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : "is no plain YAML";
    const remedy =
      'Quote a value that begins with *, as in "*"; an alias needs its anchor (&) before it, and a hundred of them are too many.';
    throw new ConfigError(path, [{ path: "", problem, remedy }], { cause });
  }
}

function readText(path: string): string {
  const fail = (problem: string, remedy: string, cause?: unknown): never => {
    const found: ConfigProblem = { path: "", problem, remedy };
    throw new ConfigError(path, [found], { cause });
  };
  const read = (): Parsed<string> => {
    try {
      return readTextFile(path);
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      return code === "ENOENT"
        ? fail("does not exist", "Name another with --config, or write one: sekisho init", error)
        : fail(`cannot be read (${code})`, "Let the user who runs this read it.", error);
    }
  };
  const text = read();
  if (text.kind === "bad") return fail(text.problem, saveAsUtf8);
  if (text.value.length > fileMaxBytes) return fail("is larger than 4 MiB", "Name the right file.");
  return text.value;
}
