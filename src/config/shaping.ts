// Reads the file that says how fast mail goes to which receivers (config/shaping.yaml), as data; delivery/ checks it.
import { readFileSync } from "node:fs";

import { parse } from "yaml";

import { ConfigError } from "./config-error.ts";

/** The paces that ship with Sekisho. */
export const shapingFile = new URL("../../config/shaping.yaml", import.meta.url).pathname;

/** Throws ConfigError where the file cannot be read or is no YAML. */
export function readShaping(file: string = shapingFile): unknown {
  try {
    return parse(readFileSync(file, "utf8"), { maxAliasCount: 0 });
  } catch (error) {
    const problem = "cannot be read as YAML";
    const remedy = "Restore config/shaping.yaml from the release, or correct it";
    throw new ConfigError(file, [{ path: "", problem, remedy }], { cause: error });
  }
}
