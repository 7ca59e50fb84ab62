// Reads the file that says what remote replies mean (config/replies.yaml), as data; feedback/ checks and uses it.
import { parse } from "yaml";

import { ConfigError } from "./config-error.ts";
import { readTextFile, saveAsUtf8 } from "./text-file.ts";

/** The table that ships with Sekisho. */
export const repliesFile = new URL("../../config/replies.yaml", import.meta.url).pathname;

/** Throws ConfigError where the file cannot be read or is no YAML. */
export function readReplies(file: string = repliesFile): unknown {
  try {
    const text = readTextFile(file);
    if (text.kind === "ok") return parse(text.value, { maxAliasCount: 0 });
    throw new ConfigError(file, [{ path: "", problem: text.problem, remedy: saveAsUtf8 }]);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const problem = "cannot be read as YAML";
    const remedy = "Restore config/replies.yaml from the release, or correct it";
    throw new ConfigError(file, [{ path: "", problem, remedy }], { cause: error });
  }
}
