// Reads the file that says how fast mail goes to which receivers (config/shaping.yaml), as data; delivery/ checks it.
import { parse } from "yaml";

import { ConfigError } from "./config-error.ts";
import { readTextFile, saveAsUtf8 } from "./text-file.ts";

/** The paces that ship with Sekisho. */
export const shapingFile = new URL("../../config/shaping.yaml", import.meta.url).pathname;

/** Throws ConfigError where the file cannot be read or is no YAML. */
export function readShaping(file: string = shapingFile): unknown {
  try {
    const text = readTextFile(file);
    if (text.kind === "ok") return parse(text.value, { maxAliasCount: 0 });
    throw new ConfigError(file, [{ path: "", problem: text.problem, remedy: saveAsUtf8 }]);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const problem = "cannot be read as YAML";
    const remedy = "Restore config/shaping.yaml from the release, or correct it";
    throw new ConfigError(file, [{ path: "", problem, remedy }], { cause: error });
  }
}
