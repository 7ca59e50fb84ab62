// Reads a YAML file that ships with Sekisho and may be replaced by the operator's own, as data.
import { parse } from "yaml";

import type { Parsed } from "../mail/parsed.ts";
import { ConfigError } from "./config-error.ts";
import { readTextFile, saveAsUtf8 } from "./text-file.ts";

/** Throws ConfigError where the file cannot be read, is no UTF-8 or no YAML. `name`: where the release has it. */
export function readYamlFile(file: string, name: string): unknown {
  const refusal = (problem: string, remedy: string, cause?: unknown): ConfigError =>
    new ConfigError(file, [{ path: "", problem, remedy }], { cause });
  let text: Parsed<string>;
  try {
    text = readTextFile(file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const problem = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    const remedy = `Name a file that the gateway's user may read, or restore ${name} from the release`;
    throw refusal(problem, remedy, error);
  }
  if (text.kind === "bad") throw refusal(text.problem, saveAsUtf8);
  try {
    return parse(text.value, { maxAliasCount: 0 });
  } catch (error) {
    throw refusal(
      "cannot be read as YAML",
      `Correct it, or restore ${name} from the release`,
      error,
    );
  }
}
