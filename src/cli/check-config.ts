// sekisho check-config: reads the configuration and the files it names, and says what is wrong with them, or what it comes to.
import type { Command } from "commander";

import { ConfigError, type ConfigProblem } from "../config/config-error.ts";
import { unusableFiles, type UnusableFile } from "./named-files.ts";
import { configFile, configOf } from "./office.ts";
import { print, tell } from "./output.ts";
import { messageOf } from "./system-error.ts";

export function register(program: Command): void {
  program
    .command("check-config")
    .description("check the configuration and the files it names, and say what is wrong with them")
    .action((_options: object, command: Command) => {
      const config = configOf(command);
      const unusable = unusableFiles(config);
      if (unusable.length > 0) throw new ConfigError(config.file, unusable.map(toProblem));
      if (command.optsWithGlobals<{ json?: boolean }>().json === true)
        print({ ...config, written: undefined });
      else
        tell(
          `${configFile(command)} is good. Senders: ${config.senders.length}, streams: ${config.streams.length}, listeners: ${config.smtp.listeners.length}.`,
        );
    });
}

function toProblem({ path, cause }: UnusableFile): ConfigProblem {
  const [first] = cause instanceof ConfigError ? cause.problems : [];
  return cause instanceof ConfigError && first !== undefined
    ? { ...first, path, problem: `${cause.file} ${first.problem}` }
    : { path, problem: messageOf(cause), remedy: "Mend it, or name another." };
}
