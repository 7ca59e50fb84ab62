// Reads a YAML file that ships with Sekisho and may be replaced by the operator's own, as data.
import { parse } from "yaml";

import { ConfigError } from "./config-error.ts";
import { readTextFile, saveAsUtf8 } from "./text-file.ts";

/** Throws ConfigError where the file cannot be read, is no UTF-8 or no YAML. `name`: where the release has it. */
export function readYamlFile(file: string, name: string): unknown {
  try {
    const text = readTextFile(file);
    if (text.kind === "ok") return parse(text.value, { maxAliasCount: 0 });
    throw new ConfigError(file, [{ path: "", problem: text.problem, remedy: saveAsUtf8 }]);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const problem = "cannot be read as YAML";
    const remedy = `Restore ${name} from the release, or correct it`;
    throw new ConfigError(file, [{ path: "", problem, remedy }], { cause: error });
  }
}
