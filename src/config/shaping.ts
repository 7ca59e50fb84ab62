// Reads the file that says how fast mail goes to which receivers (config/shaping.yaml), as data; delivery/ checks it.
import { readYamlFile } from "./yaml-file.ts";

/** The paces that ship with Sekisho. */
export const shapingFile = new URL("../../config/shaping.yaml", import.meta.url).pathname;

/** Throws ConfigError where the file cannot be read or is no YAML. */
export function readShaping(file: string = shapingFile): unknown {
  return readYamlFile(file, "config/shaping.yaml");
}
