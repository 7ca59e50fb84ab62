// Reads the file that says what remote replies mean (config/replies.yaml), as data; feedback/ checks and uses it.
import { readYamlFile } from "./yaml-file.ts";

/** The table that ships with Sekisho. */
export const repliesFile = new URL("../../config/replies.yaml", import.meta.url).pathname;

/** Throws ConfigError where the file cannot be read or is no YAML. */
export function readReplies(file: string = repliesFile): unknown {
  return readYamlFile(file, "config/replies.yaml");
}
