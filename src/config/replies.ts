// Reads the file that says what remote replies mean (config/replies.yaml), as data; feedback/ checks and uses it.
import { readFileSync } from "node:fs";

import { parse } from "yaml";

import { ConfigError } from "./config-error.ts";

/** The table that ships with Sekisho. */
export const repliesFile = new URL("../../config/replies.yaml", import.meta.url).pathname;

/** Throws ConfigError where the file cannot be read or is no YAML. */
export function readReplies(file: string = repliesFile): unknown {
  try {
    return parse(readFileSync(file, "utf8"), { maxAliasCount: 0 });
  } catch (error) {
    const problem = "cannot be read as YAML";
    const remedy = "Restore config/replies.yaml from the release, or correct it";
    throw new ConfigError(file, [{ path: "", problem, remedy }], { cause: error });
  }
}
